"""The most popular tracks in memory, to be compared with each other without a read.

They are loaded when first asked for. Later a newer state is fetched beside the requests, so often
that an instance in constant use reads about ten documents a second, however many tracks there are.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from functions.catalog.availability import is_open
from functions.catalog.model import Terms
from functions.catalog.shelves import Row
from shared.audience import Audience
from shared.events import Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# With their rows some 40 MiB; a query of them takes a few seconds.
MOST_TRACKS = 20_000
_LEAST_AGE_S = 10.0
_SECONDS_A_TRACK = 0.1
_PAUSE_AFTER_FAILURE_S = 30.0

# What tracks may be asked for by, in the Web API's own names.
OF_FEATURES = (
    "acousticness",
    "danceability",
    "energy",
    "instrumentalness",
    "key",
    "liveness",
    "loudness",
    "mode",
    "speechiness",
    "tempo",
    "time_signature",
    "valence",
)
ATTRIBUTES = (*OF_FEATURES, "duration_ms", "popularity")

log = logging.getLogger(__name__)


class PopularTracks:
    """The tracks at one time, the most popular first, by their place among them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.place = {row.id: place for place, row in enumerate(rows)}
        self.by_artist = _places(rows, lambda row: [artist.id for artist in row.artists])
        self.by_genre = _places(rows, lambda row: row.genres)
        self.by_album = _places(rows, lambda row: [row.album_id])
        self._limited = [place for place, row in enumerate(rows) if row.terms != Terms()]
        self._explicit = [place for place, row in enumerate(rows) if row.explicit]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def values(self) -> "NDArray[np.float32]":
        """(tracks, attributes) in the order of `ATTRIBUTES`; NaN where nothing was measured."""
        import numpy as np

        found = np.full((len(self.rows), len(ATTRIBUTES)), np.nan, np.float32)
        for place, row in enumerate(self.rows):
            found[place, -2:] = row.duration_ms, row.popularity
            if is_measured(row.features):
                found[place, :-2] = [getattr(row.features, name) for name in OF_FEATURES]
        return found

    @cached_property
    def vectors(self) -> "NDArray[np.float32]":
        """(tracks, dimensions): how they sound, for distances; 0 where nothing was measured."""
        import numpy as np

        found = np.zeros((len(self.rows), DIMENSIONS), np.float32)
        for place, row in enumerate(self.rows):
            if is_measured(row.features):
                found[place] = vector_of(row.features)
        return found

    @cached_property
    def measured(self) -> "NDArray[np.bool_]":
        """(tracks,): which the media job has listened to."""
        import numpy as np

        return np.array([is_measured(row.features) for row in self.rows], np.bool_)

    @cached_property
    def _squares(self) -> "NDArray[np.float32]":
        found: NDArray[np.float32] = (self.vectors**2).sum(axis=1)
        return found

    def distances(self, places: Sequence[int]) -> "NDArray[np.float32] | None":
        """(tracks,): from the middle of those places that are measured; None if none is."""
        import numpy as np

        heard = [place for place in places if self.measured[place]]
        if not heard:
            return None
        middle = self.vectors[heard].mean(axis=0)
        squares = self._squares - 2 * (self.vectors @ middle) + middle @ middle
        found: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0))
        return found

    def prepare(self) -> None:
        """Works out all that is compared: half a second for the most tracks there may be."""
        for name in ("values", "vectors", "measured", "_squares"):
            getattr(self, name)

    def available(self, audience: Audience, now: str) -> "NDArray[np.bool_]":
        """(tracks,): which may be played to them, by the tracks' own terms."""
        import numpy as np

        found = np.ones(len(self.rows), np.bool_)
        for place in self._limited:
            found[place] = is_open(self.rows[place].terms, audience.market, now)
        if audience.explicit_filter:
            found[self._explicit] = False
        return found


DIMENSIONS = 12


def is_measured(features: Features) -> bool:
    """Whether the media job has listened to the track."""
    return features != Features()


def vector_of(features: Features) -> list[float]:
    """Each dimension spans about 1, and weighs less the less it says.

    Keys lie on the circle of fifths: C is as near to G as to F. A doubled tempo is not far off.
    """
    import math

    fifths = 2 * math.pi * (features.key * 7 % 12) / 12
    sureness = 0.3 * features.key_confidence if features.key >= 0 else 0.0
    tempo = math.log2(max(features.tempo, 30) / 30) / 4 if features.tempo else 0.5
    return [
        features.energy,
        features.danceability,
        features.valence,
        features.acousticness,
        features.instrumentalness,
        features.speechiness,
        0.5 * features.liveness,
        tempo,
        (features.loudness + 20) / 30,
        0.3 * features.mode * features.mode_confidence,
        sureness * math.cos(fifths),
        sureness * math.sin(fifths),
    ]


class Popular:
    """Keeps the newest `PopularTracks`."""

    def __init__(
        self,
        load: Callable[[int], Awaitable[Sequence[Row]]],
        *,
        most: int = MOST_TRACKS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._most = most
        self._clock = clock
        self._tracks: PopularTracks | None = None
        self._refresh_at = 0.0
        self._loading: asyncio.Task[PopularTracks] | None = None

    async def get(self) -> PopularTracks:
        """At once, after the first time; raises what `load` raises the first time."""
        if self._loading is None and (self._tracks is None or self._clock() >= self._refresh_at):
            self._loading = asyncio.create_task(self._refresh())
            self._loading.add_done_callback(self._loaded)
        if self._tracks is not None:
            return self._tracks
        assert self._loading is not None
        # Shielded: others may wait for this load when our caller gives up.
        return await asyncio.shield(self._loading)

    async def _refresh(self) -> PopularTracks:
        started_at = self._clock()
        tracks = PopularTracks(await self._load(self._most))
        if len(tracks):
            # Worked out here once, and not by the first who asks.
            await asyncio.to_thread(tracks.prepare)
        self._refresh_at = started_at + max(_LEAST_AGE_S, _SECONDS_A_TRACK * len(tracks))
        self._tracks = tracks
        return tracks

    def _loaded(self, task: "asyncio.Task[PopularTracks]") -> None:
        self._loading = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._refresh_at = self._clock() + _PAUSE_AFTER_FAILURE_S
            log.warning("the popular tracks cannot be loaded", exc_info=error)


def _places(rows: Sequence[Row], names: Callable[[Row], Sequence[str]]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        for name in names(row):
            found.setdefault(name, []).append(place)
    return found
