"""What the catalogue holds by other than its id: the newest, the most popular, an artist's best."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from functions.catalog.cache import Cache
from functions.catalog.documents import ALBUMS, TRACKS
from functions.catalog.model import ArtistRef, Terms
from shared.events import Features

if TYPE_CHECKING:
    from functions.catalog.store import FirestoreCatalogue

# One page of a query: Firestore would stream them all the same, but a failed one starts again.
_PAGE = 2000
_MOST_SLICES = 500
_MOST_ARTISTS = 5_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A track, as far as it is compared with others. `cover_id` "" without one."""

    id: str
    album_id: str
    artists: list[ArtistRef]
    genres: list[str]
    popularity: int = 0
    duration_ms: int
    explicit: bool = False
    terms: Terms = Terms()
    features: Features = Features()
    cover_id: str = ""


class Shelves(Protocol):
    """Ids of what is listed; whether it may be played somewhere is for the caller to see."""

    async def newest_albums(self, limit: int, offset: int) -> tuple[list[str], int]:
        """A slice of all albums, the latest release first, and how many there are in all."""
        ...

    async def best_tracks(self, artist_id: str, limit: int) -> list[str]:
        """The most popular tracks that name the artist, the most popular first."""
        ...

    async def popular(self, most: int) -> list[Row]:
        """The most popular of all tracks that have a recording, the most popular first."""
        ...


class FirestoreShelves:
    """`Shelves`, on the catalogue's own documents."""

    def __init__(self, catalogue: "FirestoreCatalogue") -> None:
        self._catalogue = catalogue

    async def newest_albums(self, limit: int, offset: int) -> tuple[list[str], int]:
        from google.cloud.firestore import FieldFilter, Query
        from google.cloud.firestore_v1.async_aggregation import AsyncAggregationQuery

        listed = self._catalogue.client.collection(ALBUMS).where(
            filter=FieldFilter("listed", "==", True)
        )
        [[total]] = await AsyncAggregationQuery(listed).count().get()
        newest = listed.order_by("released.date", direction=Query.DESCENDING)
        page = newest.select([]).offset(offset).limit(limit)
        return [snapshot.id async for snapshot in page.stream()], int(total.value)

    async def best_tracks(self, artist_id: str, limit: int) -> list[str]:
        from google.cloud.firestore import FieldFilter, Query

        named = self._catalogue.client.collection(TRACKS).where(
            filter=FieldFilter("artist_ids", "array_contains", artist_id)
        )
        best = named.order_by("popularity", direction=Query.DESCENDING)
        page = best.select([]).limit(limit)
        return [snapshot.id async for snapshot in page.stream()]

    async def popular(self, most: int) -> list[Row]:
        from google.cloud.firestore import FieldFilter, Query

        playable = (
            self._catalogue.client.collection(TRACKS)
            .where(filter=FieldFilter("listed", "==", True))
            .where(filter=FieldFilter("playable", "==", True))
        )
        best = playable.order_by("popularity", direction=Query.DESCENDING)
        fields = [*_FIELDS, "album.cover_id", "edit"]
        rows: list[Row] = []
        query = best.select(fields).limit(min(most, _PAGE))
        while True:
            page = [snapshot async for snapshot in query.stream()]
            rows += [_row(snapshot) for snapshot in page]
            if len(page) < min(most, _PAGE) or len(rows) >= most:
                return rows[:most]
            query = query.start_after(page[-1])


class CachedShelves:
    """`Shelves` that answer the same question from memory for a while."""

    def __init__(self, shelves: Shelves, *, ttl_s: float) -> None:
        async def newest(
            slices: Sequence[tuple[int, int]],
        ) -> Mapping[tuple[int, int], tuple[list[str], int]]:
            return {each: await shelves.newest_albums(*each) for each in slices}

        async def best(asked: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], list[str]]:
            return {each: await shelves.best_tracks(*each) for each in asked}

        self.popular = shelves.popular
        self._newest = Cache(newest, ttl_s=ttl_s, most_items=_MOST_SLICES)
        self._best = Cache(best, ttl_s=ttl_s, most_items=_MOST_ARTISTS)

    async def newest_albums(self, limit: int, offset: int) -> tuple[list[str], int]:
        [found] = await self._newest.get([(limit, offset)])
        return found

    async def best_tracks(self, artist_id: str, limit: int) -> list[str]:
        [found] = await self._best.get([(artist_id, limit)])
        return found


_FIELDS = tuple(name for name in Row.__struct_fields__ if name not in {"id", "cover_id"})


def _row(snapshot: Any) -> Row:
    """With what the owner says over what the file says."""
    document = snapshot.to_dict()
    edit = document.get("edit", {})
    genres, explicit = edit.get("genres"), edit.get("explicit")
    terms = {name: edit[name] for name in Terms.__struct_fields__ if edit.get(name) is not None}
    values = document | {
        "id": snapshot.id,
        "genres": document.get("genres", []) if genres is None else genres,
        "explicit": document.get("explicit", False) if explicit is None else explicit,
        "terms": document.get("terms", {}) | terms,
        "cover_id": document.get("album", {}).get("cover_id", ""),
    }
    return msgspec.convert(values, Row, strict=False)
