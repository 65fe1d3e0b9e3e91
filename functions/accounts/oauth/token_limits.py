"""How many tokens may be asked for, in the rolling half minute in which calls are counted, too."""

import math

from shared.errors import TooManyRequests
from shared.limits import RateLimits

# From one network address, which may be an office's, or a server's with many people.
PER_ADDRESS = 600
# By one app. Only what it has a right to counts, so that nobody uses it up in its name.
PER_APP = 1_500


async def of_address(limits: RateLimits, address: str) -> None:
    """Counts a request, whatever comes of it; raises `TooManyRequests`."""
    await _take(limits, f"token-address:{address}", PER_ADDRESS)


async def of_app(limits: RateLimits, app_id: str, quota: int) -> None:
    """Counts a token that is about to be given; raises `TooManyRequests`.

    A negative quota is that of Cadenza's own apps, which everybody shares.
    """
    if quota >= 0:
        await _take(limits, f"token-app:{app_id}", PER_APP)


async def _take(limits: RateLimits, key: str, most: int) -> None:
    if wait_s := await limits.take([(key, most)]):
        raise TooManyRequests("Too many tokens asked for", retry_after_s=math.ceil(wait_s))
