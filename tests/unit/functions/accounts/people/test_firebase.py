import json
from collections.abc import Callable

import httpx
import pytest

from functions.accounts.people.firebase import (
    EmailTaken,
    FirebaseAuth,
    FirebaseAway,
    Identity,
    TooManyAttempts,
    UnsafeEmulator,
    WeakPassword,
    WrongCredentials,
)

Answer = Callable[[httpx.Request], httpx.Response]


def firebase(answer: Answer, emulator_host: str = "") -> FirebaseAuth:
    return FirebaseAuth(
        project="demo-cadenza",
        api_key="a-key",
        public_url="http://localhost:8080",
        emulator_host=emulator_host,
        transport=httpx.MockTransport(answer),
    )


def refusing(message: str) -> Answer:
    return lambda _: httpx.Response(400, json={"error": {"code": 400, "message": message}})


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("EMAIL_EXISTS", EmailTaken),
        ("WEAK_PASSWORD : Password should be at least 6 characters", WeakPassword),
        ("PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing ...", WeakPassword),
        ("EMAIL_NOT_FOUND", WrongCredentials),
        ("INVALID_PASSWORD", WrongCredentials),
        ("INVALID_LOGIN_CREDENTIALS", WrongCredentials),
        ("USER_DISABLED", WrongCredentials),
        ("TOO_MANY_ATTEMPTS_TRY_LATER : ...", TooManyAttempts),
        ("API key not valid. Please pass a valid API key.", FirebaseAway),
        ("", FirebaseAway),
    ],
)
async def test_refusals_are_typed(message: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await firebase(refusing(message)).sign_in("anna@example.com", "secret")


def failing(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "answer",
    [
        failing,
        lambda _: httpx.Response(502, text="<html>"),
        lambda _: httpx.Response(503, json={"error": "odd"}),
        lambda _: httpx.Response(200, json={}),
    ],
)
async def test_an_outage_is_503(answer: Answer) -> None:
    with pytest.raises(FirebaseAway) as raised:
        await firebase(answer).sign_up("anna@example.com", "secret")

    assert raised.value.status == 503
    assert "Retry-After" in raised.value.headers


async def test_asks_the_emulator_when_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"idToken": "t"})

    client = firebase(answer, "127.0.0.1:9099")
    monkeypatch.setattr(client, "_verify", lambda token: Identity(token, "anna@example.com"))

    assert (await client.sign_in("anna@example.com", "secret")).uid == "t"
    assert str(asked[0].url) == (
        "http://127.0.0.1:9099/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
        "?key=a-key"
    )
    assert json.loads(asked[0].content) == {
        "email": "anna@example.com",
        "password": "secret",
        "returnSecureToken": True,
    }


async def test_a_reset_says_nothing_of_who_has_an_account() -> None:
    for message in ("EMAIL_NOT_FOUND", "TOO_MANY_ATTEMPTS_TRY_LATER"):
        await firebase(refusing(message)).send_password_reset("nobody@example.com")


def test_the_emulator_is_never_trusted_in_public() -> None:
    with pytest.raises(UnsafeEmulator):
        FirebaseAuth(
            project="p",
            api_key="",
            public_url="https://music.example",
            emulator_host="127.0.0.1:9099",
        )
