from typing import Any

import pytest

from shared import ids
from shared.audience import Audience
from tests.unit.functions.library import contract
from tests.unit.functions.library.fakes import ARTIST
from tests.unit.functions.library.harness import (
    ALBUMS,
    TRACKS,
    UNKNOWN,
    Harness,
    ok,
    refused,
)


@pytest.fixture
def library() -> Harness:
    return Harness()


def saved(answer: dict[str, Any], name: str = "track") -> list[str]:
    return [item[name]["id"] for item in answer["items"]]


def test_saved_tracks_newest_first(library: Harness) -> None:
    client = library.client()
    for track in TRACKS[:3]:
        ok(client.put(f"/v1/me/tracks?ids={track}"))
        library.clock.advance(60)
    page = ok(client.get("/v1/me/tracks?limit=2"))
    contract.check(page, "PagingSavedTrackObject")
    contract.check(page["items"][0], "SavedTrackObject")
    assert saved(page) == [TRACKS[2], TRACKS[1]]
    assert page["total"] == 3
    assert page["items"][0]["added_at"] == "2030-01-01T00:02:00Z"
    assert saved(ok(client.get(page["next"]))) == [TRACKS[0]]


def test_saved_albums(library: Harness) -> None:
    client = library.client()
    ok(client.put("/v1/me/albums", json={"ids": ALBUMS[:2]}))
    page = ok(client.get("/v1/me/albums"))
    contract.check(page, "PagingSavedAlbumObject")
    assert saved(page, "album") == ALBUMS[:2]
    ok(client.delete("/v1/me/albums", params={"ids": ALBUMS[0]}))
    assert ok(client.get(f"/v1/me/albums/contains?ids={','.join(ALBUMS[:2])}")) == [False, True]


@pytest.mark.parametrize("kind", ["tracks", "albums"])
def test_ids_come_in_the_query_or_in_a_list_or_in_an_object(library: Harness, kind: str) -> None:
    client, known = library.client(), {"tracks": TRACKS, "albums": ALBUMS}[kind]
    ok(client.put(f"/v1/me/{kind}?ids={known[0]},{known[1]}"))
    ok(client.put(f"/v1/me/{kind}", json=[known[2]]))
    ok(client.put(f"/v1/me/{kind}", json={"ids": [known[3]]}))
    wanted = ",".join([*known[:4], known[4]])
    there = ok(client.get(f"/v1/me/{kind}/contains?ids={wanted}"))
    assert there == [True] * 4 + [False]
    ok(client.request("DELETE", f"/v1/me/{kind}", json=known[:2]))
    ok(client.request("DELETE", f"/v1/me/{kind}", json={"ids": known[2:4]}))
    assert ok(client.get(f"/v1/me/{kind}"))["total"] == 0


def test_a_second_save_keeps_the_first_date(library: Harness) -> None:
    client = library.client()
    ok(client.put("/v1/me/tracks", json=[TRACKS[0]]))
    library.clock.advance(3600)
    ok(client.put("/v1/me/tracks", json=[TRACKS[1], TRACKS[0]]))
    page = ok(client.get("/v1/me/tracks"))
    assert saved(page) == [TRACKS[1], TRACKS[0]]
    assert page["items"][1]["added_at"] == "2030-01-01T00:00:00Z"


def test_tracks_come_to_the_date_that_is_given(library: Harness) -> None:
    client = library.client()
    stamped = [
        {"id": TRACKS[0], "added_at": "2020-01-01T00:00:00Z"},
        {"id": TRACKS[1], "added_at": "2010-01-01T00:00:00+02:00"},
        {"id": TRACKS[2], "added_at": "2999-01-01T00:00:00Z"},
    ]
    ok(client.put("/v1/me/tracks", json=[TRACKS[3]]))
    ok(client.put("/v1/me/tracks", json={"timestamped_ids": stamped, "ids": [UNKNOWN]}))
    page = ok(client.get("/v1/me/tracks"))
    assert saved(page) == [TRACKS[2], TRACKS[3], TRACKS[0], TRACKS[1]]
    assert [item["added_at"][:10] for item in page["items"]] == [
        "2030-01-01", "2030-01-01", "2020-01-01", "2009-12-31",
    ]  # fmt: skip


def test_pages_stay_in_place_while_tracks_are_saved(library: Harness) -> None:
    client = library.client()
    ok(client.put("/v1/me/tracks", json=TRACKS[:50]))
    page, seen = ok(client.get("/v1/me/tracks?limit=20")), list[str]()
    for at in range(3):
        seen += saved(page)
        ok(client.put("/v1/me/tracks", json=TRACKS[50 + 10 * at : 60 + 10 * at]))
        page = ok(client.get(page["next"])) if page["next"] else page
    assert seen == TRACKS[:50]
    assert saved(ok(client.get(page["previous"]))) == TRACKS[20:40]


@pytest.mark.parametrize("kind", ["shows", "episodes", "audiobooks"])
def test_what_nobody_has_is_honestly_empty(library: Harness, kind: str) -> None:
    client = library.client()
    page = ok(client.get(f"/v1/me/{kind}"))
    schema = f"PagingSaved{kind[:-1].capitalize()}Object"
    contract.check(page, schema)
    assert (page["items"], page["total"]) == ([], 0)
    refused(client.put(f"/v1/me/{kind}?ids={UNKNOWN}"), 404)
    ok(client.delete(f"/v1/me/{kind}?ids={UNKNOWN}"))
    assert ok(client.get(f"/v1/me/{kind}/contains?ids={UNKNOWN}")) == [False]
    refused(client.get(f"/v1/me/{kind}?limit=51"), 400, "limit")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "ids"),
        ({"params": {"ids": ""}}, "ids"),
        ({"params": {"ids": "short"}}, "Invalid base62 id"),
        ({"json": [1]}, "expected `str`"),
        ({"content": b"{"}, "not valid JSON"),
        ({"json": TRACKS[:51]}, "at most 50"),
        ({"json": {"timestamped_ids": [{"id": TRACKS[0]}]}}, "added_at"),
        ({"json": {"timestamped_ids": [{"id": TRACKS[0], "added_at": "now"}]}}, "RFC3339"),
    ],
)
def test_bad_ids_are_refused(
    library: Harness, method: str, sent: dict[str, Any], message: str
) -> None:
    refused(library.client().request(method, "/v1/me/tracks", **sent), 400, message)


def test_what_is_not_in_the_catalogue_cannot_be_saved(library: Harness) -> None:
    client = library.client()
    refused(client.put("/v1/me/tracks", json=[TRACKS[0], UNKNOWN]), 404)
    assert ok(client.get("/v1/me/tracks"))["total"] == 0


def test_what_has_left_the_catalogue_is_not_shown(library: Harness) -> None:
    client = library.client()
    ok(client.put("/v1/me/tracks", json=TRACKS[:2]))
    library.catalog.known_tracks.remove(TRACKS[0])
    assert saved(ok(client.get("/v1/me/tracks"))) == [TRACKS[1]]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "limit=x", "offset=-1", "market=SWE", "limit=1&limit=2"]
)
def test_bad_pages_are_refused(library: Harness, query: str) -> None:
    refused(library.client().get(f"/v1/me/tracks?{query}"), 400, query.partition("=")[0])


def test_the_market_is_the_callers_unless_one_is_asked_for(library: Harness) -> None:
    client = library.client()
    for query in ("", "?market=from_token", "?market=DE"):
        ok(client.get(f"/v1/me/tracks{query}"))
    assert library.catalog.audiences == [Audience("SE"), Audience("SE"), Audience("DE")]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/me/tracks", "user-library-read"),
        ("PUT", "/v1/me/albums", "user-library-modify"),
        ("GET", "/v1/me/following?type=artist", "user-follow-read"),
        ("PUT", "/v1/me/following?type=artist", "user-follow-modify"),
        ("PUT", f"/v1/me/library?uris=spotify:track:{TRACKS[0]}", "user-library-modify"),
    ],
)
def test_scopes(library: Harness, method: str, path: str, scope: str) -> None:
    refused(library.client("anna/streaming").request(method, path), 403, scope)


def test_libraries_are_apart(library: Harness) -> None:
    ok(library.client("anna").put("/v1/me/tracks", json=[TRACKS[0]]))
    assert ok(library.client("ben").get("/v1/me/tracks"))["total"] == 0


def test_an_unchanged_page_is_not_sent_again(library: Harness) -> None:
    client = library.client()
    first = client.get("/v1/me/tracks")
    assert first.headers["Cache-Control"] == "private, no-cache"
    headers = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/v1/me/tracks", headers=headers).status_code == 304
    ok(client.put("/v1/me/tracks", json=[TRACKS[0]]))
    assert client.get("/v1/me/tracks", headers=headers).status_code == 200


def test_followed_artists_by_cursor(library: Harness) -> None:
    client, artists = library.client(), library.catalog.known_artists
    assert client.put(f"/v1/me/following?type=artist&ids={','.join(artists)}").status_code == 204
    seen: list[str] = []
    url = "/v1/me/following?type=artist&limit=10"
    while url:
        page = ok(client.get(url))["artists"]
        assert page["total"] == len(artists)
        seen += [item["id"] for item in page["items"]]
        # Somebody who was shown already goes, and the cursor holds.
        client.delete(f"/v1/me/following?type=artist&ids={seen[0]}")
        client.put(f"/v1/me/following?type=artist&ids={seen[0]}")
        url = page["next"]
    assert seen == sorted(artists)
    assert page["cursors"] == {"after": None}


def test_a_page_of_followed_artists_fits_the_contract(library: Harness) -> None:
    client = library.client()
    client.put(
        "/v1/me/following",
        params={"type": "artist", "ids": ",".join(library.catalog.known_artists)},
    )
    page = ok(client.get("/v1/me/following?type=artist&limit=1"))["artists"]
    contract.check(page, "CursorPagingSimplifiedArtistObject")


def test_people_are_followed(library: Harness) -> None:
    client = library.client()
    assert (
        client.put("/v1/me/following?type=user", json={"ids": ["ben", "clara"]}).status_code == 204
    )
    path = "/v1/me/following/contains?type=user&ids=ben,dora"
    assert ok(client.get(path)) == [True, False]
    assert client.delete("/v1/me/following?type=user&ids=ben").status_code == 204
    assert ok(client.get(path)) == [False, False]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("?ids=x", "type"),
        ("?type=label&ids=x", "type"),
        ("?type=artist&ids=x", "base62"),
        ("?type=user&ids=a%2Fb", "user id"),
        ("?type=user&ids=..", "user id"),
        ("?type=user", "ids"),
    ],
)
def test_bad_follows_are_refused(library: Harness, path: str, message: str) -> None:
    refused(library.client().put(f"/v1/me/following{path}"), 400, message)


def test_unknown_artists_cannot_be_followed(library: Harness) -> None:
    refused(library.client().put(f"/v1/me/following?type=artist&ids={UNKNOWN}"), 404)
    refused(library.client().get("/v1/me/following?type=user"), 400, "type")


def test_the_whole_library_by_uris(library: Harness) -> None:
    client = library.client()
    playlist = ok(library.client("ben").post("/v1/me/playlists", json={"name": "Ben's"}), 201)
    wanted = [
        f"spotify:track:{TRACKS[0]}",
        f"spotify:album:{ALBUMS[0]}",
        f"spotify:artist:{ARTIST}",
        "spotify:user:ben",
        f"spotify:playlist:{playlist['id']}",
    ]
    uris = ",".join(wanted)
    assert ok(client.get(f"/v1/me/library/contains?uris={uris}")) == [False] * 5
    ok(client.put(f"/v1/me/library?uris={uris}"))
    ok(client.put(f"/v1/me/library?uris={uris}"))
    assert ok(client.get(f"/v1/me/library/contains?uris={uris}")) == [True] * 5
    assert ok(client.get("/v1/me/tracks"))["total"] == 1
    assert ok(client.get(f"/v1/playlists/{playlist['id']}"))["followers"]["total"] == 1
    ok(client.delete(f"/v1/me/library?uris={uris}"))
    assert ok(client.get(f"/v1/me/library/contains?uris={uris}")) == [False] * 5
    assert ok(client.get(f"/v1/playlists/{playlist['id']}"))["followers"]["total"] == 0


def test_each_kind_of_uri_asks_for_its_scope(library: Harness) -> None:
    client = library.client("anna/user-library-modify user-library-read")
    track, user = f"spotify:track:{TRACKS[0]}", "spotify:user:ben"
    ok(client.put(f"/v1/me/library?uris={track}"))
    refused(client.put(f"/v1/me/library?uris={track},{user}"), 403, "user-follow-modify")
    refused(client.get(f"/v1/me/library/contains?uris={user}"), 403, "user-follow-read")


@pytest.mark.parametrize(
    ("uris", "status", "message"),
    [
        ("", 400, "uris"),
        ("nonsense", 400, "uris"),
        ("spotify:track:short", 400, "base62"),
        ("spotify:user:..", 400, "uris"),
        (",".join([f"spotify:track:{TRACKS[0]}"] * 41), 400, "at most 40"),
        (f"spotify:track:{UNKNOWN}", 404, ""),
        (f"spotify:playlist:{UNKNOWN}", 404, ""),
        (f"spotify:show:{UNKNOWN}", 404, ""),
        (f"spotify:track:{TRACKS[0]},spotify:album:{UNKNOWN}", 404, ""),
    ],
)
def test_bad_uris_save_nothing(library: Harness, uris: str, status: int, message: str) -> None:
    client = library.client()
    refused(client.put("/v1/me/library", params={"uris": uris}), status, message)
    assert ok(client.get("/v1/me/tracks"))["total"] == 0


def test_one_page_asks_the_catalogue_once(library: Harness) -> None:
    client = library.client()
    ok(client.put("/v1/me/tracks", json=TRACKS[:50]))
    before = library.catalog.asked
    assert len(ok(client.get("/v1/me/tracks?limit=50"))["items"]) == 50
    assert library.catalog.asked == before + 1


def test_ids_that_nobody_knows_are_not_contained(library: Harness) -> None:
    assert ok(library.client().get(f"/v1/me/tracks/contains?ids={ids.random()}")) == [False]
