"""Against Firebase's own emulator."""

from collections.abc import AsyncIterator, Iterator

import pytest

from emulators import firebase_auth, firebase_tools
from emulators.processes import free_port
from functions.accounts.people.firebase import (
    EmailTaken,
    FirebaseAuth,
    FirebaseAway,
    WeakPassword,
    WrongCredentials,
)
from shared import ids
from tests.running import running

PROJECT = "demo-tests"
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of the emulator, which firebase-admin now uses."""
    package = firebase_tools.find(print)
    folder = tmp_path_factory.mktemp("firebase-auth")
    command = firebase_auth.command(free_port(), folder, package, PROJECT)
    with running(command) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", address)
        yield address


def client(emulator: str) -> FirebaseAuth:
    return FirebaseAuth(
        project=PROJECT,
        api_key="any",
        public_url="http://localhost:8080",
        emulator_host=emulator,
    )


@pytest.fixture
async def firebase(emulator: str) -> AsyncIterator[FirebaseAuth]:
    firebase = client(emulator)
    yield firebase
    await firebase.close()


@pytest.fixture
def email() -> str:
    return f"{ids.random()}@example.com".lower()


async def test_up_in_and_away(firebase: FirebaseAuth, email: str) -> None:
    made = await firebase.sign_up(email, PASSWORD)
    found = await firebase.sign_in(email.upper(), PASSWORD)

    assert found == made
    assert made.email == email
    await firebase.delete(made.uid)
    await firebase.delete(made.uid)
    with pytest.raises(WrongCredentials):
        await firebase.sign_in(email, PASSWORD)


async def test_refusals(firebase: FirebaseAuth, email: str) -> None:
    await firebase.sign_up(email, PASSWORD)

    with pytest.raises(EmailTaken):
        await firebase.sign_up(email, PASSWORD)
    with pytest.raises(WeakPassword):
        await firebase.sign_up(f"x{email}", "short")
    for address, password in ((email, "wrong"), (f"nobody-{email}", PASSWORD), (email, "")):
        with pytest.raises(WrongCredentials):
            await firebase.sign_in(address, password)


@pytest.mark.parametrize(
    "password", ["<b>'; --", "\u043f\u0430\u0440\u043e\u043b\u044c", "x" * 256]
)
async def test_any_password_will_do(firebase: FirebaseAuth, email: str, password: str) -> None:
    made = await firebase.sign_up(email, password)

    assert await firebase.sign_in(email, password) == made


async def test_addresses_of_other_scripts(firebase: FirebaseAuth) -> None:
    email = (
        f"\u0430\u043b\u0435\u043a\u0441\u0435\u0439{ids.random().lower()}@xn--80a1acny.xn--p1ai"
    )
    made = await firebase.sign_up(email, PASSWORD)

    assert await firebase.sign_in(email, PASSWORD) == made


async def test_resets_for_whoever_there_is(firebase: FirebaseAuth, email: str) -> None:
    await firebase.sign_up(email, PASSWORD)

    await firebase.send_password_reset(email)
    await firebase.send_password_reset(f"nobody-{email}")


async def test_nobody_answers(email: str) -> None:
    with pytest.raises(FirebaseAway):
        await client(f"127.0.0.1:{free_port()}").sign_in(email, PASSWORD)
