"""What an owner asks to be changed of a track or an album, and what comes of it, without I/O."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from functions.catalog import checks
from functions.catalog.edits import edited
from functions.catalog.model import Album, AlbumFacts, Terms, Track, TrackEdit
from shared.errors import BadRequest

Text = str | None | UnsetType
Texts = list[str] | None | UnsetType
S = TypeVar("S", bound=msgspec.Struct)


class TrackChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is not given stays; null gives back what the file says.

    No `markets`: everywhere. Times are RFC 3339, "" for no limit.
    """

    name: Text = UNSET
    explicit: bool | UnsetType | None = UNSET
    genres: Texts = UNSET
    isrc: Text = UNSET
    markets: Texts = UNSET
    available_from: Text = UNSET
    available_until: Text = UNSET


class AlbumChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is not given stays; null gives back what the tracks say. As for tracks."""

    name: Text = UNSET
    genres: Texts = UNSET
    label: Text = UNSET
    copyright: Text = UNSET
    release_date: Text = UNSET
    upc: Text = UNSET
    markets: Texts = UNSET
    available_from: Text = UNSET
    available_until: Text = UNSET


class TrackState(msgspec.Struct, frozen=True, kw_only=True):
    """A track as its owner sees it: what holds, and in `edited` which of it they said.

    `taken_down_at` and `restorable_until` are null while it is listed.
    """

    id: str
    album_id: str
    name: str
    explicit: bool
    genres: list[str]
    isrc: str
    markets: list[str]
    available_from: str
    available_until: str
    edited: list[str]
    taken_down_at: str | None
    restorable_until: str | None


class AlbumState(msgspec.Struct, frozen=True, kw_only=True):
    """An album as its owner sees it, likewise."""

    id: str
    name: str
    genres: list[str]
    label: str
    copyright: str
    release_date: str
    upc: str
    markets: list[str]
    available_from: str
    available_until: str
    edited: list[str]
    taken_down_at: str | None
    restorable_until: str | None


_Check = Callable[[str, Any], Any]
_CHECKS: Mapping[str, _Check] = {
    "name": checks.name,
    "explicit": lambda _, value: value,
    "genres": checks.genres,
    "isrc": checks.isrc,
    "label": checks.line,
    "copyright": checks.line,
    "release_date": checks.release_date,
    "upc": checks.upc,
    "markets": checks.markets,
    "available_from": checks.time,
    "available_until": checks.time,
}
# What the API and the model name differently.
_FIELDS = {"release_date": "released"}


def track_edit(before: TrackEdit, change: TrackChange) -> TrackEdit:
    """What is said of the track from now on; raises `BadRequest`."""
    return _edit(before, change)


def album_edit(before: AlbumFacts, change: AlbumChange) -> AlbumFacts:
    """What is said of the album from now on; raises `BadRequest`."""
    return _edit(before, change)


def check_window(terms: Terms) -> None:
    """Raises `BadRequest`."""
    try:
        checks.window(terms.available_from, terms.available_until)
    except checks.Invalid as error:
        raise BadRequest(f"Invalid {error}") from error


def difference(before: S, after: S) -> tuple[dict[str, Any], dict[str, Any]]:
    """What each of the two says that the other does not."""
    old: dict[str, Any] = msgspec.to_builtins(before)
    new: dict[str, Any] = msgspec.to_builtins(after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return (
        {name: old[name] for name in names if name in old},
        {name: new[name] for name in names if name in new},
    )


def track_state(track: Track, restorable_until: str) -> TrackState:
    shown = edited(track)
    return TrackState(
        id=shown.id,
        album_id=shown.album_id,
        name=shown.name,
        explicit=shown.explicit,
        genres=shown.genres,
        isrc=shown.isrc,
        markets=shown.terms.markets,
        available_from=shown.terms.available_from,
        available_until=shown.terms.available_until,
        edited=sorted(msgspec.to_builtins(track.edit)),
        taken_down_at=track.taken_down_at or None,
        restorable_until=restorable_until or None,
    )


def album_state(album: Album, restorable_until: str) -> AlbumState:
    said = sorted(msgspec.to_builtins(album.edit))
    return AlbumState(
        id=album.id,
        name=album.name,
        genres=album.genres,
        label=album.label,
        copyright=album.copyright,
        release_date=album.released.date,
        upc=album.upc,
        markets=album.terms.markets,
        available_from=album.terms.available_from,
        available_until=album.terms.available_until,
        edited=["release_date" if name == "released" else name for name in said],
        taken_down_at=album.taken_down_at or None,
        restorable_until=restorable_until or None,
    )


def _edit(before: S, change: TrackChange | AlbumChange) -> S:
    given = {
        name: value
        for name in change.__struct_fields__
        if (value := getattr(change, name)) is not UNSET
    }
    try:
        checked = {
            _FIELDS.get(name, name): None if value is None else _CHECKS[name](name, value)
            for name, value in given.items()
        }
    except checks.Invalid as error:
        raise BadRequest(f"Invalid {error}") from error
    return replace(before, **checked)
