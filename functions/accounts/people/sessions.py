"""Sessions: who is signed in to a browser.

The cookie holds an id of 256 random bits, of which the database has only the hash. It is rotated
at every sign-in and daily, and ends after 30 days however much it is used.
"""

import datetime
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.people.tables import SessionRow, User
from shared.clock import Clock, utc_now

LIFETIME = datetime.timedelta(days=30)
ROTATED_EVERY = datetime.timedelta(days=1)
# Requests that were sent with the old cookie while it was being replaced still count.
GRACE = datetime.timedelta(seconds=60)
# Somebody who signed in within this need not prove again who they are.
FRESH_FOR = datetime.timedelta(minutes=10)
_ID_BYTES = 32
_MOST_USER_AGENT = 300


class SignInNeeded(Exception):
    """Nobody is signed in to this browser: answered with the sign-in page."""


@dataclass(frozen=True)
class SessionView:
    """A session as its person sees it. `id` names it and opens nothing."""

    id: str
    user_agent: str
    created_at: datetime.datetime
    seen_at: datetime.datetime
    is_current: bool


@dataclass(frozen=True)
class _SignedIn:
    user: User | None
    is_due: bool  # to be rotated


class Sessions:
    """Opens, reads, rotates and ends sessions. `public_url` decides the cookie's name."""

    def __init__(self, database: Database, *, public_url: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._is_https = public_url.startswith("https:")
        # The prefix makes browsers refuse the cookie from anybody but this very host.
        self.cookie = "__Host-cadenza" if self._is_https else "cadenza"

    async def current_user(self, request: Request) -> User | None:
        """Who is signed in; read once a request."""
        return (await self._signed_in(request)).user

    async def require_user(self, request: Request) -> User:
        """Who is signed in; raises `SignInNeeded`."""
        user = await self.current_user(request)
        if user is None:
            raise SignInNeeded
        return user

    async def sign_in(self, request: Request, response: Response, user_id: str) -> None:
        """Begins a session of this browser, and ends the one it had."""
        fresh, at = _new_id(), self._clock()
        async with self._database.session() as session:
            if known := self._id_of(request):
                await session.execute(delete(SessionRow).where(SessionRow.id_hash == _hash(known)))
            session.add(
                SessionRow(
                    id_hash=_hash(fresh),
                    user_id=user_id,
                    created_at=at,
                    rotated_at=at,
                    expires_at=at + LIFETIME,
                    user_agent=_user_agent(request),
                )
            )
            audit.record(session, audit.Tag.signed_in, subject=user_id, actor=user_id)
        self._set_cookie(response, fresh, LIFETIME)

    async def is_fresh(self, request: Request) -> bool:
        """Whether the person signed in to this browser a moment ago: `FRESH_FOR`."""
        known = self._id_of(request)
        if known is None:
            return False
        async with self._database.session() as session:
            created_at = await session.scalar(
                select(SessionRow.created_at).where(
                    SessionRow.id_hash == _hash(known), SessionRow.expires_at > self._clock()
                )
            )
        return created_at is not None and self._clock() - created_at <= FRESH_FOR

    async def rotate_if_due(self, request: Request, response: Response) -> None:
        """Gives the browser a new id for the same session, if the one it has is a day old."""
        known = self._id_of(request)
        if known is None or not (await self._signed_in(request)).is_due:
            return
        at, fresh = self._clock(), _new_id()
        async with self._database.session() as session:
            # Of requests that come at once, one rotates.
            due = (
                update(SessionRow)
                .where(
                    SessionRow.id_hash == _hash(known),
                    SessionRow.rotated_at <= at - ROTATED_EVERY,
                    SessionRow.expires_at > at,
                    SessionRow.replaced.is_(False),
                )
                .values(replaced=True, rotated_at=at)
                .returning(SessionRow)
            )
            old = await session.scalar(due)
            if old is None:
                return
            ends = old.expires_at
            old.expires_at = min(ends, at + GRACE)
            session.add(
                SessionRow(
                    id_hash=_hash(fresh),
                    user_id=old.user_id,
                    created_at=old.created_at,
                    rotated_at=at,
                    expires_at=ends,
                    user_agent=_user_agent(request),
                )
            )
        self._set_cookie(response, fresh, ends - at)

    async def sign_out(self, request: Request, response: Response) -> None:
        """Ends this browser's session, if it has one."""
        if known := self._id_of(request):
            async with self._database.session() as session:
                ended = await session.scalar(
                    delete(SessionRow)
                    .where(SessionRow.id_hash == _hash(known))
                    .returning(SessionRow.user_id)
                )
                if ended is not None:
                    await _end_replaced(session, ended)
                    audit.record(session, audit.Tag.signed_out, subject=ended, actor=ended)
        response.delete_cookie(
            self.cookie, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )

    async def sign_out_everywhere(self, user_id: str, *, but: Request | None = None) -> None:
        """Ends all sessions of a person, except that of the request `but`."""
        kept = self._id_of(but) if but is not None else None
        async with self._database.session() as session:
            await session.execute(
                delete(SessionRow).where(
                    SessionRow.user_id == user_id, SessionRow.id_hash != _hash(kept or "")
                )
            )
            audit.record(
                session, audit.Tag.signed_out, subject=user_id, actor=user_id, everywhere=True
            )

    async def end(self, user_id: str, session_id: str) -> None:
        """Ends one of a person's sessions; none if there is no such."""
        async with self._database.session() as session:
            ended = await session.scalar(
                delete(SessionRow)
                .where(SessionRow.user_id == user_id, SessionRow.id_hash == session_id)
                .returning(SessionRow.user_id)
            )
            if ended is not None:
                await _end_replaced(session, user_id)
                audit.record(session, audit.Tag.signed_out, subject=user_id, actor=user_id)

    async def of(self, user_id: str, request: Request) -> list[SessionView]:
        """A person's sessions, the latest first."""
        known = self._id_of(request)
        async with self._database.session() as session:
            rows = await session.scalars(
                select(SessionRow)
                .where(
                    SessionRow.user_id == user_id,
                    SessionRow.expires_at > self._clock(),
                    SessionRow.replaced.is_(False),
                )
                .order_by(SessionRow.rotated_at.desc(), SessionRow.id_hash)
            )
            return [
                SessionView(
                    id=row.id_hash,
                    user_agent=row.user_agent,
                    created_at=row.created_at,
                    seen_at=row.rotated_at,
                    is_current=row.id_hash == _hash(known or ""),
                )
                for row in rows
            ]

    async def forget_expired(self) -> None:
        """Removes sessions that have ended by themselves."""
        async with self._database.session() as session:
            await session.execute(delete(SessionRow).where(SessionRow.expires_at <= self._clock()))

    async def _signed_in(self, request: Request) -> "_SignedIn":
        if not hasattr(request.state, "cadenza_signed_in"):
            request.state.cadenza_signed_in = await self._find(request)
        found: _SignedIn = request.state.cadenza_signed_in
        return found

    async def _find(self, request: Request) -> "_SignedIn":
        known = self._id_of(request)
        if known is None:
            return _SignedIn(None, is_due=False)
        at = self._clock()
        async with self._database.session() as session:
            found = await session.execute(
                select(User, SessionRow.rotated_at)
                .join(SessionRow, SessionRow.user_id == User.id)
                .where(
                    SessionRow.id_hash == _hash(known),
                    SessionRow.expires_at > at,
                    User.erased_at.is_(None),
                )
            )
            row = found.one_or_none()
        if row is None:
            return _SignedIn(None, is_due=False)
        return _SignedIn(row[0], is_due=row[1] <= at - ROTATED_EVERY)

    def _id_of(self, request: Request) -> str | None:
        return request.cookies.get(self.cookie) or None

    def _set_cookie(self, response: Response, value: str, lifetime: datetime.timedelta) -> None:
        response.set_cookie(
            self.cookie,
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="lax",
        )


async def end_all(session: AsyncSession, user_id: str) -> None:
    """Signs the person out of every browser."""
    await session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


async def _end_replaced(session: AsyncSession, user_id: str) -> None:
    """What is left of rotated sessions goes with them."""
    await session.execute(
        delete(SessionRow).where(SessionRow.user_id == user_id, SessionRow.replaced)
    )


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()


def _user_agent(request: Request) -> str:
    """PostgreSQL's text holds no zero characters."""
    return request.headers.get("user-agent", "").replace("\0", "")[:_MOST_USER_AGENT]
