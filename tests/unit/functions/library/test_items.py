import asyncio
import random
from typing import Any

import pytest
from starlette.testclient import TestClient

from shared import ids
from tests.unit.functions.library.harness import (
    TRACKS,
    UNKNOWN,
    Harness,
    add,
    items,
    new_playlist,
    ok,
    refused,
    uris,
)

A, B, C, D, E = TRACKS[:5]


@pytest.fixture
def library() -> Harness:
    return Harness()


@pytest.fixture
def client(library: Harness) -> TestClient:
    return library.client()


def change(client: TestClient, method: str, playlist_id: str, **body: Any) -> str:
    path = f"/v1/playlists/{playlist_id}/items"
    snapshot: str = ok(client.request(method, path, json=body))["snapshot_id"]
    return snapshot


def snapshot_of(client: TestClient, playlist_id: str) -> str:
    found: str = ok(client.get(f"/v1/playlists/{playlist_id}?fields=snapshot_id"))["snapshot_id"]
    return found


@pytest.mark.parametrize("name", ["items", "tracks"])
def test_items_are_added(client: TestClient, name: str) -> None:
    playlist_id = new_playlist(client)
    path = f"/v1/playlists/{playlist_id}/{name}"
    ok(client.post(path, json={"uris": uris([A, B])}), 201)
    ok(client.post(path, json=uris([C]), params={"position": 1}), 201)
    ok(client.post(path, params={"uris": ",".join(uris([D, D])), "position": 0}), 201)
    last = ok(client.post(path, json={"uris": uris([E]), "position": 2}), 201)
    assert items(client, playlist_id) == [D, D, E, A, C, B]
    assert last["snapshot_id"] == snapshot_of(client, playlist_id)


def test_items_are_replaced(client: TestClient) -> None:
    playlist_id = new_playlist(client, TRACKS[:20])
    change(client, "PUT", playlist_id, uris=uris([C, B]))
    assert items(client, playlist_id) == [C, B]
    path = f"/v1/playlists/{playlist_id}/tracks"
    ok(client.put(path, params={"uris": ",".join(uris([A]))}))
    assert items(client, playlist_id) == [A]
    ok(client.put(path, json={"uris": []}))
    assert items(client, playlist_id) == []
    ok(client.put(path, params={"uris": ""}))


def test_items_are_reordered(client: TestClient) -> None:
    playlist_id = new_playlist(client, [A, B, C, D])
    change(client, "PUT", playlist_id, range_start=0, insert_before=4)
    assert items(client, playlist_id) == [B, C, D, A]
    change(client, "PUT", playlist_id, range_start=2, insert_before=0, range_length=2)
    assert items(client, playlist_id) == [D, A, B, C]


def test_items_are_removed(client: TestClient) -> None:
    playlist_id = new_playlist(client, [A, B, A, C, A])
    change(client, "DELETE", playlist_id, items=[{"uri": uris([A])[0], "positions": [2]}])
    assert items(client, playlist_id) == [A, B, C, A]
    change(client, "DELETE", playlist_id, tracks=[{"uri": each} for each in uris([A, C, E])])
    assert items(client, playlist_id) == [B]


def test_a_snapshot_that_is_out_of_date_still_means_its_items(client: TestClient) -> None:
    playlist_id = new_playlist(client)
    seen = add(client, playlist_id, [A, B, C])
    add(client, playlist_id, [D, E], position=0)
    removed = [{"uri": uris([B])[0], "positions": [1]}]
    change(client, "DELETE", playlist_id, items=removed, snapshot_id=seen)
    assert items(client, playlist_id) == [D, E, A, C]
    # Somebody else has removed it already: the same once more changes nothing.
    change(client, "DELETE", playlist_id, items=removed, snapshot_id=seen)
    assert items(client, playlist_id) == [D, E, A, C]
    change(client, "PUT", playlist_id, range_start=2, insert_before=0, snapshot_id=seen)
    assert items(client, playlist_id) == [C, D, E, A]


def test_unknown_snapshots_are_refused(client: TestClient) -> None:
    playlist_id = new_playlist(client, [A, B])
    other = snapshot_of(client, new_playlist(client))
    path = f"/v1/playlists/{playlist_id}/items"
    for snapshot in ("AAAA", other, "nonsense"):
        body = {"range_start": 0, "insert_before": 2, "snapshot_id": snapshot}
        refused(client.put(path, json=body), 400, "snapshot_id")
    seen = snapshot_of(client, playlist_id)
    for _ in range(129):
        change(client, "PUT", playlist_id, range_start=0, insert_before=2)
    body = {"range_start": 0, "insert_before": 2, "snapshot_id": seen}
    refused(client.put(path, json=body), 409, "too old")


@pytest.mark.parametrize(
    ("method", "body", "message"),
    [
        ("POST", {}, "uris"),
        ("POST", {"uris": []}, "uris"),
        ("POST", {"uris": "x"}, "array"),
        ("POST", {"uris": ["x"]}, "uris"),
        ("POST", {"uris": [f"spotify:track:{UNKNOWN}"]}, "non-existing"),
        ("POST", {"uris": [f"spotify:episode:{UNKNOWN}"]}, "only tracks"),
        ("POST", {"uris": ["spotify:local:a:b:c:1"]}, "local"),
        ("POST", {"uris": uris([A] * 101)}, "at most 100"),
        ("POST", {"uris": uris([A]), "position": 9}, "position"),
        ("POST", {"uris": uris([A]), "position": -1}, "position"),
        ("PUT", {}, "range_start"),
        ("PUT", {"range_start": 0}, "insert_before"),
        ("PUT", {"range_start": 0, "insert_before": 0, "uris": []}, "range_start"),
        ("PUT", {"range_start": 5, "insert_before": 0}, "range_start"),
        ("PUT", {"uris": uris([A] * 101)}, "at most 100"),
        ("DELETE", {}, "items"),
        ("DELETE", {"items": [{"uri": uris([A])[0], "positions": [1]}]}, "another"),
        ("DELETE", {"items": [{"uri": uris([A])[0], "positions": [7]}]}, "positions"),
    ],
)
def test_bad_edits_are_refused(
    client: TestClient, method: str, body: dict[str, Any], message: str
) -> None:
    playlist_id = new_playlist(client, [A, B])
    path = f"/v1/playlists/{playlist_id}/items"
    refused(client.request(method, path, json=body), 400, message)
    assert items(client, playlist_id) == [A, B]


def test_a_retry_doubles_nothing(client: TestClient, library: Harness) -> None:
    playlist_id = new_playlist(client)
    path, headers = f"/v1/playlists/{playlist_id}/items", {"Idempotency-Key": "one"}
    first = client.post(path, json={"uris": uris([A])}, headers=headers)
    add(client, playlist_id, [B])
    again = client.post(path, json={"uris": uris([A])}, headers=headers)
    assert ok(again, 201) == ok(first, 201)
    assert items(client, playlist_id) == [A, B]
    other = client.post(path, json={"uris": uris([C])}, headers=headers)
    refused(other, 400, "Idempotency-Key")
    for key in ("", "x" * 129, "a\tb"):
        answer = client.post(path, json={"uris": uris([A])}, headers={"Idempotency-Key": key})
        refused(answer, 400, "Idempotency-Key")


def test_a_playlist_has_a_most(client: TestClient) -> None:
    playlist_id = new_playlist(client)
    path = f"/v1/playlists/{playlist_id}/items"
    for _ in range(100):
        add(client, playlist_id, TRACKS[:100])
    refused(client.post(path, json={"uris": uris([A])}), 400, "limit")
    assert ok(client.get(f"{path}?limit=1&offset=9999"))["items"][0]["track"]["id"] == TRACKS[99]


def test_reading_a_long_playlist_takes_few_documents(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client)
    for _ in range(50):
        add(client, playlist_id, TRACKS[:100])
    # Another instance, which remembers nothing.
    client, before = library.client(), library.documents.reads
    ok(client.get(f"/v1/playlists/{playlist_id}/items?limit=100&offset=4450"))
    assert library.documents.reads - before <= 3


async def test_many_writers_lose_nothing_and_double_nothing(library: Harness) -> None:
    """Each on an instance of its own, some requests twice, all at once."""
    owner = library.client()
    playlist_id = new_playlist(owner, collaborative=True, public=False)
    path = f"/v1/playlists/{playlist_id}/items"
    wanted = [ids.derive("track", f"w{at}") for at in range(60)]
    library.catalog.known_tracks += wanted

    def send(track: str) -> None:
        client, headers = library.client(f"user{track[:3]}"), {"Idempotency-Key": track}
        for _ in range(random.choice([1, 1, 2])):
            answer = client.post(path, json={"uris": uris([track]), "position": 0}, headers=headers)
            assert answer.status_code == 201, answer.text

    await asyncio.gather(*(asyncio.to_thread(send, track) for track in wanted))
    assert sorted(items(owner, playlist_id)) == sorted(wanted)


def test_a_reader_never_sees_half_an_edit(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client, TRACKS[:3])
    stored = library.documents.stored[f"playlists/{playlist_id}"]
    change(client, "PUT", playlist_id, range_start=0, insert_before=3)
    # What a reader holds who came before the edit: it still finds all chunks of then.
    library.documents.stored[f"playlists/{playlist_id}"] = stored
    assert items(library.client(), playlist_id) == TRACKS[:3]
