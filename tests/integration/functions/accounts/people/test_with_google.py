"""Signing in with Google: whom it lets in, and what becomes of whoever was there."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Database
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.emails import InvalidEmail
from functions.accounts.people.firebase import Identity, TooManyAttempts, WrongCredentials
from functions.accounts.people.sign_in import Entered, NewPerson, SignIn, SomebodyElse
from functions.accounts.people.tables import User
from tests.integration.functions.accounts.people.conftest import FakeClock, FakePasswords

BERTA = NewPerson("Berta@example.com", "correct horse", "Berta", "DE")
HERE = "203.0.113.7"
GINA = Identity("firebase-gina", "gina@example.com", "Gina")


@pytest.fixture
def entry(database: Database, passwords: FakePasswords, clock: FakeClock) -> SignIn:
    return SignIn(database, passwords, Attempts(database, clock))


async def how_many(database: Database) -> int:
    async with database.session() as session:
        return len((await session.scalars(select(User.id))).all())


async def google(entry: SignIn, identity: Identity = GINA) -> Entered:
    return await entry.with_google(identity, country="AT")


async def test_somebody_new(entry: SignIn, database: Database) -> None:
    entered = await google(entry)

    assert (entered.is_new, entered.is_joined) == (True, False)
    user = entered.user
    assert (user.email, user.display_name, user.country) == ("gina@example.com", "Gina", "AT")
    again = await google(entry)
    assert (again.user.id, again.is_new, again.is_joined) == (user.id, False, False)
    assert again.user.google_linked_at is not None
    assert await how_many(database) == 1


async def test_a_name_that_cannot_be_kept(entry: SignIn) -> None:
    named = Identity("uid", "x@example.com", "\u202e" + "x" * 80)

    assert (await google(entry, named)).user.display_name == ""


async def test_an_account_that_was_there_is_emptied_of_whoever_made_it(
    database: Database, passwords: FakePasswords, clock: FakeClock
) -> None:
    """Somebody may have signed up with an address that is not theirs, and waited."""
    ended = []

    async def end_access(session: AsyncSession, user_id: str) -> None:
        ended.append(user_id)

    entry = SignIn(database, passwords, Attempts(database, clock), end_access=end_access)
    squatter = await entry.sign_up(BERTA, address=HERE)
    rightful = Identity(squatter.firebase_uid or "", "berta@example.com", "Berta")
    entered = await google(entry, rightful)
    await google(entry, rightful)

    assert entered.user.id == squatter.id
    assert (entered.is_new, entered.is_joined) == (False, True)
    assert ended == [squatter.id], "once, and not at every sign-in"
    async with database.session() as session:
        tags = list(await session.scalars(select(AuditEvent.tag)))
    assert tags.count("people:identity:google-linked") == 1


async def test_another_identity_with_somebodys_address(entry: SignIn) -> None:
    await entry.sign_up(BERTA, address=HERE)

    with pytest.raises(WrongCredentials):
        await google(entry, Identity("another", "BERTA@example.com", "B"))


async def test_whoever_was_erased_stays_out(
    entry: SignIn, database: Database, clock: FakeClock
) -> None:
    user = (await google(entry)).user
    async with database.session() as session:
        found = await session.get_one(User, user.id)
        found.erased_at = clock()

    with pytest.raises(WrongCredentials):
        await google(entry)


async def test_only_one_person_may_come_back(entry: SignIn, database: Database) -> None:
    berta = await entry.sign_up(BERTA, address=HERE)
    hans = Identity("firebase-hans", "hans@example.com", "Hans")
    gina = (await google(entry)).user
    for identity in (hans, GINA):
        with pytest.raises(SomebodyElse):
            await entry.with_google(identity, country="AT", only=berta.id)

    assert await how_many(database) == 2
    assert (await entry.with_google(GINA, country="AT", only=gina.id)).user.id == gina.id


async def test_an_address_that_looks_like_anothers(entry: SignIn) -> None:
    with pytest.raises(InvalidEmail):
        await google(entry, Identity("uid", "p\u0430ul@example.com", "Paul"))


async def test_tries_are_counted_by_address(database: Database, clock: FakeClock) -> None:
    attempts = Attempts(database, clock)
    for _ in range(60):
        await attempts.with_google(HERE)

    with pytest.raises(TooManyAttempts):
        await attempts.with_google(HERE)
