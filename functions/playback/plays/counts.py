"""How often tracks, albums and artists were played: one document each, written by the tick."""

import asyncio
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.playback.plays.counting import Item, Tally
from functions.playback.plays.store import DAYS, PlayStore, told_document
from shared.firestore import Conflict

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

COUNTS = "play-counts"


@dataclass(frozen=True)
class Count:
    """`days` are ISO dates in UTC. `popularity` is what was published last."""

    item: Item
    total: int
    days: Mapping[str, int]
    popularity: int = 0
    version: Any = None


class CountStore:
    """The numbers in Firestore."""

    def __init__(self, store: PlayStore) -> None:
        self._store = store

    @property
    def _client(self) -> "AsyncClient":
        return self._store.client

    async def get(self, items: Iterable[Item]) -> dict[Item, Count]:
        """Those that were ever played."""
        references = [self._client.document(COUNTS, item.name) for item in items]
        if not references:
            return {}
        snapshots = self._client.get_all(references)
        counts = [_count(snapshot) async for snapshot in snapshots if snapshot.exists]
        return {count.item: count for count in counts}

    async def commit(self, tally: Tally, now: datetime.datetime) -> None:
        """The numbers rise and the days are told, or neither; raises `Conflict`."""
        from google.api_core.exceptions import Aborted, FailedPrecondition, NotFound
        from google.cloud.firestore import Increment

        batch = self._client.batch()
        for day, entries in tally.days:
            batch.update(
                self._client.document(DAYS, day.key.name),
                told_document(day.key, entries),
                option=self._client.write_option(last_update_time=day.version),
            )
        for item, plays in tally.plays.items():
            batch.set(
                self._client.document(COUNTS, item.name),
                {
                    "total": Increment(plays.total()),
                    "days": {day: Increment(number) for day, number in plays.items()},
                    "due_at": now,
                },
                merge=True,
            )
        try:
            await batch.commit()
        except (Aborted, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error

    async def due(self, now: datetime.datetime, limit: int) -> list[Count]:
        """Whose popularity is to be worked out again."""
        from google.cloud.firestore import FieldFilter

        query = (
            self._client.collection(COUNTS)
            .where(filter=FieldFilter("due_at", "<=", now))
            .order_by("due_at")
            .limit(limit)
        )
        return [_count(snapshot) async for snapshot in query.stream()]

    async def settle(
        self, settled: Iterable[tuple[Count, int]], again_at: datetime.datetime
    ) -> None:
        """Notes each popularity; what is at 0 has no need to be looked at again.

        Numbers that rose meanwhile are left as they are, and due.
        """
        from google.api_core.exceptions import Aborted, FailedPrecondition, NotFound
        from google.cloud.firestore import DELETE_FIELD

        async def settle_one(count: Count, popularity: int) -> None:
            due_at = again_at if popularity else DELETE_FIELD
            try:
                await self._client.document(COUNTS, count.item.name).update(
                    {"popularity": popularity, "due_at": due_at},
                    option=self._client.write_option(last_update_time=count.version),
                )
            except (Aborted, FailedPrecondition, NotFound):
                return

        await asyncio.gather(*(settle_one(count, popularity) for count, popularity in settled))


def _count(snapshot: Any) -> Count:
    document = snapshot.to_dict()
    type, _, id = snapshot.id.partition(":")
    return Count(
        item=Item(type, id),
        total=int(document["total"]),
        days=document.get("days", {}),
        popularity=int(document.get("popularity", 0)),
        version=snapshot.update_time,
    )
