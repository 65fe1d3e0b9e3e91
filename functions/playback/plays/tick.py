"""What is done every few minutes: plays are counted, and popularity is worked out and told."""

import asyncio
import datetime
import logging
import random
import time
from collections.abc import Sequence

from functions.playback.plays import counting
from functions.playback.plays.counting import Item, Tally
from functions.playback.plays.counts import Count, CountStore
from functions.playback.plays.known import Catalogue
from functions.playback.plays.popularity import popularity
from functions.playback.plays.store import PlayStore, StoredDay
from shared import ids
from shared.clock import Clock, utc_now
from shared.events import Popularity, PopularityChanged
from shared.firestore import Conflict
from shared.messaging import Publisher
from shared.telemetry import fields

# Less than a handler may take; what is left is for the next time.
_BUDGET_S = 60.0
_DAYS_AT_ONCE = 200
_DUE_AT_ONCE = 200
_ROUNDS_WITHOUT_PROGRESS = 4
_PAUSE_S = 0.2
# Of one track, so that its numbers fit into one batch.
_MOST_ARTISTS = 50
_EVERY = datetime.timedelta(days=1)

log = logging.getLogger(__name__)


class PlayTick:
    """May run twice at once: what one of them has written, the other one finds written."""

    def __init__(
        self,
        *,
        store: PlayStore,
        counts: CountStore,
        catalogue: Catalogue,
        publisher: Publisher,
        topic: str,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._counts = counts
        self._catalogue = catalogue
        self._publisher = publisher
        self._topic = topic
        self._clock = clock

    async def run(self) -> tuple[int, int]:
        """How many plays were counted, and of how many items the popularity changed."""
        deadline = time.monotonic() + _BUDGET_S
        counted = await self._count(deadline)
        changed = await self._tell_popularity(deadline)
        log.info("plays counted", extra=fields(plays=counted, popularity_changed=changed))
        return counted, changed

    async def _count(self, deadline: float) -> int:
        counted, stuck = 0, 0
        while time.monotonic() < deadline and stuck < _ROUNDS_WITHOUT_PROGRESS:
            days = await self._store.waiting(_DAYS_AT_ONCE)
            if not days:
                break
            if done := await self._count_days(days):
                counted, stuck = counted + done, 0
            else:
                stuck += 1
                pause = _PAUSE_S * 2**stuck
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  # not for secrets
        return counted

    async def _count_days(self, days: Sequence[StoredDay]) -> int:
        """A batch that meets a day which is being written is tried again, day by day."""
        parents = await self._parents(counting.track_ids(days))
        counted = 0
        for tally in counting.tallies(days, parents):
            try:
                counted += await self._commit(tally)
            except Conflict:
                for day, _ in tally.days:
                    counted += await self._count_alone(day, parents)
        return counted

    async def _count_alone(self, day: StoredDay, parents: counting.Parents) -> int:
        """As it is now, for what it has got meanwhile too; else it waits for the next round."""
        current = (await self._store.days([day.key]))[day.key]
        missing = [each for each in counting.track_ids([current]) if each not in parents]
        known = {**parents, **(await self._parents(missing))}
        counted = 0
        for tally in counting.tallies([current], known)[:1]:
            try:
                counted += await self._commit(tally)
            except Conflict:
                continue
        return counted

    async def _commit(self, tally: Tally) -> int:
        await self._counts.commit(tally, self._clock())
        return sum(n.total() for item, n in tally.plays.items() if item.type == "track")

    async def _parents(self, track_ids: Sequence[str]) -> dict[str, list[Item]]:
        if not track_ids:
            return {}
        tracks = {track.id: track for track in await self._catalogue.tracks(track_ids)}
        parents: dict[str, list[Item]] = {track_id: [] for track_id in track_ids}
        for track_id, track in tracks.items():
            artists = dict.fromkeys(artist.id for artist in track.artists)
            album = [Item("album", track.album_id)] if track.album_id else []
            named = [Item("artist", artist) for artist in artists]
            parents[track_id] = [*album, *named[:_MOST_ARTISTS]]
        return parents

    async def _tell_popularity(self, deadline: float) -> int:
        changed = 0
        while time.monotonic() < deadline:
            now = self._clock()
            due = await self._counts.due(now, _DUE_AT_ONCE)
            if not due:
                break
            worked_out = [(count, popularity(count.days, now.date())) for count in due]
            changed += await self._publish(
                [(count, new) for count, new in worked_out if new != count.popularity], now
            )
            # Once it is told: who dies before this tells it again.
            await self._counts.settle(worked_out, now + _EVERY)
            if len(due) < _DUE_AT_ONCE:
                break
        return changed

    async def _publish(self, news: Sequence[tuple[Count, int]], now: datetime.datetime) -> int:
        if news:
            items = [Popularity(count.item.type, count.item.id, new) for count, new in news]
            computed_at = int(now.timestamp() * 1000)
            event_id = ids.derive(
                "popularity-changed",
                str(computed_at),
                *(f"{each.type}:{each.id}" for each in items),
            )
            event = PopularityChanged(event_id, computed_at, items)
            await self._publisher.publish(self._topic, event, event_id=event_id)
        return len(news)
