"""People in a real database."""

import datetime
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec
import pytest

from functions.accounts.database import Base, Database
from functions.accounts.people import store
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.firebase import EmailTaken, Identity, WrongCredentials
from functions.accounts.people.tables import User
from shared.events import ProfileChanged
from shared.messaging import Publisher

TABLES = ["users", "sessions", "sign_in_attempts", "profile_changes", "audit_events"]


@dataclass
class FakeClock:
    """A time that stands still until it is moved."""

    at: datetime.datetime = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += datetime.timedelta(**by)


@dataclass
class FakePasswords:
    """Firebase Auth, as far as people need it."""

    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)

    async def sign_up(self, email: str, password: str) -> Identity:
        if email.lower() in self.known:
            raise EmailTaken
        uid = f"firebase-{len(self.known)}-{len(self.deleted)}"
        self.known[email.lower()] = (uid, password)
        return Identity(uid, email)

    async def sign_in(self, email: str, password: str) -> Identity:
        uid, right = self.known.get(email.lower(), ("", ""))
        if not uid or password != right:
            raise WrongCredentials
        return Identity(uid, email)

    async def send_password_reset(self, email: str) -> None:
        self.resets.append(email)

    async def change_email(self, uid: str, email: str) -> None:
        if email.lower() in self.known:
            raise EmailTaken
        [before] = [key for key, value in self.known.items() if value[0] == uid]
        self.known[email.lower()] = self.known.pop(before)

    async def change_password(self, uid: str, password: str) -> None:
        [email] = [key for key, value in self.known.items() if value[0] == uid]
        self.known[email] = (uid, password)

    async def delete(self, uid: str) -> None:
        self.deleted.append(uid)
        self.known = {key: value for key, value in self.known.items() if value[0] != uid}


@dataclass
class Topic(Publisher):
    """Keeps what is published, unless it is away."""

    events: list[ProfileChanged] = field(default_factory=list)
    is_away: bool = False

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        assert isinstance(event, ProfileChanged)
        assert event.event_id == event_id
        if self.is_away:
            raise TimeoutError
        self.events.append(event)


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
def announcements(database: Database, topic: Topic) -> Announcements:
    return Announcements(database, topic, "projects/p/topics/profile-changed")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def passwords() -> FakePasswords:
    return FakePasswords()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(
            Base.metadata.create_all, tables=[Base.metadata.tables[name] for name in TABLES]
        )
    await engine.dispose()
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def anna(database: Database) -> User:
    """A listener."""
    async with database.session() as session:
        return await store.create(
            session,
            Identity("firebase-anna", "anna@example.com"),
            email="anna@example.com",
            name="Anna",
            country="AT",
        )
