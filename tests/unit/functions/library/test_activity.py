import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from functions.library.activity import OUTBOX, Activity, Deed
from shared.events import LibraryEvent, PersonErased
from shared.web import Api
from tests.unit.functions.library.fakes import URL, RecordingPublisher
from tests.unit.functions.library.harness import (
    ALBUMS,
    HAPPENED,
    TRACKS,
    Harness,
    NamedTokens,
    new_playlist,
    ok,
    uris,
)

AT = 1_893_456_000 * 1_000_000


@pytest.fixture
def library() -> Harness:
    return Harness()


@pytest.fixture
async def anna(library: Harness) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(library.api().app(Api(NamedTokens())))
    headers = {"Authorization": "Bearer anna"}
    async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
        yield client


async def happened(library: Harness) -> list[LibraryEvent]:
    """What was told, once it is."""
    for _ in range(100):
        await asyncio.sleep(0)
    told = library.publisher.published
    return [
        event for topic, event, _ in told if isinstance(event, LibraryEvent) and topic == HAPPENED
    ]


def kept(library: Harness) -> list[str]:
    return [path for path in library.documents.stored if path.startswith(OUTBOX)]


async def test_saving_and_removing_is_told_once(library: Harness, anna: httpx.AsyncClient) -> None:
    ok(await anna.put("/v1/me/tracks", json=TRACKS[:2]))
    ok(await anna.put("/v1/me/tracks", json=TRACKS[:3]))
    told = await happened(library)
    assert sorted(event.track_id for event in told) == sorted(TRACKS[:3])
    assert {(event.user_id, event.kind, event.at) for event in told} == {("anna", "saved", AT)}
    ok(await anna.request("DELETE", "/v1/me/tracks", json=[TRACKS[1], TRACKS[9]]))
    removed = (await happened(library))[3:]
    assert [(event.track_id, event.kind) for event in removed] == [(TRACKS[1], "removed")]
    assert len({event.event_id for event in await happened(library)}) == 4
    assert kept(library) == []


async def test_the_whole_library_tells_it_too(library: Harness, anna: httpx.AsyncClient) -> None:
    ok(await anna.put("/v1/me/library", json={"uris": uris(TRACKS[:1])}))
    ok(await anna.delete(f"/v1/me/library?uris={uris(TRACKS[:1])[0]}"))
    assert [event.kind for event in await happened(library)] == ["saved", "removed"]


async def test_albums_and_follows_are_not_told(library: Harness, anna: httpx.AsyncClient) -> None:
    ok(await anna.put("/v1/me/albums", json=ALBUMS[:2]))
    assert await happened(library) == []


async def test_what_is_added_to_ones_own_playlist_is_told(
    library: Harness, anna: httpx.AsyncClient
) -> None:
    made = ok(await anna.post("/v1/me/playlists", json={"name": "Mine"}), 201)["id"]
    path, key = f"/v1/playlists/{made}/items", {"Idempotency-Key": "one"}
    for _ in range(2):
        body = {"uris": uris([TRACKS[0], TRACKS[1], TRACKS[0]])}
        ok(await anna.post(path, json=body, headers=key), 201)
    told = await happened(library)
    assert sorted((event.track_id, event.kind) for event in told) == sorted(
        (track, "added") for track in TRACKS[:2]
    )
    ok(await anna.put(path, json={"range_start": 0, "insert_before": 2}))
    ok(await anna.request("DELETE", path, json={"items": [{"uri": uris(TRACKS[1:2])[0]}]}))
    assert len(await happened(library)) == 2
    ok(await anna.put(path, json={"uris": uris(TRACKS[5:6])}))
    assert (await happened(library))[-1].track_id == TRACKS[5]


async def test_what_others_collect_says_nothing(library: Harness, anna: httpx.AsyncClient) -> None:
    theirs = new_playlist(library.client("ben"), public=False, collaborative=True)
    ok(await anna.post(f"/v1/playlists/{theirs}/items", json={"uris": uris(TRACKS[:1])}), 201)
    assert await happened(library) == []


async def test_nobody_waits_and_nothing_is_lost_while_pubsub_is_away(
    library: Harness, anna: httpx.AsyncClient
) -> None:
    library.publisher.fails = 1
    ok(await anna.put("/v1/me/tracks", json=TRACKS[:1]))
    assert await happened(library) == []
    assert len(kept(library)) == 1
    events = library.events()
    assert await events._activity.tell_overdue() == 0
    library.clock.advance(61)
    assert await events._activity.tell_overdue() == 1
    [event] = await happened(library)
    assert (event.track_id, event.at) == (TRACKS[0], AT)
    assert kept(library) == []
    assert await events._activity.tell_overdue() == 0


async def test_a_repeated_telling_says_the_same(library: Harness) -> None:
    publisher = RecordingPublisher()
    activity = Activity(library.documents, publisher, HAPPENED, library.clock)
    note = activity.note("anna", Deed.saved, TRACKS[:2])
    await library.documents.commit([note.write])
    await activity._tell(note)
    first = list(publisher.published)
    await activity._tell(note)
    assert publisher.published == [*first, *first]


async def test_of_who_leaves_nothing_more_is_told(
    library: Harness, anna: httpx.AsyncClient
) -> None:
    library.publisher.fails = 1
    ok(await anna.put("/v1/me/tracks", json=TRACKS[:1]))
    assert await happened(library) == []
    await library.events().person_erased(PersonErased("e", "anna", ""))
    assert kept(library) == []
    library.clock.advance(3600)
    assert await library.events()._activity.tell_overdue() == 0
    assert await happened(library) == []
