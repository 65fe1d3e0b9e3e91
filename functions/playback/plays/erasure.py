"""`person-erased`: what a person has played is forgotten, here and in the warehouse."""

import datetime
import logging
from collections.abc import Awaitable, Callable

from functions.playback.plays.store import PlayStore
from functions.playback.plays.warehouse import Warehouse
from shared import ids
from shared.clock import Clock, utc_now
from shared.errors import BadRequest
from shared.events import PersonErased, PersonErasedHere
from shared.messaging import Publisher
from shared.telemetry import fields

SERVICE = "playback"
# Pub/Sub keeps what it could not deliver for a week.
_LATE_WITHIN = datetime.timedelta(days=8)
_LOOK_EVERY = datetime.timedelta(hours=6)
_AT_ONCE = 50

Erase = Callable[[str], Awaitable[None]]

log = logging.getLogger(__name__)


class PlaybackErasure:
    """Erases, and confirms once nothing is left. An event that comes again goes on.

    `erase_players` takes away the rest of what playback holds about a person, by their id.
    """

    def __init__(
        self,
        *,
        store: PlayStore,
        warehouse: Warehouse,
        erase_players: Erase,
        publisher: Publisher,
        topic: str,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._warehouse = warehouse
        self._erase_players = erase_players
        self._publisher = publisher
        self._topic = topic
        self._clock = clock

    async def person_erased(self, event: PersonErased) -> None:
        """Raises `Unavailable` while BigQuery keeps the newest rows from being deleted."""
        if not event.user_id or "/" in event.user_id:
            raise BadRequest("Invalid user_id: not an id")
        # From here on plays that come late are dropped.
        await self._store.mark_erased(event.user_id, self._clock())
        await self._erase(event.user_id)
        event_id = ids.derive("person-erased-here", event.user_id, SERVICE)
        confirmed = PersonErasedHere(event_id, event.user_id, SERVICE)
        await self._publisher.publish(self._topic, confirmed, event_id=event_id)

    async def look_again(self) -> int:
        """Erases what came in late, and was under way when its person was erased."""
        now = self._clock()
        erased = await self._store.erased_to_look_at(now, _AT_ONCE)
        for user_id, since in erased.items():
            await self._erase(user_id)
            following = now + _LOOK_EVERY
            is_over = following > since + _LATE_WITHIN
            await self._store.look_again_at(user_id, None if is_over else following)
        return len(erased)

    async def _erase(self, user_id: str) -> None:
        await self._erase_players(user_id)
        await self._store.forget(user_id)
        await self._warehouse.erase(user_id)
        log.info("a listener is forgotten", extra=fields(user_id=user_id))
