"""Examples of requests and answers, made by the code that makes the real ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from functions.accounts.people.profile import (
    ExplicitContent,
    PrivateUserObject,
    ProfileChange,
    Profiles,
)
from functions.accounts.people.tables import User
from functions.catalog.model import (
    Album,
    AlbumType,
    Artist,
    ArtistRef,
    DatePrecision,
    ReleaseDate,
    Track,
)
from functions.catalog.shapes import Shapes
from functions.library.api.playlist_items import AddBody
from functions.library.api.playlists import NewPlaylist
from functions.library.shapes import PlaylistSnapshot, SavedTrackObject
from functions.media.model import Kind, Status, UploadRequest, UploadView
from functions.playback.devices.model import DeviceObject, DeviceType
from functions.playback.devices.registry import Registration
from functions.playback.players.asked import Transfer
from functions.playback.players.model import Repeat
from functions.playback.players.starting import Offset, PlayRequest
from functions.playback.players.views import (
    Actions,
    Context,
    Devices,
    Disallows,
    Playback,
    Queue,
)
from functions.playback.plays.report import PlayReport, PlayReports, ReasonEnd, Taken
from functions.playback.streams.licence import JsonWebKey, Licence, LicenceRequest, LicenceType
from functions.playback.streams.model import Loudness, Stream, StreamRendition
from functions.recommendations.routes import FeedbackBody, FeedbackKind
from functions.search.routes import SearchAnswer
from shared import ids
from shared.audience import Audience
from shared.paging import Window, page
from shared.snapshots import snapshot_id

URL = "https://cadenza.example"
HERE = Audience("SE")
# A Monday in 2026, in seconds since the epoch.
_AT = 1_772_438_400
_NOW = "2026-03-02T08:00:00Z"
_LISTENER = ids.derive("example", "listener")
_PLAYLIST = ids.derive("example", "playlist")
_SPEAKER = "kitchen-speaker"
_ARTIST = ArtistRef(ids.derive("example", "artist"), "Vera Holm")


@dataclass(frozen=True)
class Example:
    """Of one operation: what is sent, and what is answered with success."""

    body: Any = None
    answer: Any = None


def examples() -> dict[tuple[str, str], Example]:
    """By method and path, as JSON has them."""
    return {
        key: Example(_plain(each.body), _plain(each.answer)) for key, each in dict(_all()).items()
    }


def _all() -> Iterator[tuple[tuple[str, str], Example]]:
    yield from _catalogue()
    yield from _library()
    yield from _player()
    yield from _streams()
    yield from _account()


def _catalogue() -> Iterator[tuple[tuple[str, str], Example]]:
    shapes, window = Shapes(URL), Window(limit=20, offset=0)
    track = shapes.track(TRACK, ALBUM, HERE, _NOW)
    artist = shapes.artist(Artist(_ARTIST.id, _ARTIST.name, ["folk"], popularity=61))
    yield ("GET", "/v1/tracks/{id}"), Example(answer=track)
    yield ("GET", "/v1/albums/{id}"), Example(answer=shapes.album(ALBUM, window, HERE, _NOW))
    yield (
        ("GET", "/v1/albums/{id}/tracks"),
        Example(answer=shapes.tracks_of(ALBUM, window, HERE, _NOW)),
    )
    yield ("GET", "/v1/artists/{id}"), Example(answer=artist)
    yield ("GET", "/v1/artists/{id}/top-tracks"), Example(answer={"tracks": [track]})
    asked = {"q": "slow harbour", "type": "track"}
    found = page([_raw(track)], Window(limit=5, offset=0), 1, f"{URL}/v1/search", asked)
    yield ("GET", "/v1/search"), Example(answer=SearchAnswer(tracks=found))


def _library() -> Iterator[tuple[tuple[str, str], Example]]:
    saved = [SavedTrackObject("2026-03-02T08:00:00Z", _raw(_track()))]
    listed = page(saved, Window(limit=20, offset=0), 1, f"{URL}/v1/me/tracks")
    yield ("GET", "/v1/me/tracks"), Example(answer=listed)
    yield ("PUT", "/v1/me/tracks"), Example(body={"ids": [TRACK.id]})
    new = NewPlaylist("Ferries", public=False, description="For the crossing")
    yield ("POST", "/v1/me/playlists"), Example(body=_given(new))
    yield (
        ("POST", "/v1/playlists/{playlist_id}/items"),
        Example(AddBody([_uri(TRACK.id)], 0), PlaylistSnapshot(snapshot_id(_PLAYLIST, 2))),
    )
    opinion = FeedbackBody(_uri(TRACK.id), FeedbackKind.hide)
    yield ("POST", "/v1/me/feedback"), Example(body=opinion)


def _player() -> Iterator[tuple[tuple[str, str], Example]]:
    device = DeviceObject(
        id=_SPEAKER,
        is_active=True,
        is_restricted=False,
        name="Kitchen",
        type=DeviceType.speaker,
        volume_percent=60,
        supports_volume=True,
    )
    album = Context(
        "album",
        f"{URL}/v1/albums/{ALBUM.id}",
        {"spotify": f"{URL}/album/{ALBUM.id}"},
        f"spotify:album:{ALBUM.id}",
    )
    playing = Playback(
        context=album,
        timestamp=_AT * 1000,
        progress_ms=41_000,
        is_playing=True,
        item=_raw(_track()),
        currently_playing_type="track",
        actions=Actions(Disallows(resuming=True)),
        device=device,
        repeat_state=Repeat.off,
        shuffle_state=False,
    )
    yield ("GET", "/v1/me/player"), Example(answer=playing)
    yield ("GET", "/v1/me/player/devices"), Example(answer=Devices([device]))
    yield ("GET", "/v1/me/player/queue"), Example(answer=Queue(_raw(_track()), []))
    start = PlayRequest(context_uri=album.uri, offset=Offset(uri=_uri(TRACK.id)), position_ms=0)
    yield ("PUT", "/v1/me/player/play"), Example(body=_given(start))
    yield ("PUT", "/v1/me/player"), Example(body=_given(Transfer([_SPEAKER], play=True)))
    yield (
        ("PUT", "/v1/me/devices/{id}"),
        Example(Registration("Kitchen", DeviceType.speaker.value), device),
    )
    play = PlayReport(
        play_id=ids.derive("example", "play"),
        track_id=TRACK.id,
        started_at=_AT * 1000,
        ms_played=TRACK.duration_ms,
        end_position_ms=TRACK.duration_ms,
        reason_start="clickrow",
        reason_end=ReasonEnd.finished,
        context_uri=album.uri,
        device_id=_SPEAKER,
    )
    yield ("POST", "/v1/plays"), Example(PlayReports([play]), Taken(1, []))


def _streams() -> Iterator[tuple[tuple[str, str], Example]]:
    media = f"{URL}/media/{TRACK.id}/1"
    stream = Stream(
        track_id=TRACK.id,
        manifest_url=f"{media}/master.m3u8",
        dash_url=f"{media}/manifest.mpd",
        licence_url=f"{URL}/v1/licence",
        peaks_url=f"{media}/peaks.bin",
        expires_at=_AT + 600,
        duration_ms=TRACK.duration_ms,
        loudness=Loudness(-13.5, -0.4),
        renditions=[StreamRendition("aac160", "mp4a.40.2", 160_000, lossless=False)],
        downloads=[],
    )
    kid, key = "AAECAwQFBgcICQoLDA0ODw", "Dw4NDAsKCQgHBgUEAwIBAA"
    keys = Licence(
        keys=[JsonWebKey(kid, key)],
        type=LicenceType.temporary,
        session=_SPEAKER,
        expires_at=_AT + 600,
    )
    yield ("GET", "/v1/tracks/{id}/stream"), Example(answer=stream)
    yield ("POST", "/v1/licence"), Example(LicenceRequest([kid], session=_SPEAKER), keys)
    upload = UploadView(
        id=ids.derive("example", "upload"),
        status=Status.pending,
        filename="Slow Harbour.flac",
        size=21_400_000,
        kind=Kind.audio,
        upload_url="https://storage.googleapis.com/upload/storage/v1/b/uploads/o?upload_id=1",
        created_at=_NOW,
        updated_at=_NOW,
    )
    asked = UploadRequest(upload.filename, upload.size, "9f" * 32)
    yield ("POST", "/v1/uploads"), Example(asked, upload)


def _account() -> Iterator[tuple[tuple[str, str], Example]]:
    change = ProfileChange(explicit_content=ExplicitContent(filter_enabled=True))
    yield ("GET", "/v1/me"), Example(answer=_me(filters=False))
    yield ("PUT", "/v1/me"), Example(_given(change), _me(filters=True))


def _me(*, filters: bool) -> PrivateUserObject:
    user = User(
        id=_LISTENER,
        display_name="Nora",
        country="SE",
        email="nora@example.com",
        explicit_content_allowed=not filters,
    )
    scopes = frozenset({"user-read-private", "user-read-email"})
    return Profiles(URL).private(user, scopes=scopes, plan="premium")


def _track() -> msgspec.Struct:
    return Shapes(URL).track(TRACK, ALBUM, HERE, _NOW)


def _given(body: msgspec.Struct) -> dict[str, Any]:
    """What somebody would write: without what is left out."""
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return {name: value for name, value in plain.items() if value is not None}


def _raw(value: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _plain(value: Any) -> Any:
    return None if value is None else msgspec.json.decode(msgspec.json.encode(value))


def _uri(track_id: str) -> str:
    return f"spotify:track:{track_id}"


TRACK = Track(
    id=ids.derive("example", "track"),
    name="Slow Harbour",
    artists=[_ARTIST],
    disc_number=1,
    track_number=1,
    duration_ms=214_000,
    explicit=False,
    genres=["folk"],
    isrc="SEXXX2600001",
    owner=_LISTENER,
    album_id=ids.derive("example", "album"),
    popularity=48,
)
ALBUM = Album(
    id=TRACK.album_id,
    name="Timetables",
    album_type=AlbumType.single,
    artists=[_ARTIST],
    released=ReleaseDate("2026-02-01", DatePrecision.day),
    upc="0000000000017",
    label="Pier",
    copyright="℗ 2026 Pier",
    cover_id="0a1b2c3d4e5f",
    genres=["folk"],
    total_tracks=1,
    total_discs=1,
    tracks=[TRACK],
)
