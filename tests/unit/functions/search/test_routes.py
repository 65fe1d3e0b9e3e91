"""`GET /v1/search`: the contract's answers, good and bad."""

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient

from functions.search.appender import Appender
from functions.search.live import LiveIndex
from functions.search.model import Document, Kind
from functions.search.routes import SearchApi
from shared.audience import Audience
from shared.errors import Unauthorized
from shared.tokens import Caller, KeyCache, Verifier
from shared.web import Api
from tests.unit.functions.catalog import contract
from tests.unit.functions.search.fakes import (
    MemoryCatalogue,
    MemoryObjects,
    album,
    playlist,
    track,
)

URL = "https://music.example"
SONGS = [track(f"Blue {number}", "Miles", popularity=number) for number in range(30)]
KIND = album("Kind of Blue", "Miles")
MILES = Document(Kind.artist, "3IYUhFvPQItj6xySrBmZkd", "Miles")
ANNA = Document(Kind.user, "anna", "Anna Blue", version=5)
MIX = playlist("Blue Mix", description="All blue", cover_id="c0ver", tracks=12, version=9)


class OneToken(Verifier):
    """Takes the token `good`, of a listener in Norway, and `filtered`, of one who filters."""

    def __init__(self) -> None:
        async def no_keys() -> dict[str, Any]:
            raise NotImplementedError

        super().__init__(KeyCache(no_keys), issuer="", audience="")

    async def verify(self, token: str) -> Caller:
        if token not in {"good", "filtered"}:
            raise Unauthorized("Invalid access token")
        return Caller("user", "app", frozenset(), country="NO", explicit_filter=token == "filtered")


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    made = MemoryCatalogue()
    made.put(*SONGS, KIND, MILES)
    return made


@pytest.fixture
def client(catalogue: MemoryCatalogue) -> TestClient:
    objects = MemoryObjects()
    asyncio.run(Appender(objects, catalogue.load).append([*SONGS, KIND, MILES, ANNA, MIX]))
    app = SearchApi(LiveIndex(objects), catalogue, URL).app(Api(OneToken()))  # type: ignore[arg-type]
    return TestClient(app, headers={"Authorization": "Bearer good"})


def get(client: TestClient, **query: object) -> dict[str, Any]:
    answer = client.get("/v1/search", params={key: str(value) for key, value in query.items()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_only_the_types_asked_for(client: TestClient) -> None:
    found = get(client, q="blue", type="track,album,playlist,user")
    assert list(found) == ["tracks", "albums", "playlists", "users"]
    assert found["albums"]["items"] == [{"id": KIND.id, "name": "Kind of Blue"}]
    assert found["tracks"]["total"] == 30
    assert len(found["tracks"]["items"]) == 5


def test_pages(client: TestClient) -> None:
    seen, url = [], "/v1/search?q=blue&type=track&limit=7&market=DE"
    while url:
        page = client.get(url.removeprefix(URL)).json()["tracks"]
        seen += [item["id"] for item in page["items"]]
        url = page["next"]
    assert sorted(seen) == sorted(song.id for song in SONGS)
    assert page["previous"] is not None
    assert "market=DE" in page["href"]


def test_beyond_the_end(client: TestClient) -> None:
    page = get(client, q="blue", type="track", limit=50, offset=900)["tracks"]
    assert (page["items"], page["total"], page["next"]) == ([], 30, None)


def test_what_this_deployment_has_none_of(client: TestClient) -> None:
    found = get(client, q="blue", type="show,episode,audiobook")
    for name in ("shows", "episodes", "audiobooks"):
        assert found[name]["items"] == []
        assert found[name]["total"] == 0


def test_a_playlist(client: TestClient) -> None:
    page = get(client, q="blue mix", type="playlist")["playlists"]
    contract.check(page, "PagingPlaylistObject")
    [found] = page["items"]
    contract.check(found, "SimplifiedPlaylistObject")
    assert found["id"] == MIX.id
    assert found["name"] == "Blue Mix"
    assert found["owner"]["display_name"] == "Anna Blue"
    assert found["tracks"] == {"href": f"{URL}/v1/playlists/{MIX.id}/tracks", "total": 12}
    assert found["images"][0] == {
        "url": f"{URL}/images/c0ver/640.jpg", "height": 640, "width": 640,
    }  # fmt: skip
    assert found["public"] is True
    assert found["collaborative"] is False


def test_a_person(client: TestClient) -> None:
    [found] = get(client, q="anna", type="user")["users"]["items"]
    assert (found["id"], found["display_name"], found["type"]) == ("anna", "Anna Blue", "user")
    assert found["href"] == f"{URL}/v1/users/anna"


@pytest.mark.parametrize(
    ("market", "asked"), [({}, "NO"), ({"market": "DE"}, "DE"), ({"market": "from_token"}, "NO")]
)
def test_the_market(
    client: TestClient, catalogue: MemoryCatalogue, market: dict[str, str], asked: str
) -> None:
    get(client, q="blue", type="track", **market)
    assert catalogue.described_for == [Audience(asked)]


def test_what_the_catalogue_has_no_more_is_left_out(
    client: TestClient, catalogue: MemoryCatalogue
) -> None:
    del catalogue.items[Kind.track, SONGS[29].id]
    items = get(client, q="blue 29", type="track")["tracks"]["items"]
    assert SONGS[29].id not in [item["id"] for item in items]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"type": "track"}, "q"),
        ({"q": "", "type": "track"}, "q"),
        ({"q": "  ", "type": "track"}, "q"),
        ({"q": "a"}, "type"),
        ({"q": "a", "type": ""}, "type"),
        ({"q": "a", "type": "track,song"}, "type"),
        ({"q": "a", "type": "track", "limit": "0"}, "limit"),
        ({"q": "a", "type": "track", "limit": "51"}, "limit"),
        ({"q": "a", "type": "track", "limit": "ten"}, "limit"),
        ({"q": "a", "type": "track", "offset": "-1"}, "offset"),
        ({"q": "a", "type": "track", "offset": "1001"}, "offset"),
        ({"q": "a", "type": "track", "offset": "990", "limit": "20"}, "offset"),
        ({"q": "a", "type": "track", "market": "Norway"}, "market"),
        ({"q": "a", "type": "track", "include_external": "video"}, "include_external"),
    ],
)
def test_bad_queries_name_what_is_bad(
    client: TestClient, query: dict[str, str], named: str
) -> None:
    answer = client.get("/v1/search", params=query)
    assert answer.status_code == 400
    assert f" {named}" in answer.json()["error"]["message"]


@pytest.mark.parametrize("q", ["x" * 10_000, '"' * 999, "\x00", "😀", "a OR", "NOT", "((", "*"])
def test_hostile_queries_are_queries(client: TestClient, q: str) -> None:
    found = get(client, q=q, type="track,album,artist,playlist,user")
    assert all("items" in page for page in found.values())


def test_a_token_is_needed(client: TestClient) -> None:
    answer = client.get("/v1/search?q=a&type=track", headers={"Authorization": "Bearer bad"})
    assert answer.status_code == 401


def test_what_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/v1/search?q=blue&type=track")
    assert first.headers["cache-control"].startswith("private")
    again = client.get(
        "/v1/search?q=blue&type=track", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304


def test_items_are_described_for_who_filters(
    client: TestClient, catalogue: MemoryCatalogue
) -> None:
    client.headers["Authorization"] = "Bearer filtered"
    get(client, q="blue", type="track")
    get(client, q="blue", type="track,album", market="DE")
    assert catalogue.described_for[0] == Audience("NO", explicit_filter=True)
    assert set(catalogue.described_for[1:]) == {Audience("DE", explicit_filter=True)}
