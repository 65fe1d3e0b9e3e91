"""Trying again: how often, how long to wait, and when to stop."""

import asyncio
import datetime
import email.utils
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

Sleep = Callable[[float], Awaitable[None]]

# What may well be different a moment later.
TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """At most `attempts` tries; waits double from `first_s` to `most_s`, with full jitter.

    A server's own `Retry-After` is the least we wait; where it asks for more than
    `longest_wish_s`, we stop trying.
    """

    attempts: int = 6
    first_s: float = 0.4
    most_s: float = 10.0
    longest_wish_s: float = 60.0
    sleep: Sleep = asyncio.sleep
    jitter: Callable[[], float] = random.random

    def wait_s(self, failures: int, wish_s: float | None = None) -> float | None:
        """Seconds to wait after so many failures in a row; None when it is time to stop."""
        if failures >= self.attempts:
            return None
        if wish_s is not None and wish_s > self.longest_wish_s:
            return None
        ceiling = min(self.most_s, self.first_s * 2.0 ** (failures - 1))
        return (wish_s or 0.0) + ceiling * self.jitter()


async def request(
    send: Callable[[], Awaitable[httpx.Response]], patience: Patience
) -> httpx.Response:
    """The answer to an idempotent request, or the last transient one when patience ends.

    Raises `httpx.TransportError` when the last try got no answer.
    """
    failures = 0
    while True:
        lost: httpx.TransportError | None = None
        answer: httpx.Response | None = None
        try:
            answer = await send()
        except httpx.TransportError as error:
            lost = error
        if answer is not None and answer.status_code not in TRANSIENT_STATUSES:
            return answer
        failures += 1
        pause = patience.wait_s(failures, retry_after_s(answer) if answer is not None else None)
        if pause is None:
            if answer is None:
                assert lost is not None
                raise lost
            return answer
        await patience.sleep(pause)


def retry_after_s(answer: httpx.Response) -> float | None:
    """Seconds that the server asks us to wait (RFC 9110: a number or a date), if it does."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())
