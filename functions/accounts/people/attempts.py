"""Limits on guessing: how often may be tried from one network address, and for one e-mail."""

import datetime
import hashlib
import ipaddress
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from functions.accounts.database import Database
from functions.accounts.people.firebase import TooManyAttempts
from functions.accounts.people.tables import SignInAttempt
from shared.clock import Clock, utc_now


@dataclass(frozen=True)
class Limit:
    """At most `most` tries within any `window`."""

    most: int
    window: datetime.timedelta


QUARTER = datetime.timedelta(minutes=15)
HOUR = datetime.timedelta(hours=1)
# An address may be an office's or a school's; an e-mail is one person's.
PER_EMAIL = Limit(10, QUARTER)
PER_ADDRESS = Limit(60, QUARTER)
SIGN_UPS_PER_ADDRESS = Limit(30, HOUR)
RESETS_PER_EMAIL = Limit(3, HOUR)
DEVICE_CODES_PER_PERSON = Limit(20, QUARTER)
LONGEST = HOUR


class Attempts:
    """Counts tries in rolling windows. A try that is refused is not counted."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def sign_in(self, email: str, address: str) -> None:
        """Counts a try before it is made; raises `TooManyAttempts`."""
        await self._count(
            {_key("sign-in e-mail", email.lower()): PER_EMAIL,
             _key("sign-in address", address): PER_ADDRESS}
        )  # fmt: skip

    async def signed_in(self, email: str) -> None:
        """The try was no guess: forgets those for this e-mail."""
        async with self._database.session() as session:
            key = _key("sign-in e-mail", email.lower())
            await session.execute(delete(SignInAttempt).where(SignInAttempt.key == key))

    async def sign_up(self, address: str) -> None:
        """Raises `TooManyAttempts`."""
        await self._count({_key("sign-up address", address): SIGN_UPS_PER_ADDRESS})

    async def password_reset(self, email: str, address: str) -> None:
        """Raises `TooManyAttempts`."""
        await self._count(
            {_key("reset e-mail", email.lower()): RESETS_PER_EMAIL,
             _key("sign-in address", address): PER_ADDRESS}
        )  # fmt: skip

    async def with_google(self, address: str) -> None:
        """Raises `TooManyAttempts`."""
        await self._count({_key("sign-in address", address): PER_ADDRESS})

    async def device_code(self, user_id: str) -> None:
        """Raises `TooManyAttempts`."""
        await self._count({_key("device code", user_id): DEVICE_CODES_PER_PERSON})

    async def forget_old(self) -> None:
        """Removes what no window reaches any more."""
        async with self._database.session() as session:
            old = SignInAttempt.at < self._clock() - LONGEST
            await session.execute(delete(SignInAttempt).where(old))

    async def _count(self, limits: dict[str, Limit]) -> None:
        async with self._database.session() as session:
            for key in sorted(limits):
                # Held to the end, so that tries made at once are counted one after another; always
                # taken in one order, so that two never wait for each other.
                await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))
            at = self._clock()
            for key, limit in limits.items():
                await _check(session, key, limit, at)
            session.add_all(SignInAttempt(key=key, at=at) for key in limits)


async def _check(session: AsyncSession, key: str, limit: Limit, at: datetime.datetime) -> None:
    recent = (
        select(SignInAttempt.at)
        .where(SignInAttempt.key == key, SignInAttempt.at > at - limit.window)
        .order_by(SignInAttempt.at.desc())
        .limit(limit.most)
    )
    times = list(await session.scalars(recent))
    if len(times) >= limit.most:
        wait = times[-1] + limit.window - at
        raise TooManyAttempts(max(1, round(wait.total_seconds())))


def _key(kind: str, value: str) -> str:
    """Hashed: the table names nobody."""
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()


def address_of(request: Request) -> str:
    """Where a request comes from; of IPv6, the /64 that one customer is given.

    The load balancer appends the client's address and its own to `X-Forwarded-For`; what stands
    before them is the client's word.
    """
    forwarded = request.headers.get("x-forwarded-for", "").split(",")
    claimed = forwarded[-2] if len(forwarded) >= 2 else forwarded[-1]
    text = claimed.strip() or (request.client.host if request.client else "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
