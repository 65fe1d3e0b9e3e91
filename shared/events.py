"""The events that services tell each other, as they lie in a Pub/Sub message's data.

JSON under the Avro schemas of `shared/schemas/`: no nulls; "" and 0 mean unknown.
"""

import msgspec


class Rendition(msgspec.Struct, frozen=True):
    """One encoding of a track. `bitrate` in nominal bits a second; 0 where it varies."""

    name: str
    codec: str
    bitrate: int
    lossless: bool


class Download(msgspec.Struct, frozen=True):
    """A whole file to download. `path` is relative to the media's prefix; `bytes` its size."""

    name: str
    codec: str
    bitrate: int
    path: str
    bytes: int


class MediaReady(msgspec.Struct, frozen=True):
    """A track has been encoded and lies in the media bucket.

    `prefix` is the folder of its files, without slashes at the ends. `generation` is the upload's
    GCS generation: of two events for a track, the higher is the newer. Tags are as the file gives
    them, cleaned of control characters. Loudness in LUFS (EBU R128), true peak in dBTP.
    """

    event_id: str
    upload_id: str
    track_id: str
    owner: str
    generation: int
    prefix: str
    title: str
    artists: list[str]
    album: str
    album_artists: list[str]
    compilation: bool
    group: str
    disc_number: int
    track_number: int
    release_date: str
    genres: list[str]
    isrc: str
    upc: str
    label: str
    copyright: str
    explicit: bool
    cover_id: str
    duration_ms: int
    samples: int
    sample_rate: int
    channels: int
    integrated_lufs: float
    true_peak_db: float
    renditions: list[Rendition]
    downloads: list[Download]


class Change(msgspec.Struct, frozen=True):
    """One catalogue item that changed. `type` is track, album or artist."""

    type: str
    id: str


class CatalogChanged(msgspec.Struct, frozen=True):
    """Items of the catalogue were written. `upload_id` is the upload that caused it, or ""."""

    event_id: str
    upload_id: str
    generation: int
    changes: list[Change]


class PersonErased(msgspec.Struct, frozen=True):
    """A person asked to be forgotten: every owner erases what it holds about them.

    `requested_at` is RFC 3339, in UTC. Of two events for a person, either will do.
    """

    event_id: str
    user_id: str
    requested_at: str


class PersonErasedHere(msgspec.Struct, frozen=True):
    """One owner (`service`, for instance media) holds nothing about the person any more."""

    event_id: str
    user_id: str
    service: str


class ObjectFinalised(msgspec.Struct, frozen=True):
    """An object arrived in a bucket: Cloud Storage's own notification, the part that is read."""

    bucket: str
    name: str
    generation: str


def attributes(event: msgspec.Struct, *, event_id: str, source: str) -> dict[str, str]:
    """The CloudEvents attributes of an event (binary mode of the Pub/Sub binding)."""
    return {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-source": f"//cadenza/{source}",
        "ce-type": f"cadenza.{type(event).__name__}",
        "content-type": "application/json",
    }
