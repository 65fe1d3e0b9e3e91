import logging
from typing import Any

import pytest

from shared.audience import Audience
from tests.unit.functions.library import contract
from tests.unit.functions.library.fakes import URL
from tests.unit.functions.library.harness import (
    ALBUMS,
    TRACKS,
    UNKNOWN,
    Harness,
    new_playlist,
    ok,
    refused,
    uris,
)


@pytest.fixture
def library() -> Harness:
    return Harness()


def listed(client: Any, query: str = "") -> list[str]:
    return [item["id"] for item in ok(client.get(f"/v1/me/playlists?{query}"))["items"]]


def test_mixes_come_after_ones_playlists(library: Harness) -> None:
    client = library.client()
    mixes = [library.recommendations.add("anna", TRACKS[:3]).id for _ in range(2)]
    own = new_playlist(client)
    page = ok(client.get("/v1/me/playlists"))
    assert [item["id"] for item in page["items"]] == [own, *mixes]
    assert page["total"] == 3
    shown = page["items"][1]
    contract.check(shown, "SimplifiedPlaylistObject")
    assert shown["owner"]["id"] == "cadenza"
    assert shown["owner"]["display_name"] == "Cadenza"
    assert (shown["public"], shown["collaborative"]) == (False, False)
    assert (shown["name"], shown["description"]) == ("Daily Mix 1", "This and that")
    assert shown["tracks"] == {"href": f"{URL}/v1/playlists/{mixes[0]}/tracks", "total": 3}
    assert shown["images"][0]["url"] == f"{URL}/images/mixed/640.jpg"
    assert listed(library.client("ben")) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_go_over_both(library: Harness, limit: int) -> None:
    client = library.client()
    own = [new_playlist(client, name=f"{at}") for at in range(3)][::-1]
    mixes = [library.recommendations.add("anna", TRACKS[:1]).id for _ in range(4)]
    found: list[str] = []
    url: str | None = f"/v1/me/playlists?limit={limit}"
    while url is not None:
        page = ok(client.get(url))
        assert page["total"] == 7
        found += [item["id"] for item in page["items"]]
        url = page["next"]
        if len(found) == limit:
            # What comes in meanwhile is above the first page.
            new_playlist(client, name="late")
    assert found == [*own, *mixes]


def test_playlists_are_shown_while_no_mixes_answer(
    library: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    client = library.client()
    library.recommendations.add("anna", TRACKS[:1])
    own = new_playlist(client)
    library.recommendations.away = True
    with caplog.at_level(logging.WARNING):
        page = ok(client.get("/v1/me/playlists"))
    assert ([item["id"] for item in page["items"]], page["total"]) == ([own], 1)
    assert "no mixes" in caplog.text
    assert ok(client.get(f"/v1/playlists/{own}"))["id"] == own


def test_only_what_may_be_a_mix_of_theirs_waits_for_the_recommendations(library: Harness) -> None:
    client = library.client()
    mix, others = (library.recommendations.add(who, TRACKS[:1]) for who in ("anna", "ben"))
    library.recommendations.away = True
    answer = client.get(f"/v1/playlists/{mix.id}")
    refused(answer, 503, "away")
    assert int(answer.headers["retry-after"]) > 0
    library.recommendations.asked = 0
    for unknown in (UNKNOWN, others.id):
        refused(client.get(f"/v1/playlists/{unknown}"), 404)
        refused(client.get(f"/v1/playlists/{unknown}/items"), 404)
        refused(client.put(f"/v1/playlists/{unknown}", json={"name": "Mine"}), 404)
    assert library.recommendations.asked == 0


def test_a_mix_opens_as_a_playlist(library: Harness) -> None:
    client = library.client()
    mix = library.recommendations.add("anna", TRACKS[:5])
    shown = ok(client.get(f"/v1/playlists/{mix.id}"))
    contract.check(shown, "PlaylistObject")
    [simplified] = ok(client.get("/v1/me/playlists"))["items"]
    same = ("id", "uri", "name", "description", "snapshot_id", "images", "owner", "href")
    assert {name: shown[name] for name in same} == {name: simplified[name] for name in same}
    assert shown["followers"] == {"href": None, "total": 0}
    [first, *_] = shown["tracks"]["items"]
    contract.check(first["track"], "TrackObject")
    assert first["added_by"]["id"] == "cadenza"
    assert first["added_at"] == "2030-03-17T17:46:40Z"
    assert [item["item"]["id"] for item in shown["items"]["items"]] == TRACKS[:5]
    assert ok(client.get(f"/v1/playlists/{mix.id}/images")) == shown["images"]
    assert set(library.recommendations.audiences) == {Audience("SE")}


@pytest.mark.parametrize("name", ["items", "tracks"])
def test_a_mixs_items_have_pages(library: Harness, name: str) -> None:
    client = library.client()
    mix = library.recommendations.add("anna", TRACKS[:5])
    page = ok(client.get(f"/v1/playlists/{mix.id}/{name}?limit=2&offset=2&market=NO"))
    assert [item["track"]["id"] for item in page["items"]] == TRACKS[2:4]
    assert page["total"] == 5
    assert "offset=4" in page["next"]
    assert "market=NO" in page["next"]
    assert library.catalog.audiences[-1] == Audience("NO")
    some = ok(client.get(f"/v1/playlists/{mix.id}/{name}?fields=total,items(track.id)&limit=1"))
    assert some == {"total": 5, "items": [{"track": {"id": TRACKS[0]}}]}
    assert ok(client.get(f"/v1/playlists/{mix.id}?fields=name")) == {"name": mix.name}


def test_tracks_that_have_left_the_catalogue_are_null(library: Harness) -> None:
    mix = library.recommendations.add("anna", [UNKNOWN, TRACKS[0]])
    page = ok(library.client().get(f"/v1/playlists/{mix.id}/tracks"))
    assert [item["track"] and item["track"]["id"] for item in page["items"]] == [None, TRACKS[0]]


def test_a_mix_shows_to_its_listener_alone(library: Harness) -> None:
    mix = library.recommendations.add("anna", TRACKS[:2])
    ben = library.client("ben")
    for path in ("", "/items", "/tracks", "/images", "/followers/contains"):
        refused(ben.get(f"/v1/playlists/{mix.id}{path}"), 404)
    unscoped = library.client("anna/user-library-read")
    for path in ("", "/items", "/images"):
        refused(unscoped.get(f"/v1/playlists/{mix.id}{path}"), 403, "playlist-read-private")
    refused(library.client().get("/v1/playlists/short"), 400)
    assert ok(library.client().get(f"/v1/playlists/{mix.id}/followers/contains")) == [False]


CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "", {"name": "Mine"}),
    ("POST", "/items", {"uris": uris(TRACKS[:1])}),
    ("POST", "/tracks", {"uris": uris(TRACKS[:1])}),
    ("PUT", "/items", {"uris": uris(TRACKS[:1])}),
    ("PUT", "/items", {"range_start": 0, "insert_before": 1}),
    ("DELETE", "/items", {"items": [{"uri": uris(TRACKS[:1])[0]}]}),
    ("PUT", "/images", None),
    ("PUT", "/followers", {}),
    ("DELETE", "/followers", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_nobody_changes_a_mix(library: Harness, method: str, path: str, body: Any) -> None:
    mix = library.recommendations.add("anna", TRACKS[:2])
    url = f"/v1/playlists/{mix.id}{path}"
    refused(library.client().request(method, url, json=body), 403, "mix")
    refused(library.client("ben").request(method, url, json=body), 404)
    unknown = f"/v1/playlists/{UNKNOWN}{path}"
    refused(library.client().request(method, unknown, json=body), 404)


def test_a_mix_is_not_saved_with_the_library(library: Harness) -> None:
    client = library.client()
    mix = library.recommendations.add("anna", TRACKS[:2])
    uri = f"spotify:playlist:{mix.id}"
    refused(client.put("/v1/me/library", json={"uris": [uri]}), 403, "mix")
    refused(client.delete(f"/v1/me/library?uris={uri}"), 403, "mix")
    assert ok(client.get(f"/v1/me/library/contains?uris={uri}")) == [False]
    unknown = f"spotify:playlist:{UNKNOWN}"
    refused(client.put("/v1/me/library", json={"uris": [unknown]}), 404)


def test_playlists_of_the_library_ask_for_no_mixes(library: Harness) -> None:
    client = library.client()
    own = new_playlist(client, TRACKS[:2])
    library.recommendations.asked = 0
    for path in ("", "/items", "/tracks", "/images", "/followers/contains"):
        ok(client.get(f"/v1/playlists/{own}{path}"))
    ok(client.put(f"/v1/playlists/{own}", json={"name": "Other"}))
    ok(client.put("/v1/me/library", json={"uris": [f"spotify:playlist:{own}"]}))
    assert library.recommendations.asked == 0


def test_what_is_described_is_described_for_who_filters(library: Harness) -> None:
    client = library.client("anna!")
    filtered = Audience("SE", explicit_filter=True)
    made = ok(client.post("/v1/me/playlists", json={"name": "Mine"}), 201)
    ok(client.put("/v1/me/tracks", json=TRACKS[:2]))
    ok(client.put("/v1/me/albums", json=ALBUMS[:1]))
    library.recommendations.add("anna", TRACKS[:2])
    for path in (
        f"/v1/playlists/{made['id']}",
        f"/v1/playlists/{made['id']}/items",
        "/v1/me/tracks",
        "/v1/me/albums",
    ):
        ok(client.get(path))
        assert library.catalog.audiences[-1] == filtered, path
        ok(client.get(f"{path}?market=NO"))
        assert library.catalog.audiences[-1] == Audience("NO", explicit_filter=True), path
    ok(client.get("/v1/me/playlists"))
    assert set(library.recommendations.audiences) == {filtered}
