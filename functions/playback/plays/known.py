"""Which tracks there are, asked of the catalogue and remembered."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from cachetools import LRUCache

from functions.playback.plays.report import KnownTrack
from shared.protos.catalog_pb2 import Track

_TTL_S = 600.0
# A track may have been added a moment ago.
_MISSING_TTL_S = 15.0
# Some 200 bytes each.
_MOST = 100_000


class Catalogue(Protocol):
    """What is asked: any number of ids a call."""

    async def tracks(self, ids: Sequence[str]) -> list[Track]: ...


class KnownTracks:
    """A cache before the catalogue, which is asked once for all tracks of a batch."""

    def __init__(
        self, catalogue: Catalogue, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._known: LRUCache[str, tuple[float, KnownTrack | None]] = LRUCache(_MOST)

    async def get(self, track_ids: Sequence[str]) -> dict[str, KnownTrack]:
        """Those that exist; raises `Unavailable` where the catalogue is needed and away."""
        now = self._clock()
        unknown = [each for each in track_ids if self._expiry(each) <= now]
        if unknown:
            found = {track.id: track for track in await self._catalogue.tracks(unknown)}
            for track_id in unknown:
                self._keep(track_id, found.get(track_id), now)
        entries = ((each, self._known[each][1]) for each in track_ids if each in self._known)
        return {track_id: track for track_id, track in entries if track is not None}

    def _expiry(self, track_id: str) -> float:
        entry = self._known.get(track_id)
        return entry[0] if entry else 0.0

    def _keep(self, track_id: str, track: Track | None, now: float) -> None:
        known = KnownTrack(track.duration_ms, track.album_id) if track is not None else None
        expiry = now + (_MISSING_TTL_S if known is None else _TTL_S)
        # A batch is smaller than the cache: none of its own tracks is dropped.
        self._known[track_id] = (expiry, known)
