"""The emulators, for tests that need no more of the platform than these.

Firestore and Pub/Sub are those of the run's one platform, under a project of their own, so that
its services hear nothing of it.
"""

import contextlib
from collections.abc import Iterator

import pytest

from emulators import storage
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


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        yield
