"""The emulators, for tests that need no more of the platform than these.

Firestore and Pub/Sub are those of the run's one platform, under a project of their own, so that
its services hear nothing of it.
"""

import asyncio
import contextlib
import dataclasses
import secrets
from collections.abc import Iterator

import pytest

from emulators import postgres, storage
from emulators.gather import Program
from emulators.processes import free_port
from tests.platform import Platform
from tests.running import running

PROJECT = "demo-tests"


@pytest.fixture(scope="session")
def project() -> str:
    """The project that tests use on the emulators."""
    return PROJECT


@pytest.fixture(scope="session")
def firestore_emulator(platform: Platform) -> Iterator[str]:
    """host:port of Firestore's emulator, which this process's clients now use."""
    address = str(platform.status["firestore"])
    with _environment("FIRESTORE_EMULATOR_HOST", address):
        yield address


@pytest.fixture(scope="session")
def pubsub_emulator(platform: Platform) -> Iterator[str]:
    """host:port of Pub/Sub's emulator, which this process's clients now use."""
    address = str(platform.status["pubsub"])
    with _environment("PUBSUB_EMULATOR_HOST", address):
        yield address


@pytest.fixture(scope="session")
def storage_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Cloud Storage's emulator, which this process's clients now use."""
    port = free_port()
    command = storage.command(
        port,
        tmp_path_factory.mktemp("storage"),
        Program(),
        pubsub_address="",
        public_address=f"127.0.0.1:{port}",
    )
    with running(command) as address, _environment("STORAGE_EMULATOR_HOST", f"http://{address}"):
        yield f"http://{address}"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a PostgreSQL server, which lets its user `postgres` in without a password."""
    command = postgres.command(free_port(), tmp_path_factory.mktemp("postgres"))
    # It has a database for each test and ends with the run: nothing waits for the disk.
    forgetful = ["-c", "fsync=off", "-c", "full_page_writes=off"]
    with running(dataclasses.replace(command, argv=[*command.argv, *forgetful])) as address:
        yield address


@pytest.fixture
def database_url(postgres_server: str) -> str:
    """SQLAlchemy's address of an empty database of the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    asyncio.run(_create_database(postgres_server, name))
    return f"postgresql+asyncpg://postgres@{postgres_server}/{name}"


async def _create_database(address: str, name: str) -> None:
    import asyncpg

    # It opens its port a moment before it lets anybody in.
    for _ in range(100):
        with contextlib.suppress(asyncpg.CannotConnectNowError):
            connection = await asyncpg.connect(f"postgresql://postgres@{address}/postgres")
            break
        await asyncio.sleep(0.05)
    try:
        await connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    finally:
        await connection.close()


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        yield
