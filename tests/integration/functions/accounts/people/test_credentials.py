import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Database
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.credentials import Credentials
from functions.accounts.people.emails import InvalidEmail
from functions.accounts.people.firebase import EmailTaken, WeakPassword, WrongCredentials
from functions.accounts.people.sign_in import NewPerson, SignIn
from functions.accounts.people.tables import User
from tests.integration.functions.accounts.people.conftest import FakePasswords

PASSWORD = "correct horse"
HERE = "203.0.113.7"


@pytest.fixture
def entry(database: Database, passwords: FakePasswords) -> SignIn:
    async def at_once(_: float) -> None:
        pass

    return SignIn(database, passwords, Attempts(database), sleep=at_once)


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def credentials(database: Database, passwords: FakePasswords, ended: list[str]) -> Credentials:
    async def end_first_party(_: AsyncSession, user_id: str) -> None:
        ended.append(user_id)

    return Credentials(database, passwords, end_first_party=end_first_party)


@pytest.fixture
async def berta(entry: SignIn) -> User:
    return await entry.sign_up(NewPerson("b@example.com", PASSWORD, "B", "DE"), address=HERE)


async def tags(database: Database, user: User) -> list[str]:
    async with database.session() as session:
        rows = await session.scalars(select(AuditEvent.tag).where(AuditEvent.subject == user.id))
        return list(rows)


async def test_a_new_address(
    database: Database, entry: SignIn, credentials: Credentials, berta: User, ended: list[str]
) -> None:
    assert await credentials.change_email(berta, " New@example.com ") == "New@example.com"

    assert (await entry.sign_in("new@example.com", PASSWORD, address=HERE)).id == berta.id
    with pytest.raises(WrongCredentials):
        await entry.sign_in("b@example.com", PASSWORD, address=HERE)
    assert ended == [berta.id]
    assert "people:account:email-changed" in await tags(database, berta)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("nonsense", InvalidEmail),
        ("p\u0430ul@example.com", InvalidEmail),
        ("C@example.com", EmailTaken),
    ],
)
async def test_an_address_that_cannot_be(  # noqa: PLR0917  # fixtures
    entry: SignIn,
    credentials: Credentials,
    berta: User,
    ended: list[str],
    address: str,
    error: type[Exception],
) -> None:
    await entry.sign_up(NewPerson("c@example.com", PASSWORD, "C", "DE"), address=HERE)
    with pytest.raises(error):
        await credentials.change_email(berta, address)

    assert (await entry.sign_in("b@example.com", PASSWORD, address=HERE)).id == berta.id
    assert ended == []


async def test_a_change_that_ended_half_way_is_set_right(
    database: Database, passwords: FakePasswords, entry: SignIn, berta: User
) -> None:
    """There already, and not yet here."""
    assert berta.firebase_uid is not None
    await passwords.change_email(berta.firebase_uid, "new@example.com")
    await entry.sign_in("new@example.com", PASSWORD, address=HERE)

    async with database.session() as session:
        found = await session.get_one(User, berta.id)
    assert found.email == "new@example.com"


async def test_a_new_password(
    database: Database, entry: SignIn, credentials: Credentials, berta: User, ended: list[str]
) -> None:
    await credentials.change_password(berta, "battery staple")

    assert (await entry.sign_in("b@example.com", "battery staple", address=HERE)).id == berta.id
    with pytest.raises(WrongCredentials):
        await entry.sign_in("b@example.com", PASSWORD, address=HERE)
    assert ended == [berta.id]
    assert "people:account:password-changed" in await tags(database, berta)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaa", "b@example.com", "x" * 257])
async def test_a_password_that_cannot_be(
    entry: SignIn, credentials: Credentials, berta: User, password: str
) -> None:
    with pytest.raises(WeakPassword):
        await credentials.change_password(berta, password)

    assert (await entry.sign_in("b@example.com", PASSWORD, address=HERE)).id == berta.id


async def test_somebody_without_an_identity_has_nothing_to_change(
    credentials: Credentials,
) -> None:
    with pytest.raises(WrongCredentials):
        await credentials.change_password(User(id="demo"), "battery staple")
