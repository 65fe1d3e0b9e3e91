"""Families: whom a manager with the family plan pays for. Functions are part of a transaction."""

import datetime
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.people.tables import User
from functions.accounts.plans import model, store
from functions.accounts.plans.offers import Plan
from functions.accounts.plans.tables import FamilyInvitation, FamilyMember
from shared import ids
from shared.errors import ApiError, NotFound

MOST_MEMBERS = 5
INVITATION_LIFETIME = datetime.timedelta(days=7)
_CODE_BYTES = 16
MOST_CODE = 100


class FamilyRefused(ApiError):
    """The family, or the person's own plan, is not such that this can be done."""

    status = 409


@dataclass(frozen=True)
class Invitation:
    """`code` is told to the manager, once, who gives it to whom they please."""

    id: str
    code: str
    expires_at: datetime.datetime


async def invite(session: AsyncSession, manager_id: str, now: datetime.datetime) -> Invitation:
    """A place for whoever has the code; raises `FamilyRefused`."""
    await store.lock(session, manager_id)
    await _require_family(session, manager_id, now)
    await session.execute(delete(FamilyInvitation).where(FamilyInvitation.expires_at <= now))
    taken = await _count(session, FamilyMember, manager_id)
    if taken + await _count(session, FamilyInvitation, manager_id) >= MOST_MEMBERS:
        raise FamilyRefused(f"A family has up to {MOST_MEMBERS} members, invited ones included")
    code = secrets.token_urlsafe(_CODE_BYTES)
    invitation = Invitation(ids.random(), code, now + INVITATION_LIFETIME)
    session.add(
        FamilyInvitation(
            id=invitation.id,
            manager_id=manager_id,
            code_hash=_hash(code),
            created_at=now,
            expires_at=invitation.expires_at,
        )
    )
    return invitation


async def accept(session: AsyncSession, member_id: str, code: str, now: datetime.datetime) -> str:
    """Makes the person a member, and returns the manager; raises `NotFound`, `FamilyRefused`."""
    invitation = await session.scalar(
        select(FamilyInvitation).where(
            FamilyInvitation.code_hash == _hash(code), FamilyInvitation.expires_at > now
        )
    )
    if invitation is None or invitation.manager_id == member_id:
        raise NotFound("There is no such invitation, or no longer")
    # Always in the same order: two who invite each other must not wait for each other.
    for person in sorted([invitation.manager_id, member_id]):
        await store.lock(session, person)
    await _require_family(session, invitation.manager_id, now)
    own = await store.subscription(session, member_id)
    if own is not None and model.is_entitled(own, now):
        raise FamilyRefused("You have a plan of your own: it has to end first")
    await refuse_member(session, member_id, now)
    used = await session.scalar(
        delete(FamilyInvitation)
        .where(FamilyInvitation.id == invitation.id)
        .returning(FamilyInvitation.id)
    )
    if used is None:
        raise NotFound("There is no such invitation, or no longer")
    await session.execute(delete(FamilyMember).where(FamilyMember.member_id == member_id))
    session.add(FamilyMember(member_id=member_id, manager_id=invitation.manager_id, joined_at=now))
    return invitation.manager_id


async def refuse_member(session: AsyncSession, user_id: str, now: datetime.datetime) -> None:
    """Raises `FamilyRefused` if somebody else pays for the person's plan."""
    member = await session.get(FamilyMember, user_id, populate_existing=True)
    if member is None:
        return
    if await store.plan_of(session, member.manager_id, now) is Plan.family:
        raise FamilyRefused("You are a member of a family: leave it first")


async def remove(session: AsyncSession, caller_id: str, member_id: str) -> None:
    """By the manager, or by the member; raises `NotFound`."""
    removed = await session.scalar(
        delete(FamilyMember)
        .where(
            FamilyMember.member_id == member_id,
            or_(FamilyMember.manager_id == caller_id, FamilyMember.member_id == caller_id),
        )
        .returning(FamilyMember.member_id)
    )
    if removed is None:
        raise NotFound("There is no such member in your family")


async def withdraw(session: AsyncSession, manager_id: str, invitation_id: str) -> None:
    """Raises `NotFound`."""
    withdrawn = await session.scalar(
        delete(FamilyInvitation)
        .where(FamilyInvitation.id == invitation_id, FamilyInvitation.manager_id == manager_id)
        .returning(FamilyInvitation.id)
    )
    if withdrawn is None:
        raise NotFound("There is no such invitation")


async def dissolve(session: AsyncSession, manager_id: str) -> None:
    """Nobody is a member any more, and nobody becomes one."""
    await session.execute(delete(FamilyMember).where(FamilyMember.manager_id == manager_id))
    await session.execute(delete(FamilyInvitation).where(FamilyInvitation.manager_id == manager_id))


async def manager_of(session: AsyncSession, member_id: str) -> User | None:
    return await session.scalar(
        select(User)
        .join(FamilyMember, FamilyMember.manager_id == User.id)
        .where(FamilyMember.member_id == member_id)
    )


async def members_of(
    session: AsyncSession, manager_id: str
) -> Sequence[tuple[User, datetime.datetime]]:
    """Those who joined, with when, the first first."""
    rows = await session.execute(
        select(User, FamilyMember.joined_at)
        .join(FamilyMember, FamilyMember.member_id == User.id)
        .where(FamilyMember.manager_id == manager_id)
        .order_by(FamilyMember.joined_at, User.id)
    )
    return [(user, joined_at) for user, joined_at in rows]


async def invitations_of(
    session: AsyncSession, manager_id: str, now: datetime.datetime
) -> Sequence[FamilyInvitation]:
    rows = await session.scalars(
        select(FamilyInvitation)
        .where(FamilyInvitation.manager_id == manager_id, FamilyInvitation.expires_at > now)
        .order_by(FamilyInvitation.created_at)
    )
    return rows.all()


async def _require_family(session: AsyncSession, manager_id: str, now: datetime.datetime) -> None:
    own = await store.subscription(session, manager_id)
    if own is None or own.offer.plan is not Plan.family or not model.is_entitled(own, now):
        raise FamilyRefused("This needs the family plan")


async def _count(
    session: AsyncSession, table: type[FamilyMember] | type[FamilyInvitation], manager_id: str
) -> int:
    counted = await session.scalar(
        select(func.count()).select_from(table).where(table.manager_id == manager_id)
    )
    return int(counted or 0)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
