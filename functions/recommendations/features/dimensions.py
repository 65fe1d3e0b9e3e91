"""`catalog-changed`: what a track is, noted in BigQuery whenever it changes."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from functions.recommendations.features.embeddings import Embeddings
from functions.recommendations.warehouse import Row, Warehouse
from shared.clock import Clock, utc_now
from shared.events import CatalogChanged

if TYPE_CHECKING:
    from shared.protos.catalog_pb2 import Track

TABLE = "track_facts"
_AT_ONCE = 100
_READ_AT_ONCE = 8
# Events come a hundred at a time, each with hundreds of tracks, whose rows are large.
_NOTED_AT_ONCE = 4


class Catalogue(Protocol):
    """What tracks there are."""

    async def tracks(self, ids: Sequence[str]) -> "Sequence[Track]":
        """Those that are listed."""
        ...


class Dimensions:
    """Appends what a track is now; the newest of its rows holds. A repeated event adds nothing.

    Rows are only ever added: BigQuery takes few changes at a time, and any number of new rows.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        embeddings: Embeddings,
        warehouse: Warehouse,
        clock: Clock = utc_now,
    ) -> None:
        self._catalogue = catalogue
        self._embeddings = embeddings
        self._warehouse = warehouse
        self._clock = clock
        self._noting = asyncio.Semaphore(_NOTED_AT_ONCE)
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)

    async def catalog_changed(self, event: CatalogChanged) -> None:
        wanted = list(dict.fromkeys(each.id for each in event.changes if each.type == "track"))
        for start in range(0, len(wanted), _AT_ONCE):
            async with self._noting:
                await self._note(event.event_id, wanted[start : start + _AT_ONCE])

    async def _note(self, event_id: str, wanted: Sequence[str]) -> None:
        # Before it is read: of two readings the later one is the truer.
        seen_at = self._clock().isoformat()
        found = {track.id: track for track in await self._catalogue.tracks(wanted)}
        vectors = await self._vectors(found.values())
        rows = [
            (
                f"{event_id}:{track_id}",
                row_of(track_id, found.get(track_id), vectors.get(track_id, []), seen_at),
            )
            for track_id in wanted
        ]
        await self._warehouse.append(TABLE, rows)

    async def _vectors(self, tracks: "Iterable[Track]") -> dict[str, list[float]]:
        async def read(track: "Track") -> tuple[str, list[float]]:
            async with self._reading:
                return track.id, await self._embeddings.embedding(track.media.prefix)

        return dict(await asyncio.gather(*(read(each) for each in tracks if each.media.prefix)))


def row_of(track_id: str, track: "Track | None", vector: list[float], seen_at: str) -> Row:
    """A row of `track_facts`; one that is gone is not listed any more."""
    row: dict[str, Any] = {
        "track_id": track_id,
        "seen_at": seen_at,
        "listed": track is not None and track.playable,
        "album_id": "",
        "cover_id": "",
        "release_date": "",
        "explicit": False,
        "popularity": 0,
        "artist_ids": [],
        "artist_names": [],
        "genres": [],
        "markets": [],
        "embedding": vector,
    }
    if track is not None:
        row |= {
            "album_id": track.album_id,
            "cover_id": track.cover_id,
            "release_date": track.release_date,
            "explicit": track.explicit,
            "popularity": track.popularity,
            "artist_ids": [artist.id for artist in track.artists],
            "artist_names": [artist.name for artist in track.artists],
            "genres": list(track.genres),
            "markets": list(track.markets),
        }
    return row
