"""Search on the running platform: what is added is found within seconds, what is gone is not."""

import base64
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]

from emulators.issuer import USER
from tests import sounds
from tests.e2e import shelf
from tests.platform import Platform
from tests.waiting import until


def search(platform: Platform, **query: str) -> dict[str, Any]:
    with platform.client() as client:
        answer = client.get("/v1/search", params={"type": "track", "limit": "10", **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids_of(platform: Platform, type: str = "track", **query: str) -> list[str]:
    page = search(platform, type=type, **query)[f"{type}s"]
    return [item["id"] for item in page["items"]]


@pytest.fixture(scope="module")
def added(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a track of the tests' own."""
    file = sounds.write(
        tmp_path_factory.mktemp("search") / "song.flac",
        seconds=2,
        seed=77,
        tags={
            "title": "Évening Lanterns",
            "artist": "Quillfeather Brothers",
            "album": "Harbour Songs",
            "date": "1994-05-01",
            "genre": "Sea Shanty",
        },
    )
    [track_id] = platform.added(file)
    return track_id


def test_a_new_track_is_found_within_seconds(platform: Platform, added: str) -> None:
    until(lambda: ids_of(platform, q="evening lanterns quillfeather")[:1] == [added])
    [item] = search(platform, q="evening lanterns quillfeather", limit="1")["tracks"]["items"]
    assert item["name"] == "Évening Lanterns"
    assert item["type"] == "track"
    assert item["album"]["name"] == "Harbour Songs"


@pytest.mark.parametrize(
    "q",
    [
        "quillfeather eve",  # as one types
        "EVENING LANTERNS",
        "evening lantrens",  # a typing error
        "quilfeather lanterns",
        'artist:"quillfeather brothers" track:lanterns',
        "album:harbour year:1990-1999",
        'genre:"sea shanty"',
        "lanterns NOT morning",
        "xylograph OR lanterns quillfeather",
    ],
)
def test_found_however_it_is_asked_for(platform: Platform, added: str, q: str) -> None:
    until(lambda: added in ids_of(platform, q=q))


def test_its_album_and_its_artist(platform: Platform, added: str) -> None:
    found = search(platform, q="quillfeather", type="album,artist,track,show")
    assert [item["name"] for item in found["albums"]["items"]] == ["Harbour Songs"]
    assert [item["name"] for item in found["artists"]["items"]] == ["Quillfeather Brothers"]
    assert found["shows"]["items"] == []


@pytest.fixture
def playlist(platform: Platform, added: str) -> str:
    """The id of a public playlist that holds the track, once it is found."""
    name = f"Quillfeather {secrets.token_hex(4)}"
    with platform.client() as client:
        made = client.post("/v1/me/playlists", json={"name": name, "public": True})
        made.raise_for_status()
        playlist_id = str(made.json()["id"])
        uris = [f"spotify:track:{added}"]
        client.post(f"/v1/playlists/{playlist_id}/items", json={"uris": uris}).raise_for_status()

    def tracks() -> list[int]:
        found = search(platform, type="playlist", q=name)["playlists"]["items"]
        return [item["tracks"]["total"] for item in found]

    until(lambda: tracks() == [1])
    return playlist_id


def test_spotipy(platform: Platform, added: str, playlist: str) -> None:
    client = shelf.spotify(platform, "searcher")
    types = "artist,album,track,playlist,show,episode,audiobook"
    found = client.search("quillfeather", type=types, market="SE")
    assert list(found) == [f"{type}s" for type in types.split(",")]
    assert [item["id"] for item in found["tracks"]["items"]] == [added]
    assert [item["name"] for item in found["albums"]["items"]] == ["Harbour Songs"]
    assert [item["name"] for item in found["artists"]["items"]] == ["Quillfeather Brothers"]
    shown = {item["id"]: item for item in found["playlists"]["items"]}[playlist]
    assert shown["snapshot_id"] == client.playlist(playlist)["snapshot_id"]
    assert not any(found[name]["items"] for name in ("shows", "episodes", "audiobooks"))
    first = client.search("quillfeather OR harbour", limit=1, type="album,playlist")
    assert client.next(first["playlists"]) is None or first["playlists"]["total"] > 1
    assert client.search("quillfeather", offset=1)["tracks"]["items"] == []
    with pytest.raises(spotipy.SpotifyException) as refused:
        client.search("quillfeather", type="song")
    assert refused.value.http_status == 400


def test_tekore(platform: Platform, added: str, playlist: str) -> None:
    """It refuses an answer that lacks a field, or that has one it does not know."""
    types = ("playlist", "track", "album", "artist", "show", "episode", "audiobook")
    with shelf.strict(platform, "searcher") as client:
        playlists, tracks, albums, artists, *none = client.search("quillfeather", types, "SE")
        assert playlist in {item.id for item in playlists.items}
        assert [track.id for track in tracks.items] == [added]
        assert [album.name for album in albums.items] == ["Harbour Songs"]
        assert [artist.name for artist in artists.items] == ["Quillfeather Brothers"]
        assert [page.total for page in none] == [0, 0, 0]
        [elsewhere] = client.search("quillfeather lanterns")
        assert elsewhere.items[0].available_markets
        assert client.next(elsewhere) is None
        with pytest.raises(tekore.BadRequest):
            client.search("quillfeather", market="Norway")


def test_not_what_was_not_asked_for(platform: Platform, added: str) -> None:
    assert ids_of(platform, q="lanterns NOT quillfeather") == []
    assert ids_of(platform, q="lanterns year:2001") == []


@pytest.mark.parametrize(
    "query",
    [{"q": ""}, {"type": "song"}, {"limit": "0"}, {"offset": "1000"}, {"market": "Norway"}],
)
def test_bad_queries(platform: Platform, query: dict[str, str]) -> None:
    with platform.client() as client:
        answer = client.get("/v1/search", params={"q": "a", "type": "track", **query})
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["error"]["message"]


@pytest.mark.parametrize("q", ["x" * 5_000, '"' * 99, "a) OR (b", "😀", "NOT NOT", "\x00"])
def test_hostile_queries(platform: Platform, q: str) -> None:
    search(platform, q=q, type="track,album,artist,playlist")


def test_a_public_playlist_until_it_is_private(platform: Platform) -> None:
    name = f"Lighthouse {secrets.token_hex(4)}"
    token = platform.token(scopes=("playlist-modify-public", "playlist-modify-private"))
    with platform.client(token) as client:
        made = client.post(f"/v1/users/{USER}/playlists", json={"name": name, "public": True})
        made.raise_for_status()
        playlist_id = made.json()["id"]
        until(lambda: ids_of(platform, "playlist", q=name) == [playlist_id])
        changed = client.put(f"/v1/playlists/{playlist_id}", json={"public": False})
        changed.raise_for_status()
    until(lambda: ids_of(platform, "playlist", q=name) == [])


def test_who_is_erased_is_found_no_more(platform: Platform, tmp_path: Path) -> None:
    """Tells the service itself, as Pub/Sub would."""
    name = f"Zebulon{secrets.token_hex(4)}"
    tell(platform, "profile-changed", {
        "event_id": "e", "user_id": name, "display_name": name, "changed_at": 1,
    })  # fmt: skip
    until(lambda: ids_of(platform, "user", q=name) == [name])
    tell(platform, "person-erased", {"event_id": "e", "user_id": name, "requested_at": ""})
    until(lambda: ids_of(platform, "user", q=name) == [])


def test_a_compaction_changes_nothing_that_is_found(platform: Platform, added: str) -> None:
    address = platform.status["services"]["search-events"]
    httpx.post(f"{address}/tasks/rebuild", timeout=60).raise_for_status()
    until(lambda: ids_of(platform, q="evening lanterns quillfeather")[:1] == [added])


def test_a_track_that_is_taken_down_vanishes(platform: Platform, added: str) -> None:
    """And comes back when it is restored."""
    until(lambda: added in ids_of(platform, q="evening lanterns"))
    with platform.client() as client:
        client.delete(f"/v1/tracks/{added}").raise_for_status()
        until(lambda: ids_of(platform, q="evening lanterns") == [])
        client.put(f"/v1/tracks/{added}/restore").raise_for_status()
    until(lambda: added in ids_of(platform, q="evening lanterns"))


def tell(platform: Platform, topic: str, event: dict[str, object]) -> None:
    import msgspec

    data = base64.b64encode(msgspec.json.encode(event)).decode()
    address = platform.status["services"]["search-events"]
    answer = httpx.post(f"{address}/events/{topic}", json={"message": {"data": data}}, timeout=30)
    answer.raise_for_status()
