"""Events as the tests need them: every field has a value, and a test names those it is about."""

from typing import Any

from functions.catalog.model import Track
from functions.catalog.tags import track_of
from shared import ids
from shared.events import Download, MediaReady, Rendition

OWNER = "owner-1"


def media_ready(name: str = "song", *, generation: int = 1, **fields: Any) -> MediaReady:
    """The event of the track called `name`; the same name is the same track."""
    track_id = ids.derive("track", OWNER, name)
    prefix = f"media/{track_id}/{generation}"
    values: dict[str, Any] = {
        "event_id": ids.derive("media-ready", name, str(generation)),
        "upload_id": ids.derive("upload", OWNER, name),
        "track_id": track_id,
        "owner": OWNER,
        "generation": generation,
        "prefix": prefix,
        "title": name,
        "artists": ["The Artist"],
        "album": "The Album",
        "album_artists": [],
        "compilation": False,
        "group": "",
        "disc_number": 1,
        "track_number": 1,
        "release_date": "1999-03-12",
        "genres": [],
        "isrc": "",
        "upc": "",
        "label": "",
        "copyright": "",
        "explicit": False,
        "cover_id": "",
        "duration_ms": 200_000,
        "samples": 8_820_000,
        "sample_rate": 44_100,
        "channels": 2,
        "integrated_lufs": -14.0,
        "true_peak_db": -1.0,
        "renditions": [Rendition("aac160", "mp4a.40.2", 160_000, False)],
        "downloads": [Download("vorbis160", "vorbis", 160_000, "vorbis160.ogg", 4_000_000)],
    }
    return MediaReady(**values | fields)


def track(name: str = "song", **fields: Any) -> Track:
    """The track that `media_ready` makes."""
    return track_of(media_ready(name, **fields))


def album_of_twelve(**fields: Any) -> list[MediaReady]:
    """Twelve numbered tracks of one album."""
    return [media_ready(f"song {number}", track_number=number, **fields) for number in range(1, 13)]
