"""Many people edit one playlist at once, each on an instance of their own."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
import pytest

from shared.snapshots import version_of
from tests.integration.functions.library.conftest import Instance
from tests.unit.functions.library.harness import TRACKS, uris

WRITERS = 10
EDITS = 50
TRIES = 5
# Within what one person may ask.
READS_A_SECOND = 20


class Accepted(NamedTuple):
    """An edit that was answered with a snapshot: what was asked for, and which version it made."""

    version: int
    method: str
    body: dict[str, Any]


def replayed(edits: Sequence[Accepted]) -> list[str]:
    """The list after the edits, one after the other, on a plain list."""
    order: list[str] = []
    for _, method, body in sorted(edits, key=lambda each: each.version):
        if method == "POST":
            at = body.get("position", len(order))
            order[at:at] = [uri.rpartition(":")[2] for uri in body["uris"]]
        elif method == "DELETE":
            gone = {each["uri"].rpartition(":")[2] for each in body["items"]}
            order = [id for id in order if id not in gone]
        else:
            start, before, length = body["range_start"], body["insert_before"], body["range_length"]
            moved = order[start : start + length]
            rest = order[:start] + order[start + length :]
            at = before if before <= start else max(start, before - length)
            order = rest[:at] + moved + rest[at:]
    return order


class Writer:
    """Edits at random; a third of the requests are sent twice, some of them at once."""

    def __init__(self, client: httpx.AsyncClient, path: str, name: int) -> None:
        self.client = client
        self.path = path
        self.random = random.Random(name)
        self.name = name
        self.accepted: list[Accepted] = []
        self.retries = 0

    async def write(self) -> None:
        for at in range(EDITS):
            method, body = self._edit()
            key = {"Idempotency-Key": f"{self.name}-{at}"}
            times = self.random.choice([1, 1, 2])
            together = self.random.random() < 0.5
            sends = [self._send(method, body, key) for _ in range(times)]
            answers = await asyncio.gather(*sends) if together else [await send for send in sends]
            self.retries += times - 1
            self._note(method, body, answers)

    async def _send(self, method: str, body: dict[str, Any], key: dict[str, str]) -> httpx.Response:
        """Sent again, as clients do, where too many others were first."""
        for _ in range(TRIES):
            answer = await self.client.request(method, self.path, json=body, headers=key)
            if answer.status_code != 503:
                break
        return answer

    def _edit(self) -> tuple[str, dict[str, Any]]:
        match self.random.choice(["add", "add", "insert", "insert", "remove", "reorder"]):
            case "add":
                return "POST", {"uris": uris(self.random.choices(TRACKS, k=3))}
            case "insert":
                return "POST", {"uris": uris(self.random.choices(TRACKS, k=2)), "position": 0}
            case "remove":
                [gone] = uris(self.random.choices(TRACKS, k=1))
                return "DELETE", {"items": [{"uri": gone}]}
            case _:
                body = {
                    "range_start": self.random.randrange(60),
                    "insert_before": self.random.randrange(60),
                    "range_length": self.random.randint(1, 20),
                }
                return "PUT", body

    def _note(self, method: str, body: dict[str, Any], answers: Sequence[httpx.Response]) -> None:
        made = set()
        for answer in answers:
            if answer.status_code == 400:
                # The playlist was too short for it just then.
                assert method == "PUT", answer.text
                continue
            assert answer.status_code in {200, 201}, answer.text
            playlist_id = self.path.split("/")[3]
            made.add(version_of(playlist_id, answer.json()["snapshot_id"]))
        assert len(made) <= 1
        self.accepted += (Accepted(version, method, body) for version in made)


async def read(client: httpx.AsyncClient, path: str) -> list[str]:
    found: list[str] = []
    while True:
        answer = await client.get(f"{path}?limit=100&offset={len(found)}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += (item["track"]["id"] for item in page["items"])
        if page["next"] is None:
            return found


async def test_the_end_is_some_serial_order_of_all_that_was_accepted(instance: Instance) -> None:
    owner = instance("owner")
    body = {"name": "Ours", "public": False, "collaborative": True}
    made = (await owner.post("/v1/me/playlists", json=body)).json()
    path = f"/v1/playlists/{made['id']}/items"
    writers = [Writer(instance(f"writer{name}"), path, name) for name in range(WRITERS)]
    reading = asyncio.create_task(_read_all_the_while(owner, path))
    await asyncio.gather(*(writer.write() for writer in writers))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    accepted = [each for writer in writers for each in writer.accepted]
    versions = [each.version for each in accepted]
    assert len(set(versions)) == len(versions)
    assert sorted(versions) == list(range(2, len(versions) + 2))
    assert len(accepted) > WRITERS * EDITS * 0.8
    assert sum(writer.retries for writer in writers) > WRITERS
    assert await read(owner, path) == replayed(accepted)


async def _read_all_the_while(client: httpx.AsyncClient, path: str) -> None:
    while True:
        answer = await client.get(f"{path}?limit=100")
        assert answer.status_code == 200
        page = answer.json()
        assert len(page["items"]) == min(100, page["total"])
        await asyncio.sleep(1 / READS_A_SECOND)


@pytest.mark.parametrize("instances", [1, 4])
async def test_saving_at_once_saves_all_once(instance: Instance, instances: int) -> None:
    clients = [instance("anna") for _ in range(instances)]
    parts = [TRACKS[at : at + 20] for at in range(0, 200, 10)]
    answers = await asyncio.gather(
        *(clients[at % instances].put("/v1/me/tracks", json=part) for at, part in enumerate(parts))
    )
    assert {answer.status_code for answer in answers} == {200}
    page = (await clients[0].get("/v1/me/tracks?limit=50")).json()
    seen: list[str] = []
    while page:
        seen += (item["track"]["id"] for item in page["items"])
        page = (await clients[0].get(page["next"])).json() if page["next"] else None
    assert sorted(seen) == sorted(TRACKS[:210])


async def test_followers_at_once_are_each_counted_once(instance: Instance) -> None:
    made = (await instance("owner").post("/v1/me/playlists", json={"name": "x"})).json()
    path = f"/v1/playlists/{made['id']}/followers"
    fans = [instance(f"fan{at}") for at in range(12)]
    await asyncio.gather(*(fan.put(path) for fan in fans for _ in range(2)))
    await asyncio.gather(*(fan.delete(path) for fan in fans[:4] for _ in range(2)))
    found = (await instance("owner").get(f"/v1/playlists/{made['id']}")).json()
    assert found["followers"]["total"] == 8
