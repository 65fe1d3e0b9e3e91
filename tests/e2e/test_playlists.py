"""Playlists, over HTTP and with the clients that people have."""

import base64
import io
import secrets
import time
import warnings
from collections.abc import Iterator

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]
from PIL import Image

from tests import people
from tests.e2e import shelf
from tests.e2e.shelf import Shelf
from tests.platform import Platform
from tests.unit.functions.library import contract


@pytest.fixture(scope="module")
def music_shelf(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return shelf.make(platform, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def user() -> str:
    return f"user{secrets.token_hex(4)}"


@pytest.fixture
def client(platform: Platform, user: str) -> Iterator[httpx.Client]:
    with platform.client(platform.token(user=user, scopes=shelf.SCOPES)) as client:
        yield client


@pytest.fixture(scope="module")
def cover() -> str:
    """A JPEG in base64."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def test_a_playlist_fits_the_contract(client: httpx.Client, music_shelf: Shelf) -> None:
    made = client.post("/v1/me/playlists", json={"name": "Mine", "description": "d"})
    assert made.status_code == 201, made.text
    contract.check(made.json(), "PlaylistObject")
    path = f"/v1/playlists/{made.json()['id']}"
    added = client.post(f"{path}/items", json={"uris": music_shelf.uris})
    assert added.status_code == 201, added.text
    found = client.get(path).json()
    contract.check(found, "PlaylistObject")
    assert [item["track"]["id"] for item in found["tracks"]["items"]] == music_shelf.tracks
    assert [item["item"]["id"] for item in found["items"]["items"]] == music_shelf.tracks
    assert found["snapshot_id"] == added.json()["snapshot_id"]
    contract.check(client.get(f"{path}/tracks").json(), "PagingPlaylistTrackObject")
    contract.check(client.get("/v1/me/playlists").json(), "PagingPlaylistObject")
    query = {"fields": "items(added_by.id,track(name,album(!images,href))),total"}
    selected = client.get(f"{path}/items", params=query).json()
    assert set(selected) == {"items", "total"}
    assert set(selected["items"][0]) == {"added_by", "track"}
    assert "images" not in selected["items"][0]["track"]["album"]


def test_a_cover_reaches_the_edge(
    platform: Platform, client: httpx.Client, music_shelf: Shelf, cover: str
) -> None:
    playlist_id = client.post("/v1/me/playlists", json={"name": "x"}).json()["id"]
    path = f"/v1/playlists/{playlist_id}/images"
    answer = client.put(path, content=cover, headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 202, answer.text
    for image in client.get(path).json():
        picture = httpx.get(image["url"])
        assert picture.status_code == 200
        with Image.open(io.BytesIO(picture.content)) as read:
            assert read.size == (image["width"], image["height"])
    assert client.delete(f"/v1/playlists/{playlist_id}/followers").status_code == 200
    assert client.get(path).status_code == 404


def test_featured_playlists(platform: Platform, client: httpx.Client) -> None:
    playlist_id = client.post("/v1/me/playlists", json={"name": "Featured"}).json()["id"]
    path = f"/v1/browse/featured-playlists/{playlist_id}"
    category = f"c{secrets.token_hex(3)}"
    assert client.put(path, json={}).status_code == 403
    token = platform.token(user="boss", roles=("operator",))
    with platform.client(token) as operator:
        body = {"message": "Today", "categories": [category]}
        assert operator.put(path, json=body).status_code == 204
        answer = client.get(f"/v1/browse/categories/{category}/playlists").json()
        contract.check(answer, "PagingFeaturedPlaylistObject")
        assert [item["id"] for item in answer["playlists"]["items"]] == [playlist_id]
        with shelf.strict(platform, "reader") as strict:
            message, playlists = strict.featured_playlists()
            assert message
            assert playlist_id in [playlist.id for playlist in playlists.items]
            assert strict.category_playlists(category).total == 1
        assert operator.delete(path).status_code == 204
    spotify = shelf.spotify(platform, "reader")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert spotify.category_playlists(category)["playlists"]["items"] == []
        assert "message" in spotify.featured_playlists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_spotipy(platform: Platform, music_shelf: Shelf, user: str, cover: str) -> None:
    client, uris = shelf.spotify(platform, user), music_shelf.uris
    made = client.current_user_playlist_create("One", public=False, description="d")
    playlist_id = made["id"]
    client.user_playlist_create(user, "Two")
    assert [each["name"] for each in client.current_user_playlists()["items"]] == ["Two", "One"]
    assert client.user_playlists(user)["total"] == 2
    snapshot = client.playlist_add_items(playlist_id, uris)["snapshot_id"]
    client.user_playlist_add_tracks(user, playlist_id, music_shelf.tracks[:1], position=0)

    def names() -> list[str]:
        return [each["track"]["name"] for each in client.playlist_items(playlist_id)["items"]]

    assert names() == ["Book 1", "Book 1", "Book 2", "Book 3"]
    client.playlist_reorder_items(playlist_id, 0, 3, snapshot_id=snapshot)
    assert names() == ["Book 1", "Book 2", "Book 3", "Book 1"]
    client.playlist_remove_specific_occurrences_of_items(
        playlist_id, [{"uri": uris[0], "positions": [3]}]
    )
    client.playlist_remove_all_occurrences_of_items(playlist_id, uris[1:2])
    assert names() == ["Book 1", "Book 3"]
    client.playlist_replace_items(playlist_id, uris[1:])
    assert names() == ["Book 2", "Book 3"]
    client.playlist_change_details(playlist_id, name="New", public=True, description="e")
    found = client.playlist(playlist_id, fields="name,description,public")
    assert found == {"name": "New", "description": "e", "public": True}
    client.playlist_upload_cover_image(playlist_id, cover)
    assert [image["width"] for image in client.playlist_cover_image(playlist_id)] == [640, 300, 60]
    other = shelf.spotify(platform, f"{user}x")
    other.current_user_follow_playlist(playlist_id)
    assert other.current_user_saved_items([f"spotify:playlist:{playlist_id}"]) == [True]
    assert client.playlist(playlist_id)["followers"]["total"] == 1
    with pytest.raises(spotipy.SpotifyException) as refused:
        other.playlist_add_items(playlist_id, uris)
    assert refused.value.http_status == 403
    other.current_user_unfollow_playlist(playlist_id)
    client.current_user_unfollow_playlist(playlist_id)
    with pytest.raises(spotipy.SpotifyException) as gone:
        client.playlist(playlist_id)
    assert gone.value.http_status == 404


def test_tekore(platform: Platform, music_shelf: Shelf, user: str, cover: str) -> None:
    with shelf.strict(platform, user) as client:
        made = client.playlist_create(user, "One", description="d")
        assert made.tracks.total == 0
        snapshot = client.playlist_add(made.id, music_shelf.uris)
        client.playlist_add(made.id, music_shelf.uris[:1], position=0)
        found = client.playlist(made.id)
        assert [item.track.name for item in found.tracks.items] == [
            "Book 1", "Book 1", "Book 2", "Book 3",
        ]  # fmt: skip
        client.playlist_reorder(made.id, 2, 0, snapshot_id=snapshot)
        page = client.playlist_items(made.id, limit=2)
        names = [item.track.name for item in client.all_items(page)]
        assert names == ["Book 3", "Book 1", "Book 1", "Book 2"]
        client.playlist_remove(made.id, music_shelf.uris[:1])
        assert client.playlist_items(made.id, fields="total") == {"total": 2}
        client.playlist_replace(made.id, music_shelf.uris)
        client.playlist_change_details(made.id, name="New", public=False)
        client.playlist_change_details(made.id, collaborative=True)
        [listed] = client.followed_playlists().items
        assert (listed.name, listed.public, listed.collaborative) == ("New", False, True)
        assert client.playlists(user).total == 1
        client.playlist_cover_image_upload(made.id, cover)
        assert len(client.playlist_cover_image(made.id)) == 3
        with shelf.strict(platform, f"{user}x") as other:
            other.playlist_follow(made.id)
            other.playlist_add(made.id, music_shelf.uris[:1])
            assert client.playlist_is_following(made.id, [f"{user}x"]) == [True]
            other.playlist_unfollow(made.id)
        client.playlist_clear(made.id)
        assert client.playlist_items(made.id).total == 0
        client.playlist_unfollow(made.id)
        with pytest.raises(tekore.NotFound):
            client.playlist(made.id)


def test_the_owners_name_is_shown(platform: Platform) -> None:
    """From the sign-up to the playlist."""
    email = f"{secrets.token_hex(4)}@example.com"
    with people.sign_up(platform, email, name="Somebody") as browser:
        tokens = people.tokens_of(platform, browser, " ".join(shelf.SCOPES))
    with platform.client(tokens["access_token"]) as client:
        made = client.post("/v1/me/playlists", json={"name": "x"})
        assert made.status_code == 201, made.text
        deadline = time.monotonic() + 120
        while client.get(made.json()["href"]).json()["owner"]["display_name"] != "Somebody":
            assert time.monotonic() < deadline
            time.sleep(0.5)
