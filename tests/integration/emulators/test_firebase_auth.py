"""Firebase's Auth emulator: what the platform asks of it, and accounts that outlive a run."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulators import firebase_auth, firebase_tools
from emulators.processes import free_port
from tests.running import running

PROJECT = "demo-tests"
ANNA = {"email": "anna@example.com", "password": "correct horse"}


@contextlib.contextmanager
def emulator(folder: Path) -> Iterator[int]:
    package = firebase_tools.find(print)
    command = firebase_auth.command(free_port(), folder, package, PROJECT)
    with running(command):
        yield command.port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with emulator(tmp_path_factory.mktemp("auth")) as port:
        yield port


def call(port: int, operation: str, **body: object) -> httpx.Response:
    """Identity Toolkit's public API, as the accounts service calls it."""
    service = f"http://127.0.0.1:{port}/identitytoolkit.googleapis.com/v1/accounts"
    return httpx.post(f"{service}:{operation}?key=any", json=body, timeout=20)


def test_signing_up_and_in(port: int) -> None:
    made = call(port, "signUp", **ANNA, returnSecureToken=True)
    assert made.status_code == 200
    found = call(port, "signInWithPassword", **ANNA, returnSecureToken=True)
    assert found.json()["localId"] == made.json()["localId"]
    assert found.json()["idToken"].count(".") == 2


def test_it_refuses_what_identity_platform_refuses(port: int) -> None:
    call(port, "signUp", **ANNA)
    again = call(port, "signUp", **ANNA)
    wrong = call(port, "signInWithPassword", **{**ANNA, "password": "wrong"})
    assert again.json()["error"]["message"] == "EMAIL_EXISTS"
    assert wrong.json()["error"]["message"] in {"INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS"}


def test_administration_is_there_too(port: int) -> None:
    """firebase-admin deletes people by their project's path."""
    project = f"http://127.0.0.1:{port}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}"
    owner = {"Authorization": "Bearer owner"}
    made = call(port, "signUp", email="ben@example.com", password="secret123").json()
    deleted = httpx.post(
        f"{project}/accounts:delete", json={"localId": made["localId"]}, headers=owner
    )
    assert deleted.status_code == 200
    missing = call(port, "signInWithPassword", email="ben@example.com", password="secret123")
    assert missing.status_code == 400


async def test_accounts_outlive_a_run(tmp_path: Path) -> None:
    with emulator(tmp_path) as port:
        await firebase_auth.restore(port, tmp_path, PROJECT)  # there is nothing yet
        await firebase_auth.save(port, tmp_path, PROJECT)
        made = call(port, "signUp", **ANNA).json()
        await firebase_auth.save(port, tmp_path, PROJECT)
    with emulator(tmp_path) as port:
        await firebase_auth.restore(port, tmp_path, PROJECT)
        found = call(port, "signInWithPassword", **ANNA)
        assert found.json()["localId"] == made["localId"]


async def test_only_changes_are_written(port: int, tmp_path: Path) -> None:
    await firebase_auth.save(port, tmp_path, PROJECT)
    [saved] = tmp_path.iterdir()
    before = saved.stat().st_mtime_ns
    await firebase_auth.save(port, tmp_path, PROJECT)
    assert saved.stat().st_mtime_ns == before
    call(port, "signUp", email="new@example.com", password="secret123")
    await firebase_auth.save(port, tmp_path, PROJECT)
    assert saved.stat().st_mtime_ns > before


async def test_an_empty_snapshot_is_nothing_to_restore(port: int, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"kind": "identitytoolkit#DownloadAccountResponse"}')
    await firebase_auth.restore(port, tmp_path, PROJECT)
