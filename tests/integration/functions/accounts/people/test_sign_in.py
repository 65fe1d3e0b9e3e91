import asyncio
import itertools
import time

import pytest
from sqlalchemy import func, select

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Database
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.emails import InvalidEmail
from functions.accounts.people.firebase import (
    EmailTaken,
    FirebaseAway,
    Identity,
    TooManyAttempts,
    WeakPassword,
    WrongCredentials,
)
from functions.accounts.people.profile import InvalidCountry, InvalidName
from functions.accounts.people.sign_in import REFUSED_AFTER_S, NewPerson, SignIn
from functions.accounts.people.tables import SignInAttempt, User
from tests.integration.functions.accounts.people.conftest import FakeClock, FakePasswords

PASSWORD = "correct horse"
BERTA = NewPerson("Berta@example.com", PASSWORD, "Berta", "DE")
HERE = "203.0.113.7"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def entry(
    database: Database, passwords: FakePasswords, clock: FakeClock, waits: list[float]
) -> SignIn:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    # Each try takes a quarter of a second by this one.
    ticking = itertools.count(step=0.25)
    return SignIn(
        database,
        passwords,
        Attempts(database, clock),
        sleep=sleep,
        monotonic=lambda: next(ticking),
    )


async def people(database: Database) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def test_up_and_in(entry: SignIn) -> None:
    berta = await entry.sign_up(BERTA, address=HERE)
    again = await entry.sign_in("berta@EXAMPLE.com ", PASSWORD, address=HERE)

    assert again.id == berta.id
    assert (berta.email, berta.display_name, berta.country) == ("Berta@example.com", "Berta", "DE")
    assert berta.roles == ["listener"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (NewPerson("nonsense", PASSWORD, "B", "DE"), InvalidEmail),
        (NewPerson("b@example.com", "short", "B", "DE"), WeakPassword),
        (NewPerson("b@example.com", PASSWORD, " ", "DE"), InvalidName),
        (NewPerson("b@example.com", PASSWORD, "B", "XX"), InvalidCountry),
    ],
)
async def test_bad_input_leaves_nothing(
    entry: SignIn,
    database: Database,
    passwords: FakePasswords,
    wanted: NewPerson,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        await entry.sign_up(wanted, address=HERE)

    assert await people(database) == 0
    assert passwords.known == {}


async def test_an_address_has_one_account(
    entry: SignIn, database: Database, passwords: FakePasswords
) -> None:
    await entry.sign_up(BERTA, address=HERE)
    with pytest.raises(EmailTaken):
        await entry.sign_up(NewPerson("BERTA@example.com", PASSWORD, "B", "DE"), address=HERE)

    assert await people(database) == 1
    assert len(passwords.known) == 1


async def test_two_who_sign_up_at_once(entry: SignIn, database: Database) -> None:
    done = await asyncio.gather(
        *(entry.sign_up(BERTA, address=HERE) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(each, User) for each in done) == 1
    assert sum(isinstance(each, EmailTaken) for each in done) == 3
    assert await people(database) == 1


async def test_a_half_made_account_is_made_whole(
    entry: SignIn, database: Database, passwords: FakePasswords
) -> None:
    """Firebase had the person when the process died; signing up again would find it taken."""
    await passwords.sign_up("berta@example.com", PASSWORD)

    berta = await entry.sign_in("berta@example.com", PASSWORD, address=HERE)

    assert berta.email == "berta@example.com"
    assert await people(database) == 1


async def test_another_identity_does_not_inherit_an_account(
    entry: SignIn, anna: User, passwords: FakePasswords
) -> None:
    """The address is known under another of Firebase's users than the one who signs in."""
    await passwords.sign_up("anna@example.com", PASSWORD)

    with pytest.raises(WrongCredentials):
        await entry.sign_in("anna@example.com", PASSWORD, address=HERE)


async def test_an_unknown_address_and_a_wrong_password_look_the_same(
    entry: SignIn, waits: list[float]
) -> None:
    await entry.sign_up(BERTA, address=HERE)
    said = []
    for email in ("berta@example.com", "nobody@example.com", "nonsense"):
        with pytest.raises(WrongCredentials) as raised:
            await entry.sign_in(email, "wrong", address=HERE)
        said.append(str(raised.value))

    assert len(set(said)) == 1
    assert waits == pytest.approx([REFUSED_AFTER_S - 0.25] * 3), (
        "each is made to take as long as the slowest"
    )


async def test_guessing_is_limited_for_each_address(entry: SignIn, clock: FakeClock) -> None:
    await entry.sign_up(BERTA, address=HERE)
    for number in range(10):
        with pytest.raises(WrongCredentials):
            await entry.sign_in("berta@example.com", f"guess {number}", address=f"10.0.0.{number}")
        clock.move(seconds=10)

    with pytest.raises(TooManyAttempts) as raised:
        await entry.sign_in("BERTA@example.com", PASSWORD, address="10.0.1.1")

    assert raised.value.headers["Retry-After"] == str(900 - 100)
    clock.move(seconds=801)
    assert await entry.sign_in("berta@example.com", PASSWORD, address="10.0.1.1")


async def test_refused_tries_do_not_prolong_the_wait(entry: SignIn, clock: FakeClock) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await entry.sign_in("nobody@example.com", "guess", address=HERE)
    for _ in range(5):
        clock.move(minutes=2)
        with pytest.raises(TooManyAttempts):
            await entry.sign_in("nobody@example.com", "guess", address=HERE)

    clock.move(minutes=5, seconds=1)
    with pytest.raises(WrongCredentials):
        await entry.sign_in("nobody@example.com", "guess", address=HERE)


async def test_guesses_made_at_once_are_all_counted(entry: SignIn) -> None:
    done = await asyncio.gather(
        *(entry.sign_in("nobody@example.com", "guess", address=HERE) for _ in range(30)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, WrongCredentials) for each in done) == 10
    assert sum(isinstance(each, TooManyAttempts) for each in done) == 20


async def test_guessing_many_addresses_from_one_place_is_limited(entry: SignIn) -> None:
    for number in range(60):
        with pytest.raises(WrongCredentials):
            await entry.sign_in(f"user{number}@example.com", "guess", address=HERE)

    with pytest.raises(TooManyAttempts):
        await entry.sign_in("another@example.com", "guess", address=HERE)
    with pytest.raises(WrongCredentials):
        await entry.sign_in("another@example.com", "guess", address="198.51.100.1")


async def test_success_forgets_the_typing_errors(entry: SignIn) -> None:
    await entry.sign_up(BERTA, address=HERE)
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(WrongCredentials):
                await entry.sign_in("berta@example.com", "mistyped", address=HERE)
        await entry.sign_in("berta@example.com", PASSWORD, address=HERE)


async def test_resets_are_limited(entry: SignIn, passwords: FakePasswords) -> None:
    for _ in range(3):
        await entry.send_password_reset("nobody@example.com", address=HERE)
    with pytest.raises(TooManyAttempts):
        await entry.send_password_reset("nobody@example.com", address=HERE)

    assert len(passwords.resets) == 3


async def test_old_tries_are_forgotten(entry: SignIn, database: Database, clock: FakeClock) -> None:
    with pytest.raises(WrongCredentials):
        await entry.sign_in("nobody@example.com", "guess", address=HERE)
    clock.move(hours=1, seconds=1)
    await Attempts(database, clock).forget_old()

    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


async def test_failures_are_audited_without_the_password(entry: SignIn, database: Database) -> None:
    berta = await entry.sign_up(BERTA, address=HERE)
    with pytest.raises(WrongCredentials):
        await entry.sign_in("berta@example.com", "wrong one", address=HERE)

    async with database.session() as session:
        events = list(await session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    assert [(event.tag, event.subject) for event in events] == [
        ("people:account:signed-up", berta.id),
        ("people:session:sign-in-failed", berta.id),
    ]
    assert "wrong one" not in repr([event.details for event in events])


async def test_an_outage_of_firebase_is_no_wrong_password(
    entry: SignIn, passwords: FakePasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(email: str, password: str) -> Identity:
        raise FirebaseAway

    monkeypatch.setattr(passwords, "sign_in", away)

    with pytest.raises(FirebaseAway):
        await entry.sign_in("berta@example.com", PASSWORD, address=HERE)


async def test_in_real_time_a_refusal_takes_a_while(
    database: Database, passwords: FakePasswords
) -> None:
    entry = SignIn(database, passwords, Attempts(database))
    started = time.monotonic()
    with pytest.raises(WrongCredentials):
        await entry.sign_in("nobody@example.com", "guess", address=HERE)

    assert time.monotonic() - started >= 0.6
