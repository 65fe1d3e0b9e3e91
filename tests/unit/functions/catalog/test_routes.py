import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient

from functions.catalog.items import Items
from functions.catalog.names import artist
from functions.catalog.reader import Reader
from functions.catalog.routes import app_of
from functions.catalog.shapes import Shapes
from functions.catalog.views import Views
from shared import ids
from shared.errors import Unauthorized
from shared.events import MediaReady
from shared.tokens import Caller, KeyCache, Verifier
from shared.web import Api
from tests.unit.functions.catalog import callers, contract
from tests.unit.functions.catalog.factories import album_of_twelve, media_ready, track
from tests.unit.functions.catalog.fakes import MemoryCatalogue, RecordingPublisher, catalog_events

URL = "https://music.example"
UNKNOWN = ids.derive("nothing")
TWELVE = album_of_twelve(artists=["Host"], duration_ms=300_000)
GUEST = media_ready(
    "guest", album="Duets", artists=["Host", "Guest"], album_artists=["Host"], release_date="2020"
)
UNDATED = media_ready("undated", album="Lost", artists=["Host"], release_date="")


class OneToken(Verifier):
    """Takes the token `good`, which has no scope."""

    def __init__(self) -> None:
        async def no_keys() -> dict[str, Any]:
            raise NotImplementedError

        super().__init__(KeyCache(no_keys), issuer="", audience="")

    async def verify(self, token: str) -> Caller:
        if token != "good":
            raise Unauthorized("Invalid access token")
        return Caller("user", "app", frozenset())


def client_of(catalogue: MemoryCatalogue) -> TestClient:
    reader, shapes = Reader(catalogue, ttl_s=0.0), Shapes(URL)
    app = app_of([Items(reader, Views(reader, shapes), shapes)], Api(OneToken()))
    return TestClient(app, headers={"Authorization": "Bearer good"})


def filled(events: list[MediaReady]) -> MemoryCatalogue:
    catalogue = MemoryCatalogue()
    handler = catalog_events(
        store=catalogue,
        publisher=RecordingPublisher(),
        catalog_changed_topic="t",
        person_erased_here_topic="t",
    )

    async def fill() -> None:
        for event in events:
            await handler.media_ready(event)

    asyncio.run(fill())
    return catalogue


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(filled([*TWELVE, GUEST, UNDATED]))


@pytest.fixture
def album_id() -> str:
    return track(artists=["Host"]).album_id


def get(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_track(client: TestClient) -> None:
    body = get(client, f"/v1/tracks/{TWELVE[4].track_id}")
    contract.check(body, "TrackObject")
    assert (body["track_number"], body["album"]["total_tracks"]) == (5, 12)


def test_tracks_in_order_with_null_for_unknown(client: TestClient) -> None:
    wanted = [TWELVE[1].track_id, UNKNOWN, TWELVE[0].track_id, TWELVE[1].track_id]
    body = get(client, f"/v1/tracks?ids={','.join(wanted)}")
    assert [each and each["track_number"] for each in body["tracks"]] == [2, None, 1, 2]


def test_an_album_with_its_tracks(client: TestClient, album_id: str) -> None:
    body = get(client, f"/v1/albums/{album_id}")
    contract.check(body, "AlbumObject")
    assert body["album_type"] == "album"
    assert [each["track_number"] for each in body["tracks"]["items"]] == list(range(1, 13))
    assert body["tracks"]["next"] is None


def test_albums(client: TestClient, album_id: str) -> None:
    body = get(client, f"/v1/albums?ids={UNKNOWN},{album_id}")
    assert [each and each["id"] for each in body["albums"]] == [None, album_id]


def test_an_albums_tracks_by_page(client: TestClient, album_id: str) -> None:
    body = get(client, f"/v1/albums/{album_id}/tracks?limit=5&offset=10")
    contract.check(body, "PagingSimplifiedTrackObject")
    assert [each["track_number"] for each in body["items"]] == [11, 12]
    assert (body["total"], body["next"]) == (12, None)
    assert body["previous"] == f"{URL}/v1/albums/{album_id}/tracks?limit=5&offset=5"


def test_an_artist(client: TestClient) -> None:
    body = get(client, f"/v1/artists/{artist('HOST').id}")
    contract.check(body, "ArtistObject")
    assert body["name"] == "Host"


def test_artists(client: TestClient) -> None:
    body = get(client, f"/v1/artists?ids={artist('guest').id},{UNKNOWN}")
    assert [each and each["name"] for each in body["artists"]] == ["Guest", None]


def test_an_artists_albums_newest_first(client: TestClient) -> None:
    body = get(client, f"/v1/artists/{artist('Host').id}/albums")
    contract.check(body, "PagingArtistDiscographyAlbumObject")
    assert [(each["name"], each["album_group"]) for each in body["items"]] == [
        ("Duets", "single"),
        ("The Album", "album"),
        ("Lost", "single"),
    ]


def test_an_artists_albums_by_group(client: TestClient) -> None:
    path = f"/v1/artists/{artist('Host').id}/albums?include_groups=single,compilation&limit=1"
    body = get(client, path)
    assert [each["name"] for each in body["items"]] == ["Duets"]
    assert body["total"] == 2
    following = get(client, body["next"].removeprefix(URL))
    assert [each["name"] for each in following["items"]] == ["Lost"]


def test_a_guest_appears_on_the_album(client: TestClient) -> None:
    body = get(client, f"/v1/artists/{artist('Guest').id}/albums?include_groups=appears_on")
    assert [each["album_group"] for each in body["items"]] == ["appears_on"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tracks/{}",
        "/v1/albums/{}",
        "/v1/albums/{}/tracks",
        "/v1/artists/{}",
        "/v1/artists/{}/albums",
    ],
)
def test_ids_that_are_none_and_ids_of_nothing(client: TestClient, path: str) -> None:
    malformed = client.get(path.format("not-an-id"))
    assert (malformed.status_code, malformed.json()) == (
        400,
        {"error": {"status": 400, "message": "Invalid base62 id"}},
    )
    unknown = client.get(path.format(UNKNOWN))
    assert (unknown.status_code, unknown.json()) == (
        404,
        {"error": {"status": 404, "message": "Resource not found"}},
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/tracks", "Missing required field: ids"),
        ("/v1/artists?ids=,", "Missing required field: ids"),
        ("/v1/albums?ids=x", "Invalid base62 id"),
        ("/v1/albums?ids=" + ",".join([UNKNOWN] * 21), "Too many ids: at most 20"),
        ("/v1/tracks?ids=" + ",".join([UNKNOWN] * 51), "Too many ids: at most 50"),
        (f"/v1/albums/{UNKNOWN}/tracks?limit=0", "Invalid limit: expected `int` >= 1"),
        (f"/v1/artists/{UNKNOWN}/albums?offset=-1", "Invalid offset: expected `int` >= 0"),
        (
            f"/v1/artists/{UNKNOWN}/albums?include_groups=album,ep",
            "Invalid include_groups: each is one of album, single, compilation, appears_on",
        ),
    ],
)
def test_malformed_requests_name_what_is_wrong(client: TestClient, path: str, message: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)


def test_a_token_is_needed(client: TestClient, album_id: str) -> None:
    for header in ("", "Bearer bad", "Basic good"):
        answer = client.get(f"/v1/albums/{album_id}", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_what_a_client_has_is_not_sent_again(client: TestClient, album_id: str) -> None:
    first = client.get(f"/v1/albums/{album_id}")
    assert "max-age" in first.headers["cache-control"]
    again = client.get(f"/v1/albums/{album_id}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


class MovingCatalogue(MemoryCatalogue):
    """The track has moved on by the time that its album is read."""

    reads = 0

    async def albums(self, album_ids: Any) -> Any:
        self.reads += 1
        return {} if self.reads == 1 else await super().albums(album_ids)


def test_a_track_that_moves_while_it_is_read_is_read_again() -> None:
    catalogue = filled([GUEST])
    catalogue.__class__ = MovingCatalogue
    body = get(client_of(catalogue), f"/v1/tracks/{GUEST.track_id}")
    assert body["album"]["name"] == "Duets"


def test_an_answer_for_a_named_market_is_the_same_for_everybody(album_id: str) -> None:
    catalogue = filled([*TWELVE, GUEST])
    reader, shapes = Reader(catalogue, ttl_s=60), Shapes(URL)
    items = callers.client_of([Items(reader, Views(reader, shapes), shapes)])
    artist_id = artist("Host").id
    for path in (
        f"/v1/tracks/{GUEST.track_id}?",
        f"/v1/tracks?ids={GUEST.track_id}&",
        f"/v1/albums/{album_id}?",
        f"/v1/albums?ids={album_id}&",
        f"/v1/albums/{album_id}/tracks?",
        f"/v1/artists/{artist_id}/albums?",
    ):
        for market, expected in (("market=DE", "public"), ("market=from_token", "private")):
            answers = [
                items.get(f"{path}{market}", headers=callers.as_(caller))
                for caller in ("anybody", "swede")
            ]
            assert {answer.status_code for answer in answers} == {200}
            caching = {answer.headers["cache-control"] for answer in answers}
            assert caching == {f"{expected}, max-age=60"}, path
            if expected == "public":
                assert answers[0].content == answers[1].content
        assert "private" in items.get(path).headers["cache-control"]


def test_the_market_is_the_callers_unless_it_is_named() -> None:
    catalogue = filled([GUEST])
    reader, shapes = Reader(catalogue, ttl_s=60), Shapes(URL)
    items = callers.client_of([Items(reader, Views(reader, shapes), shapes)])
    path = f"/v1/tracks/{GUEST.track_id}"
    for caller, query, has_market in (
        ("anybody", "", False),
        ("anybody", "?market=from_token", False),
        ("anybody", "?market=se", True),
        ("swede", "", True),
        ("swede", "?market=from_token", True),
    ):
        body = items.get(path + query, headers=callers.as_(caller)).json()
        assert ("is_playable" in body, "available_markets" in body) == (has_market, not has_market)
    wrong = items.get(f"{path}?market=XX")
    assert (wrong.status_code, wrong.json()["error"]["message"]) == (400, "Invalid market code")
    twice = items.get(f"{path}?market=SE&market=DE")
    assert (twice.status_code, "market" in twice.json()["error"]["message"]) == (400, True)


def test_an_artist_needs_no_market(client: TestClient) -> None:
    answer = client.get(f"/v1/artists/{artist('Host').id}")
    assert answer.headers["cache-control"] == "private, max-age=60"


def test_who_filters_is_answered_privately_and_tagged_apart() -> None:
    bold = media_ready("bold", album="Bold", explicit=True)
    catalogue = filled([bold])
    reader, shapes = Reader(catalogue, ttl_s=60), Shapes(URL)
    items = callers.client_of([Items(reader, Views(reader, shapes), shapes)])
    album_id = track("bold", album="Bold").album_id
    for path in (
        f"/v1/tracks/{bold.track_id}?",
        f"/v1/tracks?ids={bold.track_id}&",
        f"/v1/albums/{album_id}?",
        f"/v1/albums?ids={album_id}&",
        f"/v1/albums/{album_id}/tracks?",
        f"/v1/artists/{track('bold').artists[0].id}/albums?",
    ):
        theirs = items.get(f"{path}market=SE", headers=callers.as_("filtered"))
        others = items.get(f"{path}market=SE", headers=callers.as_("swede"))
        assert theirs.headers["cache-control"] == "private, max-age=60", path
        assert others.headers["cache-control"] == "public, max-age=60", path
        assert '"reason":"explicit"' in theirs.text, path
        assert "restrictions" not in others.text, path
        assert theirs.headers["etag"] != others.headers["etag"]
        own = items.get(path, headers=callers.as_("filtered"))
        assert '"reason":"explicit"' in own.text, path
