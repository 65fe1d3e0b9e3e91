import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from functions.accounts.audit import Tag
from functions.accounts.privacy.exports import LIFETIME, MOST_ATTEMPTS, Status
from functions.accounts.privacy.files import ExportsBucket
from shared import ids
from shared.errors import NotFound
from tests.integration.functions.accounts.plans.world import URL, bearer
from tests.integration.functions.accounts.privacy.world import World


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        client.headers.update(bearer("anna"))
        yield client


async def download(client: httpx.AsyncClient, url: str) -> httpx.Response:
    return await client.get(url.removeprefix(URL), headers={"Authorization": ""})


async def exported(client: httpx.AsyncClient) -> dict[str, Any]:
    """Asks for an export, and waits for it as a client does."""
    asked = await client.post("/v1/me/export")
    assert asked.status_code in {200, 202}, asked.text
    answer: dict[str, Any] = (await client.get(f"/v1/me/export/{asked.json()['id']}")).json()
    assert answer["status"] == "ready"
    return answer


async def test_everything_about_a_person_and_nothing_about_others(
    world: World, client: httpx.AsyncClient
) -> None:
    answer = await download(client, (await exported(client))["download_url"])
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    [person] = json.loads(files["accounts/users.json"])
    assert person["email"] == "anna@example.com"
    for table in ("subscriptions", "payment_accounts", "sessions", "apps", "grants", "audit_events",
                  "token_families", "device_codes", "family_invitations"):  # fmt: skip
        assert json.loads(files[f"accounts/{table}.json"]), table
    assert json.loads(files["media/uploads.json"]) == [{"id": "u", "owner": "anna"}]
    everything = "".join(files.values())
    assert "ben" not in everything
    assert "SECRET" not in everything


async def test_a_link_is_signed_and_short_lived(world: World, client: httpx.AsyncClient) -> None:
    url = (await exported(client))["download_url"]
    assert (await download(client, url)).status_code == 200
    assert (await download(client, url[:-1])).status_code == 404
    assert (await download(client, url.split("?")[0])).status_code == 404
    world.clock.move(minutes=11)
    assert (await download(client, url)).status_code == 404


async def test_a_new_link_until_the_archive_expires(
    world: World, client: httpx.AsyncClient
) -> None:
    export = await exported(client)
    path = f"/v1/me/export/{export['id']}"
    world.clock.move(days=6)
    again = (await client.get(path)).json()
    assert (await download(client, again["download_url"])).status_code == 200
    world.clock.move(days=1)
    assert (await client.get(path)).status_code == 404
    assert (await world.tick())["exports_expired"] == 1
    assert world.files.kept == {}
    assert LIFETIME.days == 7


async def test_others_see_nothing_of_it(client: httpx.AsyncClient) -> None:
    export = await exported(client)
    answer = await client.get(f"/v1/me/export/{export['id']}", headers=bearer("ben"))
    assert answer.status_code == 404


@pytest.mark.parametrize("id", ["x", "%00", "'%20OR%201=1", "..%2F..", "<b>", "0" * 22])
async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient, id: str) -> None:
    assert (await client.get(f"/v1/me/export/{id}")).status_code == 404
    assert (await client.get(f"/v1/me/export/{id}/download?expires=1")).status_code == 404


async def test_asking_at_once_makes_one_archive(world: World, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/v1/me/export") for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(world.files.kept) == 1
    assert (await world.tags()).count(Tag.export_asked) == 1


async def test_it_is_made_after_the_answer(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/me/export")
    assert (answer.status_code, answer.json()["status"]) == (202, "collecting")
    assert "download_url" not in answer.json()
    assert answer.headers["Location"] == f"/v1/me/export/{answer.json()['id']}"

    fresh = await client.post("/v1/me/export")
    assert (fresh.status_code, fresh.json()["id"]) == (200, answer.json()["id"])
    assert fresh.json()["status"] == "ready"


async def test_half_an_export_is_none_until_the_tick_makes_it(
    world: World, client: httpx.AsyncClient
) -> None:
    world.source.away = True
    export = (await client.post("/v1/me/export")).json()
    assert world.files.kept == {}
    path = f"/v1/me/export/{export['id']}"
    assert (await client.get(path)).json()["status"] == "collecting"
    world.source.away = False
    assert (await world.tick())["exports_made"] == 0, "whoever was asked may be at it"
    world.clock.move(minutes=1)
    assert (await world.tick())["exports_made"] == 1
    assert (await client.get(path)).json()["status"] == "ready"
    assert (await world.tick())["exports_made"] == 0


async def test_an_owner_who_never_answers(world: World, client: httpx.AsyncClient) -> None:
    world.source.away = True
    export = (await client.post("/v1/me/export")).json()
    for _ in range(MOST_ATTEMPTS):
        world.clock.move(minutes=10)
        await world.tick()
    path = f"/v1/me/export/{export['id']}"
    assert (await client.get(path)).json()["status"] == "failed"
    world.source.away = False
    assert (await world.tick())["exports_made"] == 0
    world.clock.move(hours=1)
    again = await exported(client)
    assert again["id"] != export["id"]


async def test_a_crash_half_way_is_taken_up(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(user_id: str) -> dict[str, list[Any]]:
        raise asyncio.CancelledError

    asked = await world.exports.ask("anna")
    with monkeypatch.context() as patch:
        patch.setattr(world.source, "collect", never)
        with pytest.raises(asyncio.CancelledError):
            await world.exports.make(asked.id)
    world.clock.move(minutes=5)
    assert (await world.tick())["exports_made"] == 0, "its lease has not run out"
    world.clock.move(minutes=6)
    assert (await world.tick())["exports_made"] == 1
    assert (await world.exports.get("anna", asked.id)).status is Status.ready


async def test_two_who_make_it_at_once(world: World) -> None:
    asked = await world.exports.ask("anna")
    done = await asyncio.gather(*(world.exports.make(asked.id) for _ in range(4)))

    assert sorted(done) == [False, False, False, True]
    assert list(world.files.kept) == [asked.id]


async def test_an_erasure_in_the_middle_leaves_no_archive(world: World) -> None:
    put = world.files.put

    async def erased_meanwhile(export_id: str, archive: bytes) -> None:
        await world.erasures.ask("anna")
        await put(export_id, archive)

    world.files.put = erased_meanwhile  # type: ignore[method-assign]
    asked = await world.exports.ask("anna")

    assert await world.exports.make(asked.id) is False
    assert world.files.kept == {}
    with pytest.raises(NotFound):
        await world.exports.ask("anna")


async def test_an_archive_lies_in_cloud_storage(storage_emulator: str, project: str) -> None:
    from google.cloud.storage import Client

    bucket = f"{project}-exports-test"
    Client(project=project).create_bucket(bucket)
    files = ExportsBucket(project, bucket)
    archive = ids.random().encode() * 50_000
    await files.put("one", archive)
    assert b"".join([chunk async for chunk in files.read("one")]) == archive
    await files.delete("one")
    await files.delete("one")
    with pytest.raises(NotFound):
        [chunk async for chunk in files.read("one")]
