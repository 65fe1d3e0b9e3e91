"""Some music to save, and people who call with Spotify's clients."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]

from tests import sounds
from tests.platform import Platform

SCOPES = (
    "playlist-read-private",
    "playlist-read-collaborative",
    "playlist-modify-private",
    "playlist-modify-public",
    "user-library-read",
    "user-library-modify",
    "user-follow-read",
    "user-follow-modify",
    "ugc-image-upload",
)
UNKNOWN = "0000000000000000000001"


@dataclass(frozen=True)
class Shelf:
    """Ids of three tracks, of their album and of their artist."""

    tracks: list[str]
    album: str
    artist: str

    @property
    def uris(self) -> list[str]:
        return [f"spotify:track:{track}" for track in self.tracks]


def make(platform: Platform, folder: Path) -> Shelf:
    """Adds the music; the same again is the same."""
    files = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=2,
            seed=900 + number,
            tags={
                "title": f"Book {number}",
                "artist": "The Shelves",
                "album": "Library",
                "tracknumber": str(number),
            },
        )
        for number in (1, 2, 3)
    ]
    tracks = platform.added(*files)
    track = platform.get(f"/v1/tracks/{tracks[0]}")
    return Shelf(tracks, track["album"]["id"], track["artists"][0]["id"])


def spotify(platform: Platform, user: str) -> "spotipy.Spotify":
    """spotipy for a person who allows everything."""
    client = spotipy.Spotify(auth=platform.token(user=user, scopes=SCOPES), retries=0)
    client.prefix = f"{platform.url}/v1/"
    return client


class _Rewriting(httpx.HTTPTransport):
    """Sends what is meant for Spotify to the platform."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(
            scheme=self._url.scheme, host=self._url.host, port=self._url.port
        )
        request.headers["Host"] = self._url.netloc.decode()
        return super().handle_request(request)


@contextmanager
def strict(platform: Platform, user: str) -> Iterator["tekore.Spotify"]:
    """tekore for a person who allows everything; a field that it does not know is an error."""
    with (
        httpx.Client(transport=_Rewriting(platform.url), timeout=30) as client,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error", tekore.model.UnknownModelAttributeWarning)
        token = platform.token(user=user, scopes=SCOPES)
        yield tekore.Spotify(token, sender=tekore.SyncSender(client))
