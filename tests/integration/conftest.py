"""Google's emulators, one of each a test session, on ports of their own."""

import contextlib
from collections.abc import Iterator

import pytest

from emulators import firestore, pubsub, storage
from emulators.gather import Program
from emulators.processes import free_port
from tests.running import running

PROJECT = "demo-cadenza"


@pytest.fixture(scope="session")
def project() -> str:
    """The project that tests use on the emulators."""
    return PROJECT


@pytest.fixture(scope="session")
def firestore_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of Firestore's emulator, which this process's clients now use."""
    command = firestore.command(free_port(), tmp_path_factory.mktemp("firestore"))
    with running(command) as address, _environment("FIRESTORE_EMULATOR_HOST", address):
        yield address


@pytest.fixture(scope="session")
def pubsub_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of Pub/Sub's emulator, which this process's clients now use."""
    command = pubsub.command(free_port(), tmp_path_factory.mktemp("pubsub"))
    with running(command) as address, _environment("PUBSUB_EMULATOR_HOST", address):
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


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        yield
