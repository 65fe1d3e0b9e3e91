"""Saved music and follows, over HTTP and with the clients that people have."""

import secrets
from collections.abc import Iterator

import httpx
import pytest
import tekore  # type: ignore[import-untyped]

from tests.e2e import shelf
from tests.e2e.shelf import UNKNOWN, Shelf
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


def test_saved_music_fits_the_contract(client: httpx.Client, music_shelf: Shelf) -> None:
    assert client.put("/v1/me/tracks", json={"ids": music_shelf.tracks}).status_code == 200
    assert client.put(f"/v1/me/albums?ids={music_shelf.album}").status_code == 200
    artist = f"type=artist&ids={music_shelf.artist}"
    assert client.put(f"/v1/me/following?{artist}").status_code == 204
    tracks = client.get("/v1/me/tracks?limit=2").json()
    contract.check(tracks, "PagingSavedTrackObject")
    contract.check(tracks["items"][0], "SavedTrackObject")
    assert [item["track"]["id"] for item in tracks["items"]] == music_shelf.tracks[:2]
    rest = client.get(tracks["next"]).json()
    assert [item["track"]["id"] for item in rest["items"]] == music_shelf.tracks[2:]
    albums = client.get("/v1/me/albums").json()
    contract.check(albums, "PagingSavedAlbumObject")
    contract.check(albums["items"][0]["album"], "AlbumObject")
    followed = client.get("/v1/me/following?type=artist").json()["artists"]
    assert [artist["id"] for artist in followed["items"]] == [music_shelf.artist]


def test_what_is_unknown_is_refused(client: httpx.Client) -> None:
    for path in (
        f"/v1/me/tracks?ids={UNKNOWN}",
        f"/v1/me/albums?ids={UNKNOWN}",
        f"/v1/me/following?type=artist&ids={UNKNOWN}",
        f"/v1/me/library?uris=spotify:track:{UNKNOWN}",
        f"/v1/me/shows?ids={UNKNOWN}",
    ):
        answer = client.put(path)
        assert answer.status_code == 404, path
        assert answer.json() == {"error": {"status": 404, "message": "Resource not found"}}


def test_spotipy(platform: Platform, music_shelf: Shelf, user: str) -> None:
    client, tracks = shelf.spotify(platform, user), music_shelf.tracks
    client.current_user_saved_tracks_add(tracks)
    assert client.current_user_saved_tracks_contains([tracks[0]]) == [True]
    assert client.current_user_saved_tracks()["total"] == 3
    client.current_user_saved_tracks_delete(tracks[:1])
    assert client.current_user_saved_tracks_contains(tracks) == [False, True, True]
    client.current_user_saved_albums_add([music_shelf.album])
    assert client.current_user_saved_albums_contains([music_shelf.album]) == [True]
    assert client.current_user_saved_albums()["items"][0]["album"]["name"] == "Library"
    client.current_user_saved_albums_delete([music_shelf.album])
    assert client.current_user_saved_albums()["total"] == 0
    client.user_follow_artists([music_shelf.artist])
    client.user_follow_users(["demo"])
    assert client.current_user_following_artists([music_shelf.artist]) == [True]
    assert client.current_user_following_users(["demo", "nobody"]) == [True, False]
    assert client.current_user_followed_artists()["artists"]["total"] == 1
    client.user_unfollow_artists([music_shelf.artist])
    client.user_unfollow_users(["demo"])
    uris = [f"spotify:artist:{music_shelf.artist}", *music_shelf.uris]
    assert client.current_user_saved_items(uris) == [False, False, True, True]
    for listed in (client.current_user_saved_shows, client.current_user_saved_episodes):
        assert listed()["items"] == []
    assert client.current_user_saved_shows_contains([UNKNOWN]) == [False]
    assert client.current_user_saved_episodes_contains([UNKNOWN]) == [False]


def test_tekore(platform: Platform, music_shelf: Shelf, user: str) -> None:
    with shelf.strict(platform, user) as client:
        client.saved_tracks_add(music_shelf.tracks)
        assert client.saved_tracks_contains(music_shelf.tracks) == [True] * 3
        page = client.saved_tracks(limit=1)
        everything = [item.track.id for item in client.all_items(page)]
        assert everything == music_shelf.tracks
        client.saved_tracks_delete(music_shelf.tracks)
        assert client.saved_tracks().total == 0
        client.saved_albums_add([music_shelf.album])
        assert client.saved_albums_contains([music_shelf.album]) == [True]
        assert client.saved_albums(market="SE").items[0].album.id == music_shelf.album
        client.saved_albums_delete([music_shelf.album])
        client.artists_follow([music_shelf.artist])
        assert client.artists_is_following([music_shelf.artist]) == [True]
        followed = client.followed_artists(limit=1)
        assert [artist.id for artist in client.all_items(followed)] == [music_shelf.artist]
        client.artists_unfollow([music_shelf.artist])
        client.users_follow(["demo"])
        assert client.users_is_following(["demo"]) == [True]
        client.users_unfollow(["demo"])
        assert client.saved_shows().items == []
        assert client.saved_episodes().items == []
        assert client.saved_shows_contains([UNKNOWN]) == [False]
        assert client.saved_episodes_contains([UNKNOWN]) == [False]
        client.saved_shows_delete([UNKNOWN])
        client.saved_episodes_delete([UNKNOWN])
        with pytest.raises(tekore.NotFound):
            client.saved_shows_add([UNKNOWN])
        with pytest.raises(tekore.NotFound):
            client.saved_episodes_add([UNKNOWN])
