import pytest

from functions.accounts.oauth import token_limits
from shared.errors import TooManyRequests
from shared.limits import RateLimits
from shared.window import RollingWindow


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_addresses_are_counted_apart() -> None:
    clock = Clock()
    limits = RateLimits(local=RollingWindow(clock=clock))
    for _ in range(token_limits.PER_ADDRESS):
        await token_limits.of_address(limits, "203.0.113.7")

    with pytest.raises(TooManyRequests) as refused:
        await token_limits.of_address(limits, "203.0.113.7")
    await token_limits.of_address(limits, "203.0.113.8")
    wait_s = int(refused.value.headers["Retry-After"])
    assert 1 <= wait_s <= 33
    clock.now += wait_s
    await token_limits.of_address(limits, "203.0.113.7")


async def test_apps_are_counted_but_not_our_own() -> None:
    limits = RateLimits()
    for _ in range(token_limits.PER_APP):
        await token_limits.of_app(limits, "app", 0)
        await token_limits.of_app(limits, "cadenza-web", -1)

    with pytest.raises(TooManyRequests):
        await token_limits.of_app(limits, "app", 0)
    await token_limits.of_app(limits, "cadenza-web", -1)
    await token_limits.of_app(limits, "another", 5)
