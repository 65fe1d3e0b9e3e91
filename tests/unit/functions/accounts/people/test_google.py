"""Identity Platform's side of a sign-in with Google."""

import json
from typing import Any

import httpx
import pytest

from functions.accounts.people.firebase import (
    FirebaseAuth,
    FirebaseAway,
    GoogleRefused,
    Identity,
    WrongCredentials,
)
from functions.accounts.people.google import GoogleSignIn, NotJoined

RETURN = "https://music.example/account/google/back"
PAGE = "https://accounts.google.com/o/oauth2/auth?client_id=c&state=s&redirect_uri=r"


class Platform:
    """Answers each call with what it was told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answer: dict[str, Any] = {}
        self.status = 200
        self.email = "gina@example.com"
        firebase = FirebaseAuth(
            project="p",
            api_key="k",
            public_url="https://music.example",
            transport=httpx.MockTransport(self._answer),
        )
        monkeypatch.setattr(firebase, "_verify", lambda token: Identity(token, self.email, "Gina"))
        self.google = GoogleSignIn(firebase, RETURN)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append((request.url.path, json.loads(request.content)))
        return httpx.Response(self.status, json=self.answer)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    return Platform(monkeypatch)


async def test_begins_with_googles_page(platform: Platform) -> None:
    platform.answer = {"authUri": PAGE, "sessionId": "session"}
    begun = await platform.google.begin()

    assert (begun.url, begun.session_id, begun.state) == (PAGE, "session", "s")
    assert platform.google.origin == "https://accounts.google.com"
    [(path, body)] = platform.calls
    assert path == "/v1/accounts:createAuthUri"
    assert body["providerId"] == "google.com"
    assert body["continueUri"] == RETURN


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"authUri": PAGE},
        {"sessionId": "session"},
        {"authUri": "https://accounts.google.com/", "sessionId": "session"},
        {"authUri": f"{PAGE}&state=t", "sessionId": "session"},
    ],
)
async def test_a_start_without_all_its_parts_is_none(
    platform: Platform, answer: dict[str, str]
) -> None:
    platform.answer = answer
    with pytest.raises(FirebaseAway):
        await platform.google.begin()


async def test_trades_the_answer_and_the_session(platform: Platform) -> None:
    platform.answer = {"idToken": "token", "email": "somebody-else@example.com"}
    found = await platform.google.finish("state=s&code=4%2F0", "session")

    assert found == Identity("token", "gina@example.com", "Gina"), "as the token says, not the text"
    [(path, body)] = platform.calls
    assert path == "/v1/accounts:signInWithIdp"
    assert body["requestUri"] == f"{RETURN}?state=s&code=4%2F0"
    assert body["sessionId"] == "session"


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, {"needConfirmation": True, "idToken": "token"}, NotJoined),
        (200, {}, FirebaseAway),
        (400, {"error": {"message": "INVALID_IDP_RESPONSE : …"}}, GoogleRefused),
        (400, {"error": {"message": "USER_DISABLED"}}, WrongCredentials),
        (500, {"error": {"message": "odd"}}, FirebaseAway),
    ],
)
async def test_refusals_are_typed(
    platform: Platform, status: int, answer: dict[str, Any], error: type[Exception]
) -> None:
    platform.status, platform.answer = status, answer
    with pytest.raises(error):
        await platform.google.finish("state=s&code=c", "session")


async def test_a_person_without_an_address_cannot_be_known(platform: Platform) -> None:
    platform.answer, platform.email = {"idToken": "token"}, ""
    with pytest.raises(GoogleRefused):
        await platform.google.finish("state=s&code=c", "session")
