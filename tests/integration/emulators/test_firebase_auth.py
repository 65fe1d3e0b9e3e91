"""Firebase's Auth emulator: what the platform asks of it, and accounts that outlive a run."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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


RETURN = "http://localhost:8080/account/google/back"


def to_google(port: int, **answers: str) -> tuple[str, str]:
    """Begins, answers Google's page, and comes back: the request's URI and the session."""
    begun = call(port, "createAuthUri", providerId="google.com", continueUri=RETURN).json()
    state = parse_qs(urlsplit(begun["authUri"]).query)["state"][0]
    page = httpx.get(begun["authUri"], timeout=20)
    assert page.status_code == 200
    assert "<script" not in page.text
    answered = httpx.get(
        f"http://127.0.0.1:{port}/emulator/google/answer",
        params={"state": state, **answers},
        timeout=20,
    )
    back = answered.headers["Location"]
    assert back.startswith(f"{RETURN}?")
    assert parse_qs(urlsplit(back).query)["state"] == [state]
    return back, begun["sessionId"]


def from_google(port: int, uri: str, session: str) -> httpx.Response:
    return call(port, "signInWithIdp", requestUri=uri, sessionId=session, returnSecureToken=True)


def test_signing_in_with_google_from_a_server(port: int) -> None:
    gina = {"email": "Gina@example.com", "name": "Gina <b>"}
    first = from_google(port, *to_google(port, **gina)).json()
    again = from_google(port, *to_google(port, **gina)).json()

    assert first["isNewUser"] is True
    assert (first["email"], first["displayName"]) == ("gina@example.com", "Gina <b>")
    assert first["idToken"].count(".") == 2
    assert again["localId"] == first["localId"]
    begun = call(port, "createAuthUri", providerId="google.com", continueUri=RETURN).json()
    page = httpx.get(begun["authUri"], timeout=20).text
    assert "Gina &#60;b&#62;" in page, "who was here before is offered"


def test_only_the_session_that_began_it_is_given_the_answer(port: int) -> None:
    uri, session = to_google(port, email="hans@example.com")
    for wrong_uri, wrong_session in (
        (uri, "another"),
        (uri.replace("state=", "state=x"), session),
        (uri.replace("code=", "code=x"), session),
    ):
        refused = from_google(port, wrong_uri, wrong_session).json()
        assert refused["error"]["message"].startswith("INVALID_IDP_RESPONSE")
    assert "idToken" in from_google(port, uri, session).json()
    assert from_google(port, uri, session).status_code == 400, "and once"


def test_whom_google_does_not_vouch_for_is_not_joined(port: int) -> None:
    call(port, "signUp", email="ida@example.com", password="secret123")
    answer = from_google(port, *to_google(port, email="ida@example.com", unverified="yes")).json()

    assert answer["needConfirmation"] is True
    assert "idToken" not in answer


def test_whoever_cancels_comes_back_without_a_code(port: int) -> None:
    uri, _ = to_google(port, answer="cancel")

    assert parse_qs(urlsplit(uri).query)["error"] == ["access_denied"]
    assert "code=" not in uri
