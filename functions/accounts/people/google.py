"""Signing in with Google, through Identity Platform: from server to server, without a script.

`accounts:createAuthUri` gives the address of Google's page and a session id. Google sends the
browser back to us with what `accounts:signInWithIdp` trades, together with that session id, for the
person: so an answer that was begun in one browser is worth nothing in another.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from functions.accounts.people.firebase import (
    FirebaseAuth,
    FirebaseAway,
    GoogleRefused,
    Identity,
)
from shared.errors import ApiError

PROVIDER = "google.com"


class NotJoined(ApiError):
    """Somebody has this e-mail address, and Google does not vouch that it is the same person."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "There is an account with this e-mail address already. Sign in with its password"
        )


@dataclass(frozen=True)
class Begun:
    """`url` is Google's page; `state` is what it gives back, `session_id` what it never sees."""

    url: str
    session_id: str
    state: str


class GoogleSignIn:
    """The two steps. `return_url` is ours, and registered with Google."""

    def __init__(self, firebase: FirebaseAuth, return_url: str) -> None:
        self._firebase = firebase
        self._return_url = return_url
        self.origin = firebase.google

    async def begin(self) -> Begun:
        """Raises `FirebaseAway`."""
        answer = await self._firebase.call(
            "createAuthUri",
            providerId=PROVIDER,
            continueUri=self._return_url,
            authFlowType="CODE_FLOW",
            # Whoever has several accounts at Google is asked which.
            customParameter={"prompt": "select_account"},
        )
        url, session_id = answer.get("authUri"), answer.get("sessionId")
        if not isinstance(url, str) or not isinstance(session_id, str):
            raise FirebaseAway
        states = parse_qs(urlsplit(url).query).get("state", [])
        if len(states) != 1:
            raise FirebaseAway
        return Begun(url, session_id, states[0])

    async def finish(self, query: str, session_id: str) -> Identity:
        """Who came back, with the query that Google sent them back with.

        Raises `GoogleRefused`, `NotJoined`, `WrongCredentials`, `FirebaseAway`.
        """
        answer = await self._firebase.call(
            "signInWithIdp",
            requestUri=f"{self._return_url}?{query}",
            sessionId=session_id,
            returnSecureToken=True,
        )
        if answer.get("needConfirmation"):
            raise NotJoined
        identity = await self._firebase.verify(answer.get("idToken"))
        if not identity.email:
            raise GoogleRefused
        return identity
