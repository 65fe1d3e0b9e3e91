import logging
from dataclasses import dataclass, field

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from shared.errors import TooManyRequests
from shared.limits import REDIS_RETRY_S, Hit, RateLimits, StoreAway
from shared.tokens import Caller
from shared.web import Api, create_app, json_response
from shared.window import RollingWindow


@dataclass
class Clock:
    now: float = 500.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeStore:
    """Shared counters that admit everything, refuse, or are away."""

    away: bool = False
    wait_s: float = 0.0
    asked: list[list[Hit]] = field(default_factory=list)

    async def take(self, hits: list[Hit]) -> float:
        self.asked.append(hits)
        if self.away:
            raise StoreAway("connection refused")
        return self.wait_s


def caller(user: str = "anna", app: str = "app", quota: int = 0) -> Caller:
    return Caller(user, app, frozenset(), quota=quota)


async def admitted(limits: RateLimits, who: Caller, times: int) -> int:
    """How many of so many requests pass."""
    count = 0
    for _ in range(times):
        try:
            await limits.check(who)
        except TooManyRequests:
            continue
        count += 1
    return count


async def test_each_user_has_a_quota() -> None:
    limits = RateLimits(user_quota=3, app_quota=100)

    assert await admitted(limits, caller("anna"), 5) == 3
    assert await admitted(limits, caller("ben"), 5) == 3


async def test_a_users_quota_holds_through_all_apps() -> None:
    limits = RateLimits(user_quota=3, app_quota=100)

    assert await admitted(limits, caller(app="one"), 2) == 2
    assert await admitted(limits, caller(app="two"), 2) == 1


async def test_each_app_has_a_quota() -> None:
    limits = RateLimits(user_quota=100, app_quota=3)

    assert await admitted(limits, caller("anna"), 2) == 2
    assert await admitted(limits, caller("ben"), 2) == 1
    assert await admitted(limits, caller("ben", app="other"), 2) == 2


async def test_a_user_who_is_refused_takes_nothing_from_the_app() -> None:
    limits = RateLimits(user_quota=1, app_quota=3)
    await admitted(limits, caller("anna"), 50)

    assert await admitted(limits, caller("ben"), 1) == 1


async def test_an_app_that_calls_for_itself_is_no_user() -> None:
    limits = RateLimits(user_quota=1, app_quota=3)

    assert await admitted(limits, caller("app", "app"), 5) == 3


async def test_a_token_may_carry_its_apps_quota() -> None:
    limits = RateLimits(user_quota=100, app_quota=3)

    assert await admitted(limits, caller(quota=5), 9) == 5


async def test_an_app_that_everybody_shares_is_not_limited() -> None:
    limits = RateLimits(user_quota=2, app_quota=3)
    ours = [caller(f"user {number}", quota=-1) for number in range(10)]

    assert [await admitted(limits, each, 3) for each in ours] == [2] * 10


async def test_shared_counters_decide_where_there_are_some() -> None:
    store = FakeStore()
    limits = RateLimits(store, user_quota=1, app_quota=2)

    assert await admitted(limits, caller(), 4) == 4
    store.wait_s = 4.2
    with pytest.raises(TooManyRequests) as refused:
        await limits.check(caller())
    assert refused.value.headers["Retry-After"] == "5"
    assert store.asked[0] == [("user:anna", 1), ("app:app", 2)]


async def test_while_the_store_is_away_this_process_counts_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    clock, store = Clock(), FakeStore(away=True)
    limits = RateLimits(store, user_quota=3, app_quota=100, clock=clock)

    assert await admitted(limits, caller(), 5) == 3
    assert len(store.asked) == 1, "the others do not wait for it"
    metrics = [getattr(record, "fields", {}).get("metric") for record in caplog.records]
    assert metrics.count("rate_limit_store_away") == 1

    clock.now += REDIS_RETRY_S
    assert await admitted(limits, caller(), 2) == 0
    assert len(store.asked) == 2, "one looks whether it is back"
    clock.now += REDIS_RETRY_S
    store.away = False
    assert await admitted(limits, caller(), 2) == 2
    assert len(store.asked) == 4


async def test_too_many_strangers_are_let_in_and_counted_in_a_few_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    limits = RateLimits(local=RollingWindow(most_keys=2, clock=Clock()), user_quota=1)

    for number in range(1000):
        await limits.check(caller(f"user {number}"))

    told = [getattr(record, "fields", {}) for record in caplog.records]
    metrics = [line for line in told if line.get("metric") == "rate_limit_uncounted"]
    assert 1 <= len(metrics) <= 12


class AnyToken:
    """Takes the token for the user's name."""

    async def verify(self, token: str) -> Caller:
        return caller(token)


def test_too_many_requests_is_429_with_retry_after_and_the_contracts_body() -> None:
    async def here(_: Request) -> Response:
        return json_response({})

    api = Api(AnyToken(), RateLimits(user_quota=2))  # type: ignore[arg-type]  # only `verify` is used
    client = TestClient(
        create_app([api.get("/here", here, scope="none")]),
        headers={"Authorization": "Bearer anna"},
    )

    statuses = [client.get("/here").status_code for _ in range(3)]
    refused = client.get("/here")

    assert statuses == [403, 403, 429], "what is forbidden counts too"
    assert 1 <= int(refused.headers["Retry-After"]) <= 33
    assert refused.json() == {"error": {"status": 429, "message": "API rate limit exceeded"}}
