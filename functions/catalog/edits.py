"""What people say of tracks and albums, laid over what their files say."""

from typing import Any, TypeVar

import msgspec
from msgspec.structs import asdict, replace

from functions.catalog.model import Album, AlbumFacts, Terms, Track, TrackEdit

S = TypeVar("S", bound=msgspec.Struct)

_TERMS = Terms.__struct_fields__


def edited(track: Track) -> Track:
    """The track as its owner wants it shown."""
    return _with(track, track.terms, track.edit) if track.edit != TrackEdit() else track


def album_with(album: Album, facts: AlbumFacts) -> Album:
    """The album, as far as `facts` say otherwise."""
    return _with(album, album.terms, facts) if facts != AlbumFacts() else album


def filled(below: AlbumFacts, above: AlbumFacts) -> AlbumFacts:
    """What `above` says, and where it says nothing, `below`."""
    return replace(below, **_said(above))


def _with(item: S, terms: Terms, said: TrackEdit | AlbumFacts) -> S:
    values = _said(said)
    of_terms = {name: values.pop(name) for name in _TERMS if name in values}
    return replace(item, **values, terms=replace(terms, **of_terms))


def _said(by: TrackEdit | AlbumFacts) -> dict[str, Any]:
    return {name: value for name, value in asdict(by).items() if value is not None}
