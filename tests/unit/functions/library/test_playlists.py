import base64
import io
from typing import Any

import pytest
from PIL import Image

from functions.library.covers import MOST_BYTES, SIZES
from tests.unit.functions.library import contract
from tests.unit.functions.library.fakes import URL
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


@pytest.fixture
def library() -> Harness:
    return Harness()


def jpeg(width: int = 800, height: int = 600, color: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "JPEG")
    return out.getvalue()


def test_a_new_playlist(library: Harness) -> None:
    client = library.client()
    answer = client.post(
        "/v1/me/playlists", json={"name": " My  mix ", "description": "two\nlines"}
    )
    made = ok(answer, 201)
    contract.check(made, "PlaylistObject")
    assert answer.headers["Location"] == made["href"] == f"{URL}/v1/playlists/{made['id']}"
    assert (made["name"], made["description"], made["public"]) == ("My mix", "two lines", True)
    assert made["owner"]["id"] == "anna"
    assert ok(client.get(f"/v1/playlists/{made['id']}")) == made


def test_a_playlist_with_items(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client, TRACKS[:3])
    found = ok(client.get(f"/v1/playlists/{playlist_id}"))
    contract.check(found, "PlaylistObject")
    [first, *_] = found["tracks"]["items"]
    [same, *_] = found["items"]["items"]
    contract.check(first["track"], "TrackObject")
    assert {**same, "track": None} == {**first, "item": same["item"], "track": None}
    assert same["item"] == first["track"]
    assert "item" not in first
    assert "track" not in same
    assert found["tracks"]["href"].endswith(f"{playlist_id}/tracks?limit=100&offset=0")
    assert found["items"]["href"].endswith(f"{playlist_id}/items?limit=100&offset=0")
    contract.check({**first, **same}, "PlaylistTrackObject")
    assert (first["track"]["track"], first["track"]["episode"]) == (True, False)
    assert first["added_by"]["id"] == "anna"
    assert found["images"][0]["url"] == f"{URL}/images/cover-{TRACKS[0]}/640.jpg"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "name"),
        ({"name": " \u200b "}, "name"),
        ({"name": 1}, "expected `str`"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x", "description": "x" * 1001}, "description"),
        ({"name": "x", "public": True, "collaborative": True}, "collaborative"),
        ({"name": "x", "public": "yes"}, "bool"),
    ],
)
def test_bad_playlists_are_refused(library: Harness, body: dict[str, Any], message: str) -> None:
    refused(library.client().post("/v1/me/playlists", json=body), 400, message)


def test_a_playlist_for_oneself_only(library: Harness) -> None:
    client = library.client()
    ok(client.post("/v1/users/anna/playlists", json={"name": "x"}), 201)
    refused(client.post("/v1/users/ben/playlists", json={"name": "x"}), 403)


def test_a_repeated_request_makes_one_playlist(library: Harness) -> None:
    client, headers = library.client(), {"Idempotency-Key": "abc"}
    one = ok(client.post("/v1/me/playlists", json={"name": "x"}, headers=headers), 201)
    add(client, one["id"], TRACKS[:1])
    two = ok(client.post("/v1/me/playlists", json={"name": "x"}, headers=headers), 201)
    assert (two["id"], two["tracks"]["total"]) == (one["id"], 1)
    ben = library.client("ben").post("/v1/me/playlists", json={"name": "x"}, headers=headers)
    assert ok(ben, 201)["id"] != one["id"]
    assert ok(client.get("/v1/me/playlists"))["total"] == 1


def test_details_are_changed(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client)
    before = ok(client.get(f"/v1/playlists/{playlist_id}"))
    ok(client.put(f"/v1/playlists/{playlist_id}", json={"name": "New", "public": False}))
    ok(client.put(f"/v1/playlists/{playlist_id}", json={"collaborative": True}))
    after = ok(client.get(f"/v1/playlists/{playlist_id}"))
    assert (after["name"], after["public"], after["collaborative"]) == ("New", False, True)
    assert after["snapshot_id"] != before["snapshot_id"]
    refused(client.put(f"/v1/playlists/{playlist_id}", json={"public": True}), 400)
    refused(library.client("ben").put(f"/v1/playlists/{playlist_id}", json={"name": "x"}), 403)


def test_a_private_playlist_is_its_owners(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    playlist_id = new_playlist(anna, TRACKS[:1], public=False)
    for path in ("", "/items", "/images"):
        ok(anna.get(f"/v1/playlists/{playlist_id}{path}"))
        refused(ben.get(f"/v1/playlists/{playlist_id}{path}"), 404)
    refused(ben.put(f"/v1/playlists/{playlist_id}", json={"name": "x"}), 404)
    refused(ben.post(f"/v1/playlists/{playlist_id}/items", json=uris(TRACKS[:1])), 404)
    refused(ben.put(f"/v1/playlists/{playlist_id}/followers"), 404)
    app = library.client("anna/playlist-modify-public")
    refused(app.get(f"/v1/playlists/{playlist_id}"), 403, "playlist-read-private")
    refused(app.put(f"/v1/playlists/{playlist_id}", json={"public": True}), 403, "private")


def test_the_scope_goes_by_how_the_playlist_is(library: Harness) -> None:
    public = new_playlist(library.client())
    app = library.client("anna/playlist-modify-private")
    refused(app.post(f"/v1/playlists/{public}/items", json=uris(TRACKS[:1])), 403, "public")
    refused(app.post("/v1/me/playlists", json={"name": "x"}), 403, "public")
    private = new_playlist(app, public=False)
    refused(app.put(f"/v1/playlists/{private}", json={"public": True}), 403, "public")


def test_a_collaborative_playlist_takes_anybodys_items(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    playlist_id = new_playlist(anna, TRACKS[:1], collaborative=True, public=False)
    add(ben, playlist_id, [TRACKS[1]])
    found = ok(anna.get(f"/v1/playlists/{playlist_id}/items"))["items"]
    assert [item["added_by"]["id"] for item in found] == ["anna", "ben"]
    refused(ben.put(f"/v1/playlists/{playlist_id}", json={"name": "x"}), 403)
    public = new_playlist(anna)
    refused(ben.post(f"/v1/playlists/{public}/items", json=uris(TRACKS[:1])), 403)


def test_lists_of_playlists(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    public, private = new_playlist(anna), new_playlist(anna, public=False)
    bens = new_playlist(ben)
    ok(anna.put(f"/v1/playlists/{bens}/followers", json={"public": False}))
    mine = ok(anna.get("/v1/me/playlists"))
    contract.check(mine, "PagingPlaylistObject")
    contract.check(mine["items"][0], "SimplifiedPlaylistObject")
    assert [item["id"] for item in mine["items"]] == [bens, private, public]
    assert [i["id"] for i in ok(anna.get("/v1/users/anna/playlists"))["items"]] == [
        bens, private, public,
    ]  # fmt: skip
    shown = ok(ben.get("/v1/users/anna/playlists"))
    assert ([i["id"] for i in shown["items"]], shown["total"]) == ([public], 1)
    ok(anna.put(f"/v1/playlists/{private}", json={"public": True}))
    ok(anna.put(f"/v1/playlists/{bens}/followers", json={"public": True}))
    shown = ok(ben.get("/v1/users/anna/playlists?limit=2"))
    assert ([i["id"] for i in shown["items"]], shown["total"]) == ([bens, private], 3)
    assert ok(ben.get("/v1/users/nobody/playlists"))["items"] == []
    own = ok(library.client("anna/").get("/v1/users/anna/playlists"))
    assert [item["public"] for item in own["items"]] == [True, True, True]
    refused(ben.get("/v1/users/../playlists"), 404)


def test_followers_are_counted_once(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    playlist_id = new_playlist(anna)

    def followers() -> int:
        return int(ok(anna.get(f"/v1/playlists/{playlist_id}"))["followers"]["total"])

    path = f"/v1/playlists/{playlist_id}/followers"
    for _ in range(2):
        ok(ben.put(path))
        ok(anna.put(path))
    assert followers() == 1
    assert ok(anna.get(f"{path}/contains?ids=ben,anna,clara")) == [True, True, False]
    assert ok(ben.get(f"{path}/contains")) == [True]
    ok(ben.put(path, json={"public": False}))
    assert ok(anna.get(f"{path}/contains?ids=ben")) == [False]
    for _ in range(2):
        ok(ben.delete(path))
    assert followers() == 0
    assert [event.followers for event in library.told()] == [0, 1, 0]


def test_an_owner_who_unfollows_deletes(library: Harness) -> None:
    anna, ben = library.client("anna"), library.client("ben")
    playlist_id = new_playlist(anna, TRACKS[:3])
    ok(ben.put(f"/v1/playlists/{playlist_id}/followers"))
    ok(anna.delete(f"/v1/playlists/{playlist_id}/followers"))
    for client in (anna, ben):
        refused(client.get(f"/v1/playlists/{playlist_id}"), 404)
        assert ok(client.get("/v1/me/playlists"))["items"] == []
        assert ok(client.get("/v1/me/playlists"))["total"] == 0
    refused(anna.delete(f"/v1/playlists/{playlist_id}/followers"), 404)
    refused(anna.post(f"/v1/playlists/{playlist_id}/items", json=uris(TRACKS[:1])), 404)
    last = library.told()[-1]
    assert (last.deleted, last.public, last.name, last.owner) == (True, False, "", "")
    left = [path for path in library.documents.stored if "/chunks/" in path and playlist_id in path]
    assert left == []


@pytest.mark.parametrize("path", ["", "/items", "/tracks", "/images", "/followers/contains"])
def test_unknown_and_malformed_ids(library: Harness, path: str) -> None:
    client = library.client()
    refused(client.get(f"/v1/playlists/short{path}"), 400, "base62")
    refused(client.get(f"/v1/playlists/{UNKNOWN}{path}"), 404)


def test_a_cover(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client, TRACKS[:1])
    path = f"/v1/playlists/{playlist_id}/images"
    for color in ("red", "blue"):
        answer = client.put(path, content=base64.b64encode(jpeg(color=color)))
        assert (answer.status_code, answer.content) == (202, b"")
    images = ok(client.get(path))
    assert images == ok(client.get(f"/v1/playlists/{playlist_id}"))["images"]
    assert [image["width"] for image in images] == list(SIZES)
    [(cover_id, pictures)] = library.covers.stored.items()
    assert images[0]["url"] == f"{URL}/images/{cover_id}/640.jpg"
    for size, picture in pictures.items():
        with Image.open(io.BytesIO(picture)) as image:
            assert image.size == (size, size)
            pixel = image.getpixel((size // 2, size // 2))
            assert isinstance(pixel, tuple)
            assert pixel[2] > 200
    ok(client.delete(f"/v1/playlists/{playlist_id}/followers"))
    assert library.covers.stored == {}


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 400, "image"),
        (b"not base64!", 400, "base64"),
        (base64.b64encode(b"no picture"), 400, "JPEG"),
        (base64.b64encode(jpeg()[:400]), 400, "JPEG"),
        (b"A" * (MOST_BYTES + 1), 413, "larger"),
    ],
)
def test_bad_covers_are_refused(
    library: Harness, content: bytes, status: int, message: str
) -> None:
    client = library.client()
    path = f"/v1/playlists/{new_playlist(client)}/images"
    refused(client.put(path, content=content), status, message)
    assert library.covers.stored == {}


def test_a_png_is_no_cover(library: Harness) -> None:
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "PNG")
    client = library.client()
    path = f"/v1/playlists/{new_playlist(client)}/images"
    refused(client.put(path, content=base64.b64encode(out.getvalue())), 400, "JPEG")


def test_covers_are_the_owners_and_need_their_scope(library: Harness) -> None:
    playlist_id = new_playlist(library.client())
    path, content = f"/v1/playlists/{playlist_id}/images", base64.b64encode(jpeg())
    refused(library.client("ben").put(path, content=content), 403)
    app = library.client("anna/playlist-modify-public")
    refused(app.put(path, content=content), 403, "ugc-image-upload")
    app = library.client("anna/ugc-image-upload")
    refused(app.put(path, content=content), 403, "playlist-modify-public")


def test_featured_playlists(library: Harness) -> None:
    anna, operator = library.client("anna"), library.client("operator")
    one, two, private = new_playlist(anna), new_playlist(anna), new_playlist(anna, public=False)
    path = "/v1/browse/featured-playlists"
    body = {"message": "Friday!", "categories": ["jazz"]}
    assert operator.put(f"{path}/{one}", json=body).status_code == 204
    assert operator.put(f"{path}/{two}", json={}).status_code == 204
    refused(operator.put(f"{path}/{private}", json={}), 404)
    refused(anna.put(f"{path}/{one}", json={}), 403)
    answer = ok(library.client("ben/").get(path))
    contract.check(answer, "PagingFeaturedPlaylistObject")
    assert answer["message"] == "Friday!"
    assert [item["id"] for item in answer["playlists"]["items"]] == [two, one]
    jazz = ok(anna.get("/v1/browse/categories/jazz/playlists"))
    contract.check(jazz, "PagingFeaturedPlaylistObject")
    assert [item["id"] for item in jazz["playlists"]["items"]] == [one]
    ok(anna.put(f"/v1/playlists/{two}", json={"public": False}))
    assert ok(anna.get(path))["playlists"]["total"] == 1
    assert operator.delete(f"{path}/{one}").status_code == 204
    assert ok(anna.get(path))["playlists"]["total"] == 0


def test_fields(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client, TRACKS[:2])
    query = {"fields": "name,tracks.items(added_by.id,track(name,album(!images,href)))"}
    found = ok(client.get(f"/v1/playlists/{playlist_id}", params=query))
    assert set(found) == {"name", "tracks"}
    [first, _] = found["tracks"]["items"]
    assert first["added_by"] == {"id": "anna"}
    assert set(first["track"]) == {"name", "album"}
    assert "id" in first["track"]["album"]
    assert not {"images", "href"} & set(first["track"]["album"])
    page = ok(client.get(f"/v1/playlists/{playlist_id}/items?fields=total,limit&limit=1"))
    assert page == {"total": 2, "limit": 1}
    refused(client.get(f"/v1/playlists/{playlist_id}?fields=name("), 400, "fields")


def test_who_is_told(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client, description="d")
    add(client, playlist_id, TRACKS[:2])
    ok(client.put(f"/v1/playlists/{playlist_id}", json={"public": False}))
    told = library.told()
    assert [event.tracks for event in told] == [0, 2, 2]
    assert [event.public for event in told] == [True, True, False]
    assert [event.version for event in told] == sorted({event.version for event in told})
    assert told[0].description == "d"
    assert len({event.event_id for event in told}) == 3


async def test_a_lost_event_is_told_by_the_tick(library: Harness) -> None:
    library.publisher.fails = 1
    client = library.client()
    playlist_id = new_playlist(client)
    assert library.told() == []
    tick = library.events()
    await tick._announcer.tell_overdue()
    assert library.told() == []
    library.clock.advance(3600)
    assert await tick._announcer.tell_overdue() == 1
    assert await tick._announcer.tell_overdue() == 0
    assert [event.playlist_id for event in library.told()] == [playlist_id]


def test_pages_of_items(library: Harness) -> None:
    client = library.client()
    playlist_id = new_playlist(client, TRACKS)
    for path in ("items", "tracks"):
        page = ok(client.get(f"/v1/playlists/{playlist_id}/{path}?limit=100&offset=250"))
        contract.check(page, "PagingPlaylistTrackObject")
        assert [item["track"]["id"] for item in page["items"]] == TRACKS[250:]
    assert items(client, playlist_id) == TRACKS
    assert ok(client.get(f"/v1/playlists/{playlist_id}/items?offset=999"))["items"] == []
    refused(client.get(f"/v1/playlists/{playlist_id}/items?limit=101"), 400, "limit")
    refused(client.get(f"/v1/playlists/{playlist_id}/items?market=x"), 400, "market")
    library.catalog.known_tracks.remove(TRACKS[0])
    assert ok(client.get(f"/v1/playlists/{playlist_id}/items"))["items"][0]["track"] is None
