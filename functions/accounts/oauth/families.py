"""Refresh tokens, and how the theft of one is noticed.

A public app's token is replaced at each use. Whoever comes with a replaced one later than
`GRACE` is either a thief or robbed by one: the whole family ends. Within `GRACE` it is an app that
asked twice at the same time, and both are given the same successor. For that the successor is made
from the token itself and a stored salt, so that only somebody with the token can make it again.
"""

import base64
import datetime
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.audit import Tag
from functions.accounts.oauth.digest import digest
from functions.accounts.oauth.tables import RefreshToken, TokenFamily
from shared import ids

GRACE = datetime.timedelta(seconds=10)
# A token that nobody used for so long has been forgotten.
LIFETIME = datetime.timedelta(days=180)
# How stale a kept token's expiry may be, so that not every use writes it.
_EXTEND_AFTER = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Presented:
    """A refresh token that somebody came with, and that holds."""

    text: str
    token: RefreshToken
    family: TokenFamily


async def begin(session: AsyncSession, app_id: str, user_id: str, scopes: list[str]) -> TokenFamily:
    """A new family, without tokens."""
    family = TokenFamily(id=ids.random(), app_id=app_id, user_id=user_id, scopes=scopes)
    session.add(family)
    await session.flush()
    return family


def add(session: AsyncSession, family: TokenFamily, text: str, now: datetime.datetime) -> None:
    """Makes `text` a token of the family."""
    session.add(
        RefreshToken(
            hash=digest(text), family_id=family.id, created_at=now, expires_at=now + LIFETIME
        )
    )


async def present(
    session: AsyncSession, text: str, app_id: str, now: datetime.datetime
) -> Presented | None:
    """The app's token, with its family locked; None if it does not hold.

    A replaced token that comes too late ends its family. Another app's is as good as unknown.
    """
    found = (
        await session.execute(
            select(RefreshToken, TokenFamily)
            .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
            .where(RefreshToken.hash == digest(text), TokenFamily.app_id == app_id)
            .with_for_update()
        )
    ).first()
    if found is None:
        return None
    token, family = found
    if family.revoked_at is not None or token.expires_at <= now:
        return None
    if token.replaced_at is not None and now - token.replaced_at > GRACE:
        await end_for_reuse(session, family, now)
        return None
    return Presented(text, token, family)


def replace(session: AsyncSession, presented: Presented, now: datetime.datetime) -> str:
    """The token that takes its place: the same one, however often it is asked for."""
    token = presented.token
    if token.replaced_at is not None and token.successor_salt is not None:
        return _successor(presented.text, token.successor_salt)
    token.replaced_at = now
    token.successor_salt = secrets.token_bytes(16)
    successor = _successor(presented.text, token.successor_salt)
    add(session, presented.family, successor, now)
    return successor


def keep(presented: Presented, now: datetime.datetime) -> None:
    """Lets a token that is not replaced live on."""
    if presented.token.expires_at < now + LIFETIME - _EXTEND_AFTER:
        presented.token.expires_at = now + LIFETIME


async def end(session: AsyncSession, family_id: str, now: datetime.datetime) -> None:
    """No token of the family holds from now on."""
    await session.execute(
        update(TokenFamily)
        .where(TokenFamily.id == family_id, TokenFamily.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def end_of_person(
    session: AsyncSession,
    user_id: str,
    now: datetime.datetime,
    *,
    apps: Collection[str] | None = None,
) -> None:
    """No token of the person holds from now on, or none of these apps'."""
    ended = update(TokenFamily).where(
        TokenFamily.user_id == user_id, TokenFamily.revoked_at.is_(None)
    )
    if apps is not None:
        ended = ended.where(TokenFamily.app_id.in_(apps))
    await session.execute(ended.values(revoked_at=now))


async def end_for_reuse(session: AsyncSession, family: TokenFamily, now: datetime.datetime) -> None:
    """Ends it, and leaves a trace for its person to find."""
    await end(session, family.id, now)
    audit.record(
        session, Tag.tokens_reused, subject=family.user_id, app=family.app_id, family=family.id
    )


def _successor(text: str, salt: bytes) -> str:
    made = hmac.digest(text.encode(), b"cadenza refresh token" + salt, hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
