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


class Features(msgspec.Struct, frozen=True):
    """What a track sounds like, in the Web API's own terms; see docs/audio-features.md.

    `tempo` in beats a minute, 0 where there is none; `key` from 0 (C) to 11 (B), -1 unknown;
    `mode` 1 for major; `loudness` in LUFS; the rest and all confidences from 0 to 1.
    """

    tempo: float = 0.0
    tempo_confidence: float = 0.0
    key: int = -1
    key_confidence: float = 0.0
    mode: int = 0
    mode_confidence: float = 0.0
    time_signature: int = 4
    time_signature_confidence: float = 0.0
    loudness: float = 0.0
    energy: float = 0.0
    danceability: float = 0.0
    valence: float = 0.0
    acousticness: float = 0.0
    instrumentalness: float = 0.0
    liveness: float = 0.0
    speechiness: float = 0.0


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
    # Messages of before there were features lack them.
    features: Features = Features()


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


class ProfileChanged(msgspec.Struct, frozen=True):
    """A person signed up or changed their name. `changed_at` in ms since 1970: the newest holds."""

    event_id: str
    user_id: str
    display_name: str
    changed_at: int


class PlaylistChanged(msgspec.Struct, frozen=True):
    """A playlist as everybody may see it. Of two events for one, the higher `version` is newer.

    Those that are `deleted` or not `public` are to be forgotten by who lists them.
    """

    event_id: str
    playlist_id: str
    owner: str
    name: str
    description: str
    public: bool
    collaborative: bool
    deleted: bool
    cover_id: str
    tracks: int
    followers: int
    version: int


class LibraryEvent(msgspec.Struct, frozen=True):
    """Somebody did something with a track: it comes once or more often.

    `kind`: saved, removed (from what was saved), or added (to a playlist of their own). `at` in
    µs since the epoch.
    """

    event_id: str
    user_id: str
    track_id: str
    kind: str
    at: int


class Play(msgspec.Struct, frozen=True):
    """Somebody played a track, or a part of it. `play_id` is the client's: a retry repeats it.

    `started_at` and `received_at` in µs since the epoch, which is how BigQuery takes times;
    `ms_played` without pauses. `counted`: half a minute or half of the track was heard.
    """

    play_id: str
    user_id: str
    track_id: str
    album_id: str
    started_at: int
    received_at: int
    ms_played: int
    start_position_ms: int
    end_position_ms: int
    duration_ms: int
    reason_start: str
    reason_end: str
    context_uri: str
    device_id: str
    device_type: str
    app: str
    seeks: int
    shuffle: bool
    offline: bool
    country: str
    plan: str
    counted: bool


class Popularity(msgspec.Struct, frozen=True):
    """How popular an item is, from 0 to 100. `type` is track, album or artist."""

    type: str
    id: str
    popularity: int


class PopularityChanged(msgspec.Struct, frozen=True):
    """Items are more or less popular. `computed_at` in ms since the epoch: newest holds."""

    event_id: str
    computed_at: int
    items: list[Popularity]


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
