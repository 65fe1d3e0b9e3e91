"""What tells artists and albums apart: their names, written alike however a file spells them."""

import unicodedata
from collections.abc import Iterable

from functions.catalog.model import ArtistRef
from shared import ids

UNKNOWN_ARTIST = "Unknown Artist"
_VARIOUS = frozenset({"various artists", "various", "va", "v.a."})


def folded(text: str) -> str:
    """Without differences of width, case and white space (NFKC, case folding)."""
    compatible = unicodedata.normalize("NFKC", text)
    return " ".join(unicodedata.normalize("NFKC", compatible.casefold()).split())


def artist(name: str) -> ArtistRef:
    """The artist of that name; the name stays as it is spelled."""
    return ArtistRef(id=ids.derive("artist", folded(name)), name=" ".join(name.split()))


def artists(names: Iterable[str]) -> list[ArtistRef]:
    """The artists named, each once, in order; all spellings of "various" are one."""
    found: dict[str, ArtistRef] = {}
    for name in names:
        folded_name = folded(name)
        if folded_name:
            each = VARIOUS_ARTISTS if folded_name in _VARIOUS else artist(name)
            found.setdefault(each.id, each)
    return list(found.values())


VARIOUS_ARTISTS = artist("Various Artists")


def album_id(
    *,
    owner: str,
    title: str,
    album_artists: list[ArtistRef],
    compilation: bool,
    group: str,
    first_artist: ArtistRef,
    track_id: str,
) -> str:
    """The album that a track's tags put it on.

    Titles repeat ("Greatest Hits"), so an album is told apart by its artists as tagged, in any
    order; else by being a compilation; else by the folder it was uploaded from; else by the
    track's first artist. A track without an album is a single of its own: one album of everything
    that has no tag would put strangers under one cover.
    """
    if not folded(title):
        return ids.derive("album", owner, "", "track", track_id)
    if album_artists and album_artists != [VARIOUS_ARTISTS]:
        identity = ["artists", *sorted(each.id for each in album_artists)]
    elif album_artists or compilation:
        identity = ["various"]
    elif group:
        identity = ["group", group]
    else:
        identity = ["artist", first_artist.id]
    return ids.derive("album", owner, folded(title), *identity)
