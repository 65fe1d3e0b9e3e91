from typing import Any

import pytest
from starlette.testclient import TestClient

from functions.catalog.browse import category_id
from functions.catalog.names import artist
from shared import ids
from shared.events import Features
from tests.unit.functions.catalog import contract
from tests.unit.functions.catalog.browsing import MEASURED, client_of
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.test_routes import URL, filled

COVER = ids.derive("cover")
EVENTS = [
    media_ready("old", album="Old", release_date="1970", artists=["Host"], genres=["Hip Hop"]),
    media_ready(
        "new",
        album="New",
        release_date="2024-05-01",
        artists=["Host", "Guest"],
        genres=["Hip Hop", "Jazz"],
        cover_id=COVER,
        features=MEASURED,
    ),
    media_ready("lone", album="Lone", release_date="2001-02", artists=["Lone"], genres=["Jazz"]),
    media_ready("undated", album="Undated", release_date="", artists=["Lone"], features=Features()),
]
HOST, GUEST, LONE = (artist(name).id for name in ("Host", "Guest", "Lone"))


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(filled(EVENTS))


def get(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_new_releases(client: TestClient) -> None:
    albums = get(client, "/v1/browse/new-releases")["albums"]
    contract.check(albums, "PagingSimplifiedAlbumObject")
    assert [album["name"] for album in albums["items"]] == ["New", "Lone", "Old", "Undated"]
    assert albums["total"] == 4


def test_a_page_of_new_releases(client: TestClient) -> None:
    albums = get(client, "/v1/browse/new-releases?limit=1&offset=1&country=de")["albums"]
    assert [album["name"] for album in albums["items"]] == ["Lone"]
    assert albums["next"] == f"{URL}/v1/browse/new-releases?market=DE&limit=1&offset=2"
    assert albums["previous"] == f"{URL}/v1/browse/new-releases?market=DE&limit=1&offset=0"


def test_categories_are_the_genres(client: TestClient) -> None:
    categories = get(client, "/v1/browse/categories?locale=sv_SE")["categories"]
    assert [each["name"] for each in categories["items"]] == ["Hip Hop", "Jazz"]
    assert categories["total"] == 2
    for each in categories["items"]:
        contract.check(each, "CategoryObject")
        assert each["icons"][0]["url"] == f"{URL}/images/{COVER}/640.jpg"
        assert get(client, f"/v1/browse/categories/{each['id']}") == each


def test_a_page_of_categories(client: TestClient) -> None:
    categories = get(client, "/v1/browse/categories?limit=1&offset=1")["categories"]
    assert [each["id"] for each in categories["items"]] == ["jazz"]
    assert categories["next"] is None


def test_no_category_of_that_name(client: TestClient) -> None:
    answer = client.get("/v1/browse/categories/polka")
    assert answer.json() == {"error": {"status": 404, "message": "Resource not found"}}


def test_category_ids() -> None:
    assert category_id("hip hop") == "hip-hop"
    assert category_id("r&b / soul") == "r-b-soul"
    assert category_id("música") == "musica"
    assert ids.is_valid(category_id("演歌"))
    assert category_id("演歌") != category_id("民謡")
    assert ids.is_valid(category_id("&"))


def test_top_tracks(client: TestClient) -> None:
    tracks = get(client, f"/v1/artists/{HOST}/top-tracks?market=SE")["tracks"]
    assert {track["name"] for track in tracks} == {"old", "new"}
    for track in tracks:
        assert track["is_playable"] is True
    assert [
        track["name"] for track in get(client, f"/v1/artists/{GUEST}/top-tracks")["tracks"]
    ] == ["new"]


def test_related_artists(client: TestClient) -> None:
    artists = get(client, f"/v1/artists/{HOST}/related-artists")["artists"]
    assert [each["name"] for each in artists] == ["Guest", "Lone"]
    for each in artists:
        contract.check(each, "ArtistObject")


@pytest.mark.parametrize("what", ["top-tracks", "related-artists"])
def test_artists_that_there_are_not(client: TestClient, what: str) -> None:
    assert client.get(f"/v1/artists/{ids.derive('nobody')}/{what}").status_code == 404
    answer = client.get(f"/v1/artists/nobody/{what}")
    assert answer.json() == {"error": {"status": 400, "message": "Invalid base62 id"}}


def test_markets(client: TestClient) -> None:
    markets = get(client, "/v1/markets")["markets"]
    assert markets == sorted(markets)
    assert {"SE", "XK"} <= set(markets)


@pytest.mark.parametrize(
    ("query", "named"),
    [("limit=0", "limit"), ("limit=51", "limit"), ("offset=-1", "offset"), ("limit=x", "limit")],
)
@pytest.mark.parametrize("path", ["new-releases", "categories"])
def test_bad_slices(client: TestClient, path: str, query: str, named: str) -> None:
    answer = client.get(f"/v1/browse/{path}?{query}")
    assert answer.status_code == 400
    assert f"Invalid {named}" in answer.json()["error"]["message"]


def test_a_market_that_there_is_not(client: TestClient) -> None:
    for path in ("/v1/browse/new-releases", f"/v1/artists/{HOST}/top-tracks"):
        assert client.get(f"{path}?market=QQ").status_code == 400


def test_only_what_is_the_same_for_all_is_public(client: TestClient) -> None:
    def kept(path: str) -> str:
        return client.get(path).headers["cache-control"]

    path = f"/v1/artists/{HOST}/top-tracks"
    assert kept(f"{path}?market=SE") == "public, max-age=60"
    assert kept(f"{path}?market=from_token") == kept(path) == "private, max-age=60"
    assert kept("/v1/markets") == "public, max-age=60"


def test_no_token(client: TestClient) -> None:
    answer = client.get("/v1/markets", headers={"Authorization": ""})
    assert answer.status_code == 401
