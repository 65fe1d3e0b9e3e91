"""What a listener plays most, worked out from their days when asked, and remembered for a while."""

import datetime
import time
from collections import Counter
from collections.abc import Callable

from cachetools import TTLCache

from functions.playback.plays.history import RANGES, top, track_counts
from functions.playback.plays.known import Catalogue
from functions.playback.plays.store import PlayStore

_TTL_S = 60.0
# Lists of at most a thousand ids.
_MOST = 200
# The artists of tracks that were played less hardly change the list.
_TRACKS_LOOKED_AT = 1000


class Tops:
    """Ranked ids, the most played first: each play counts once, for each of a track's artists."""

    def __init__(
        self,
        store: PlayStore,
        catalogue: Catalogue,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._known: TTLCache[tuple[str, str], Counter[str]] = TTLCache(_MOST, _TTL_S, clock)

    async def tracks(self, user_id: str, time_range: str, now: datetime.datetime) -> list[str]:
        counts = await self._counts(user_id, time_range, now)
        return top(counts.items())

    async def artists(self, user_id: str, time_range: str, now: datetime.datetime) -> list[str]:
        counts = await self._counts(user_id, time_range, now)
        track_ids = top(counts.items(), most=_TRACKS_LOOKED_AT)
        tracks = await self._catalogue.tracks(track_ids) if track_ids else []
        return top(
            (artist, counts[track.id])
            for track in tracks
            for artist in {artist.id for artist in track.artists}
        )

    async def _counts(self, user_id: str, time_range: str, now: datetime.datetime) -> Counter[str]:
        known = self._known.get((user_id, time_range))
        if known is not None:
            return known
        first_day = (now - datetime.timedelta(days=RANGES[time_range])).date().isoformat()
        counts: Counter[str] = Counter()
        async for day in self._store.latest(user_id, first_day=first_day):
            counts += track_counts(day.entries)
        self._known[user_id, time_range] = counts
        return counts
