"""Rate limits per app and per user, in a rolling window of half a minute.

Counted in Redis where the stack has one, for all instances together; otherwise, and while Redis
is away, in this process alone.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from shared import telemetry
from shared.errors import TooManyRequests
from shared.tokens import Caller
from shared.window import WINDOW_S, RollingWindow

if TYPE_CHECKING:
    from limits import RateLimitItem

# Requests in a window. An app's token may carry the app's own quota in place of this one; a
# negative one means none, as for Cadenza's own apps, which everybody shares.
USER_QUOTA = 1_500
APP_QUOTA = 15_000

# A request waits no longer than this for Redis.
REDIS_DEADLINE_S = 0.05
REDIS_CONNECTIONS = 16
# Redis that has failed is tried again by one request every so often.
REDIS_RETRY_S = 5.0

log = logging.getLogger(__name__)

# What is counted, and how many of it are allowed in a window.
Hit = tuple[str, int]


class StoreAway(Exception):
    """The shared counters do not answer."""


class SharedWindow(Protocol):
    """Counters that all instances share."""

    async def take(self, hits: list[Hit]) -> float:
        """Seconds until there is room for the first that is refused, or 0; raises `StoreAway`."""


class RateLimits:
    """Refuses callers that call too often."""

    def __init__(
        self,
        shared: SharedWindow | None = None,
        *,
        local: RollingWindow | None = None,
        user_quota: int = USER_QUOTA,
        app_quota: int = APP_QUOTA,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared
        self._local = RollingWindow() if local is None else local
        self._user_quota = user_quota
        self._app_quota = app_quota
        self._clock = clock
        self._retry_at = 0.0
        self._reported_uncounted = 0

    @classmethod
    def at(cls, redis_url: str) -> "RateLimits":
        """Counted in the Redis at `redis_url`; in this process if that is ""."""
        return cls(RedisWindow(redis_url) if redis_url else None)

    async def check(self, caller: Caller) -> None:
        """Counts a request; raises `TooManyRequests`."""
        # The user first: one who is refused takes nothing from the app's other users.
        hits: list[Hit] = []
        if caller.subject != caller.client_id:
            hits.append((f"user:{caller.subject}", self._user_quota))
        if caller.quota >= 0:
            hits.append((f"app:{caller.client_id}", caller.quota or self._app_quota))
        if wait_s := await self.take(hits):
            raise TooManyRequests("API rate limit exceeded", retry_after_s=math.ceil(wait_s))

    async def take(self, hits: list[Hit]) -> float:
        """Counts the hits up to the first that is refused: seconds until it has room, or 0."""
        if self._shared is not None and (now := self._clock()) >= self._retry_at:
            if self._retry_at:
                # Only this request tries; the others go on without.
                self._retry_at = now + REDIS_RETRY_S
            try:
                wait_s = await self._shared.take(hits)
            except StoreAway as error:
                self._retry_at = now + REDIS_RETRY_S
                log.warning("rate limits are counted in this process: %s", error)
                telemetry.count("rate_limit_store_away")
            else:
                self._retry_at = 0.0
                return wait_s
        return self._take_locally(hits)

    def _take_locally(self, hits: list[Hit]) -> float:
        local = self._local
        for key, most in hits:
            if wait_s := local.hit(key, most):
                return wait_s
        if local.uncounted > self._reported_uncounted:
            self._report_uncounted()
        return 0.0

    def _report_uncounted(self) -> None:
        new = self._local.uncounted - self._reported_uncounted
        # By doubling: a flood of strangers is told in a few lines.
        if new >= self._reported_uncounted:
            telemetry.count("rate_limit_uncounted", new)
            self._reported_uncounted = self._local.uncounted


class RedisWindow:
    """The moving window of the `limits` library, in Redis; connects when first used."""

    def __init__(self, url: str, *, deadline_s: float = REDIS_DEADLINE_S) -> None:
        from limits.aio.storage import RedisStorage
        from limits.aio.strategies import MovingWindowRateLimiter
        from redis.asyncio import BlockingConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=REDIS_CONNECTIONS,
            timeout=deadline_s,
            socket_timeout=deadline_s,
            # Once more at once: a connection that was idle may have been closed.
            retry=Retry(NoBackoff(), 1),
        )
        storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix="cadenza-limits",
            connection_pool=pool,  # type: ignore[arg-type]  # passed on as it is
        )
        self._pool = pool
        self._limiter = MovingWindowRateLimiter(storage)
        self._deadline_s = deadline_s
        self._away = (RedisError, OSError, TimeoutError)
        self._items: dict[int, RateLimitItem] = {}

    async def take(self, hits: list[Hit]) -> float:
        try:
            async with asyncio.timeout(self._deadline_s):
                for key, most in hits:
                    item = self._item(most)
                    if not await self._limiter.hit(item, key):
                        reset_at = (await self._limiter.get_window_stats(item, key)).reset_time
                        return min(WINDOW_S, max(1.0, reset_at - time.time()))
        except self._away as error:
            raise StoreAway(str(error) or type(error).__name__) from error
        return 0.0

    async def close(self) -> None:
        await self._pool.disconnect()

    def _item(self, most: int) -> "RateLimitItem":
        from limits import RateLimitItemPerSecond

        if most not in self._items:
            self._items[most] = RateLimitItemPerSecond(most, int(WINDOW_S))
        return self._items[most]
