"""Features, recommendations and browsing of what was just uploaded, through real clients."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]

from shared import ids
from tests import sounds
from tests.platform import Platform

UNKNOWN = ids.derive("nothing")
WITHIN_S = 60
# What the contract asks for where it tells how far a person has listened.
POSITIONS = "user-read-playback-position"

# Spotipy warns of each method whose route Spotify has withdrawn.
pytestmark = pytest.mark.filterwarnings("ignore:You're using:DeprecationWarning")


@dataclass(frozen=True)
class Release:
    """Three tracks of two artists and two genres, on one album."""

    tracks: list[str]
    artist: str
    guest: str
    album: str


@pytest.fixture(scope="module")
def release(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("release")
    files = [_file(folder, number) for number in range(1, 4)]
    tracks = platform.added(*files)
    _, _, last = (platform.get(f"/v1/tracks/{track}") for track in tracks)
    [artist, guest] = [each["id"] for each in last["artists"]]
    return Release(tracks, artist, guest, last["album"]["id"])


def _file(folder: Path, number: int) -> Path:
    artist = "Sonar;Echo" if number == 3 else "Sonar"
    tags = {
        "title": f"Ping {number}",
        "artist": artist,
        "album": "Soundings",
        "albumartist": "Sonar",
        "tracknumber": str(number),
        "genre": "Submarine Pop",
        "date": "2031-01-01",
    }
    return sounds.write(folder / f"{number}.flac", seconds=4, seed=40 + number, tags=tags)


@pytest.fixture(scope="module")
def spotify(platform: Platform) -> "spotipy.Spotify":
    client = spotipy.Spotify(auth=platform.token(scopes=(POSITIONS,)), retries=0)
    client.prefix = f"{platform.url}/v1/"
    return client


@pytest.fixture(scope="module")
def strict(platform: Platform) -> Iterator["tekore.Spotify"]:
    def here(request: httpx.Request) -> None:
        request.url = httpx.URL(f"{platform.url}{request.url.raw_path.decode()}")
        request.headers["host"] = request.url.netloc.decode()

    with httpx.Client(event_hooks={"request": [here]}, timeout=30) as client:
        yield tekore.Spotify(platform.token(scopes=(POSITIONS,)), sender=tekore.SyncSender(client))


def soon(ask: Callable[[], Any], is_there: Callable[[Any], bool]) -> Any:
    """Popular tracks are kept in memory for a while, and fetched anew beside the requests."""
    deadline = time.monotonic() + WITHIN_S
    while not is_there(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.5)
    return answer


def test_features_and_analysis(spotify: "spotipy.Spotify", release: Release) -> None:
    first = release.tracks[0]
    found = spotify.audio_features([first, UNKNOWN])
    assert found[1] is None
    assert found[0]["id"] == first
    assert found[0]["duration_ms"] == 4000
    analysis = spotify.audio_analysis(first)
    assert analysis["track"]["key"] == found[0]["key"]
    assert analysis["track"]["duration"] == pytest.approx(4, abs=0.01)
    assert analysis["segments"]


def test_recommendations(spotify: "spotipy.Spotify", release: Release) -> None:
    def ask() -> Any:
        return spotify.recommendations(seed_tracks=release.tracks[:1], limit=100)["tracks"]

    tracks = soon(ask, lambda tracks: set(release.tracks[1:]) <= {track["id"] for track in tracks})
    assert release.tracks[0] not in {track["id"] for track in tracks}
    by_genre = spotify.recommendations(seed_genres=["submarine pop"], country="SE")
    assert {track["id"] for track in by_genre["tracks"]} == set(release.tracks)
    none = spotify.recommendations(seed_genres=["submarine pop"], min_popularity=100)
    assert none["tracks"] == []
    assert none["seeds"][0]["afterFilteringSize"] == 0


def test_genres(spotify: "spotipy.Spotify", release: Release) -> None:
    seeds = soon(
        spotify.recommendation_genre_seeds, lambda found: "submarine pop" in found["genres"]
    )
    assert seeds["genres"] == sorted(seeds["genres"])
    categories = spotify.categories(limit=50)["categories"]["items"]
    assert ("submarine-pop", "Submarine Pop") in {(each["id"], each["name"]) for each in categories}
    assert spotify.category("submarine-pop")["name"] == "Submarine Pop"


def test_browsing(spotify: "spotipy.Spotify", release: Release) -> None:
    newest = spotify.new_releases(country="SE", limit=1)["albums"]
    assert [album["id"] for album in newest["items"]] == [release.album]
    top = spotify.artist_top_tracks(release.artist, country="SE")["tracks"]
    assert {track["id"] for track in top} == set(release.tracks)
    assert "SE" in spotify.available_markets()["markets"]

    def ask() -> Any:
        return spotify.artist_related_artists(release.artist)["artists"]

    soon(ask, lambda found: release.guest in {artist["id"] for artist in found})


def test_what_the_catalogue_has_none_of(spotify: "spotipy.Spotify") -> None:
    assert spotify.shows([UNKNOWN]) == {"shows": [None]}
    assert spotify.show_episodes(UNKNOWN)["items"] == []
    with pytest.raises(spotipy.SpotifyException, match="404"):
        spotify.episode(UNKNOWN)
    with pytest.raises(spotipy.SpotifyException, match="404"):
        spotify.get_audiobook(UNKNOWN)


def test_episodes_ask_for_a_scope(platform: Platform) -> None:
    with platform.client(platform.token(scopes=("streaming",))) as client:
        for path in ("episodes", "shows"):
            assert client.get(f"/v1/{path}/{UNKNOWN}").status_code == 403


@pytest.mark.filterwarnings("error")
def test_strict_models(strict: "tekore.Spotify", release: Release) -> None:
    """Tekore refuses an answer that lacks a field, and warns of one that it does not know."""
    first, second, third = release.tracks
    assert strict.track_audio_features(first).type == "audio_features"
    assert [each.id for each in strict.tracks_audio_features([second, third])] == [second, third]
    analysis = strict.track_audio_analysis(first)
    assert analysis.segments
    assert len(analysis.segments[0].timbre) == 12
    assert strict.new_releases(limit=1).items[0].id == release.album
    top = strict.artist_top_tracks(release.artist, market="SE")
    assert {track.id for track in top} == set(release.tracks)
    soon(strict.recommendation_genre_seeds, lambda genres: "submarine pop" in genres)
    recommended = strict.recommendations(genres=["submarine pop"], target_energy=0.5, limit=5)
    assert {track.id for track in recommended.tracks} == set(release.tracks)
    assert recommended.seeds[0].afterRelinkingSize == 3
    assert strict.category("submarine-pop").name == "Submarine Pop"
    assert "submarine-pop" in {each.id for each in strict.categories(limit=50).items}
    assert release.guest in {artist.id for artist in strict.artist_related_artists(release.artist)}
    assert "SE" in strict.markets()
    assert strict.show_episodes(UNKNOWN, market="SE").total == 0
