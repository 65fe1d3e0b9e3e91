"""What connected people's players are now: read once for all who listen, when the bell rings."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from functions.playback.devices.model import SILENT_AFTER_MS, is_there
from functions.playback.players.changes import now_ms
from functions.playback.players.store import Players, Room
from functions.playback.push.doorbell import Bell, Doorbell
from shared.errors import TooManyRequests
from shared.telemetry import fields

# A person's connections to one instance: tabs, devices, and some more.
MOST_LISTENERS = 20
# The doorbell is looked after this often. It rings for all but a device's silence.
_CHECK_S = 10.0
_RETRY_S = 1.0
_SOON_S = 0.2

log = logging.getLogger(__name__)


class Feed:
    """One person's room, always the newest. Whoever is slow skips what was in between."""

    def __init__(
        self, user: str, players: Players, doorbell: Doorbell, clock: Callable[[], int]
    ) -> None:
        self._user = user
        self._players = players
        self._doorbell = doorbell
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self._bell: Bell | None = None
        self._changed = asyncio.Condition()
        self._count = 0
        self._room: Room | None = None
        self.listeners = 0
        self._task = asyncio.create_task(self._run())

    async def next(self, after: int, timeout_s: float) -> tuple[int, Room] | None:
        """The room, once it is a later reading than the `after`-th; None if time is up."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._count > after)
        except TimeoutError:
            return None
        assert self._room is not None
        return self._count, self._room

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._bell is not None:
            await asyncio.to_thread(self._bell.close)

    async def _run(self) -> None:
        while True:
            try:
                await self._hang()
                await self._read()
            except Exception as error:  # noqa: BLE001  # whatever it is, listeners wait and we go on
                log.warning("a player cannot be read", extra=fields(user=self._user, error=error))
                await asyncio.sleep(_RETRY_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._until_silence()):
                    await self._rung.wait()
            self._rung.clear()

    async def _hang(self) -> None:
        if self._bell is not None and self._bell.is_active:
            return
        hanging = asyncio.ensure_future(
            asyncio.to_thread(self._doorbell.hang, self._user, self._ring)
        )
        try:
            self._bell = await asyncio.shield(hanging)
        except asyncio.CancelledError:
            # Everybody left meanwhile: nobody would take this one down.
            hanging.add_done_callback(_take_down)
            raise

    def _ring(self) -> None:
        # The loop is closed when the last ring comes while the process ends.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._rung.set)

    async def _read(self) -> None:
        room = await self._players.room(self._user)
        async with self._changed:
            self._room = room
            self._count += 1
            self._changed.notify_all()

    def _until_silence(self) -> float:
        """Seconds until a device, for all that is known, has been silent for too long."""
        now = self._clock()
        devices = self._room.devices.values() if self._room else ()
        due = [each.seen_at + SILENT_AFTER_MS - now for each in devices if is_there(each, now)]
        return max(_SOON_S, min([_CHECK_S, *(ms / 1000 + _SOON_S for ms in due)]))


def _take_down(hanging: "asyncio.Future[Bell]") -> None:
    if not hanging.cancelled() and hanging.exception() is None:
        hanging.result().close()


class Hub:
    """The feeds of the people who are connected to this instance."""

    def __init__(
        self, players: Players, doorbell: Doorbell, *, clock: Callable[[], int] = now_ms
    ) -> None:
        self._players = players
        self._doorbell = doorbell
        self._clock = clock
        self._feeds: dict[str, Feed] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def listening(self, user: str) -> AsyncIterator[Feed]:
        """The person's feed, for as long as somebody listens; raises `TooManyRequests`."""
        feed = self._feeds.get(user)
        if feed is None:
            feed = self._feeds[user] = Feed(user, self._players, self._doorbell, self._clock)
        if feed.listeners >= MOST_LISTENERS:
            raise TooManyRequests("Too many connections for one person", retry_after_s=10)
        feed.listeners += 1
        try:
            yield feed
        finally:
            feed.listeners -= 1
            if feed.listeners == 0:
                del self._feeds[user]
                # Beside us: who hung up has cancelled this, and every await in it.
                closing = asyncio.create_task(feed.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
