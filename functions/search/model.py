"""What is searched for: documents, as events bring them and as the index's own files keep them."""

from enum import Enum

import msgspec


class Kind(str, Enum):
    """What a document is; also the Web API's name of its type."""

    track = "track"
    album = "album"
    artist = "artist"
    playlist = "playlist"
    user = "user"


CATALOGUE = (Kind.track, Kind.album, Kind.artist)


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item. `artists` are names; `released` is as much of YYYY-MM-DD as is known.

    `version`: of two documents for a playlist or a user, the higher is newer; those of the
    catalogue have 0, as the later one read holds. `gone_at`, in ms since the epoch, is 0 unless
    the item is not to be found any more. `owner` to `tracks` are a playlist's alone.
    """

    kind: Kind
    id: str
    name: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    popularity: int = 0
    released: str = ""
    genres: tuple[str, ...] = ()
    isrc: str = ""
    upc: str = ""
    owner: str = ""
    description: str = ""
    cover_id: str = ""
    tracks: int = 0
    version: int = 0
    gone_at: int = 0

    @property
    def is_gone(self) -> bool:
        return self.gone_at > 0


class Stored(msgspec.Struct, frozen=True):
    """What the index keeps of a document besides its words, to answer with."""

    owner: str = ""
    description: str = ""
    cover_id: str = ""
    tracks: int = 0
    name: str = ""
    version: int = 0


def is_newer(document: Document, version: int) -> bool:
    """Whether `document` replaces one of this version, which was written before it."""
    return document.version >= version
