"""The catalogue's items as JSON, made once for all who ask for the same one."""

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec

from functions.catalog.availability import holds_until
from functions.catalog.made import Made
from functions.catalog.model import Album, AlbumTrack, Terms, Track
from functions.catalog.reader import Reader
from functions.catalog.shapes import Shapes
from shared.audience import ANYBODY, Audience
from shared.paging import Window

_MOST_MADE_BYTES = 60 * 1024 * 1024
_FIRST_TRACKS = Window(limit=50, offset=0)


class Form(IntEnum):
    """What of an item is shown; numbered as in catalog.proto."""

    track = 0
    album = 1
    full_album = 2
    artist = 3
    simple_artist = 4


class Views:
    """Items by id, those that are listed."""

    def __init__(self, reader: Reader, shapes: Shapes) -> None:
        self._reader = reader
        self._shapes = shapes
        self._made: Made[msgspec.Raw] = Made(_MOST_MADE_BYTES, len)

    async def describe(
        self, form: Form, ids: Sequence[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        match form:
            case Form.track:
                return await self.tracks(ids, audience)
            case Form.album:
                return await self.albums(ids, audience)
            case Form.full_album:
                return await self.full_albums(ids, audience)
            case _:
                return await self.artists(ids, simple=form is Form.simple_artist)

    async def tracks(
        self, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        now = self._reader.now()
        shown: dict[str, msgspec.Raw] = {}
        lacking: list[tuple[Track, Album]] = []
        for track, album in await self._reader.tracks(dict.fromkeys(ids)):
            kept = self._made.get((Form.track, track.id, audience), now, track, album)
            if kept is not None:
                shown[track.id] = kept
            else:
                lacking.append((track, album))
        relinked = await self._reader.relinked(lacking, audience.market) if lacking else {}
        for track, album in lacking:
            instead = relinked.get(track.id)
            made = _json(self._shapes.track(track, album, audience, now, instead=instead))
            shown[track.id] = made
            # What stands in for a track may change without the track: it is made anew each time.
            if instead is None:
                until = holds_until(track.terms, album.terms, now=now)
                self._made.keep((Form.track, track.id, audience), made, track, album, until=until)
        return shown

    async def albums(
        self, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        """Without their tracks."""
        now = self._reader.now()
        shown = {}
        for album in await self._reader.albums(dict.fromkeys(ids)):
            key = (Form.album, album.id, audience)
            kept = self._made.get(key, now, album)
            if kept is None:
                kept = _json(self._shapes.simplified_album(album, audience, now))
                until = holds_until(album.terms, now=now)
                self._made.keep(key, kept, album, until=until)
            shown[album.id] = kept
        return shown

    async def full_albums(
        self, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        """With the first page of their tracks."""
        now = self._reader.now()
        shown = {}
        for album in await self._reader.albums(dict.fromkeys(ids)):
            key = (Form.full_album, album.id, audience)
            kept = self._made.get(key, now, album)
            if kept is None:
                first = album.tracks[: _FIRST_TRACKS.limit]
                instead = await self._reader.relinked(
                    ((each, album) for each in first), audience.market
                )
                kept = _json(
                    self._shapes.album(album, _FIRST_TRACKS, audience, now, instead=instead)
                )
                if not instead:
                    until = holds_until(album.terms, *_terms_of(first), now=now)
                    self._made.keep(key, kept, album, until=until)
            shown[album.id] = kept
        return shown

    async def artists(self, ids: Iterable[str], *, simple: bool = False) -> dict[str, msgspec.Raw]:
        form = Form.simple_artist if simple else Form.artist
        shape = self._shapes.simplified_artist if simple else self._shapes.artist
        shown = {}
        for artist in await self._reader.artists(dict.fromkeys(ids)):
            key = (form, artist.id)
            kept = self._made.get(key, "", artist)
            shown[artist.id] = kept or self._made.keep(key, _json(shape(artist)), artist)
        return shown

    def clear(self) -> None:
        self._made.clear()


def _terms_of(tracks: Iterable[AlbumTrack]) -> list[Terms]:
    return [track.terms for track in tracks]


def _json(value: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
