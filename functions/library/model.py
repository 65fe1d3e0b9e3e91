"""Playlists and lists as the library keeps them, and who may do what with them."""

import re
import zlib
from enum import Enum
from typing import Any

import msgspec

from functions.library.journal import Journal
from functions.library.sequence import Directory

# Entries in a chunk: a playlist is edited anywhere, a saved list at its end and looked into whole.
PLAYLIST_CHUNK = 500
LIST_CHUNK = 2_000
MOST_NAME = 200
MOST_DESCRIPTION = 1_000
# The first items of a playlist are known without its chunks: their covers stand for it.
FIRST_ITEMS = 8

_USER_ID = re.compile(r"(?!\.\.?$)(?!__.*__$)[^/\x00-\x1f]{1,128}")


class Kind(str, Enum):
    """The lists of a person."""

    tracks = "tracks"
    albums = "albums"
    artists = "artists"
    users = "users"
    playlists = "playlists"


# How a playlist stands in a person's list: seen by all who look at that person, or not.
SHOWN = "shown"
HIDDEN = "hidden"


class Playlist(msgspec.Struct, frozen=True, kw_only=True):
    """A playlist without its items. `version` grows with each edit and change of details.

    `contributors` are those besides the owner who added items; `first` the ids of its first items.
    """

    id: str
    owner: str
    name: str
    description: str = ""
    public: bool = True
    collaborative: bool = False
    deleted: bool = False
    version: int = 1
    created_at: int = 0
    cover_id: str = ""
    contributors: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    directory: Directory = Directory()
    journal: Journal = Journal()

    def shows_to(self, user: str) -> bool:
        """A private playlist shows to its owner; a collaborative one to all who know its id."""
        return not self.deleted and (self.public or self.collaborative or user == self.owner)

    def takes_items_of(self, user: str) -> bool:
        return user == self.owner or self.collaborative


class SavedList(msgspec.Struct, frozen=True, kw_only=True):
    """A person's list, oldest first. `erased`: the person is gone and nothing is to be kept."""

    version: int = 0
    erased: bool = False
    directory: Directory = Directory()


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    directory: Directory
    journal: Journal = Journal()


_PLAIN = tuple(
    name for name in Playlist.__struct_fields__ if name not in {"id", "directory", "journal"}
)


def playlist_document(playlist: Playlist) -> dict[str, Any]:
    plain: dict[str, Any] = {
        name: list(value) if isinstance(value := getattr(playlist, name), tuple) else value
        for name in _PLAIN
    }
    return plain | {"packed": _pack(_Packed(playlist.directory, playlist.journal))}


def playlist_of(id: str, document: dict[str, Any]) -> Playlist:
    packed = _unpack(document["packed"])
    plain = {name: document[name] for name in _PLAIN if name in document}
    return msgspec.convert(
        {**plain, "id": id, "directory": packed.directory, "journal": packed.journal}, Playlist
    )


def list_document(saved: SavedList) -> dict[str, Any]:
    return {
        "version": saved.version,
        "erased": saved.erased,
        "packed": _pack(_Packed(saved.directory)),
    }


def list_of(document: dict[str, Any]) -> SavedList:
    return SavedList(
        version=document["version"],
        erased=document["erased"],
        directory=_unpack(document["packed"]).directory,
    )


def playlist_path(playlist_id: str) -> str:
    return f"playlists/{playlist_id}"


def list_path(user: str, kind: Kind) -> str:
    return f"users/{user}/lists/{kind.value}"


def is_user_id(text: str) -> bool:
    """Whether it may be somebody's id, and the name of a document."""
    return _USER_ID.fullmatch(text) is not None and len(text.encode()) <= 1_000


def _pack(packed: _Packed) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(packed), 3)


def _unpack(data: bytes) -> _Packed:
    return msgspec.msgpack.decode(zlib.decompress(data), type=_Packed)
