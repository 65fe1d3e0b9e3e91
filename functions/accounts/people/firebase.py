"""Firebase Auth, which holds the passwords: its REST interface (Identity Toolkit, v1).

Reference: https://cloud.google.com/identity-platform/docs/reference/rest/v1/accounts
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from shared.errors import ApiError, BadRequest, TooManyRequests, Unavailable

if TYPE_CHECKING:
    import firebase_admin

HOST = "https://identitytoolkit.googleapis.com"
PATH = "/v1/accounts"
TIMEOUT_S = 8.0
CLOCK_SKEW_S = 10

log = logging.getLogger(__name__)


class UnsafeEmulator(Exception):
    """Firebase's emulator signs nothing: behind a public address anybody could be anybody."""


class EmailTaken(ApiError):
    """Somebody has an account with this e-mail address already."""

    status = 409

    def __init__(self) -> None:
        super().__init__("There is an account with this e-mail address already")


class WeakPassword(BadRequest):
    """The password is too easily guessed; the message says what to do."""


class WrongCredentials(ApiError):
    """The e-mail address or the password is wrong; nobody is told which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong")


class TooManyAttempts(TooManyRequests):
    """Too many tries lately."""

    def __init__(self, retry_after_s: int = 60) -> None:
        super().__init__(
            "Too many tries. Wait a while, then try again", retry_after_s=retry_after_s
        )


class FirebaseAway(Unavailable):
    """Firebase does not answer, or not as it should."""

    def __init__(self) -> None:
        super().__init__("Sign-in is not available for now; try again", retry_after_s=5)


@dataclass(frozen=True)
class Identity:
    """A person as Firebase knows them. `name` is what Google calls them, or ""."""

    uid: str
    email: str
    name: str = ""


class GoogleRefused(ApiError):
    """The sign-in with Google came to nothing; the person may try again."""

    status = 400

    def __init__(self) -> None:
        super().__init__("You were not signed in with Google. Try again")


_REFUSALS = {
    "EMAIL_EXISTS": EmailTaken,
    "EMAIL_NOT_FOUND": WrongCredentials,
    "INVALID_EMAIL": WrongCredentials,
    "INVALID_IDP_RESPONSE": GoogleRefused,
    "INVALID_CREDENTIAL_OR_PROVIDER_ID": GoogleRefused,
    "INVALID_LOGIN_CREDENTIALS": WrongCredentials,
    "INVALID_PASSWORD": WrongCredentials,
    "MISSING_PASSWORD": WrongCredentials,
    "SESSION_EXPIRED": GoogleRefused,
    "USER_CANCELLED": GoogleRefused,
    "USER_DISABLED": WrongCredentials,
    "TOO_MANY_ATTEMPTS_TRY_LATER": TooManyAttempts,
}
_WEAK = ("WEAK_PASSWORD", "PASSWORD_DOES_NOT_MEET_REQUIREMENTS")


class FirebaseAuth:
    """Makes, signs in and deletes Firebase's users.

    `emulator_host` (host:port) is that of the local emulator, or "". Raises `UnsafeEmulator` when
    there is one and `public_url` is not this machine's.
    """

    def __init__(
        self,
        *,
        project: str,
        api_key: str,
        public_url: str,
        emulator_host: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if emulator_host and urlsplit(public_url).scheme == "https":
            raise UnsafeEmulator(
                "FIREBASE_AUTH_EMULATOR_HOST is set, and this is a public deployment"
            )
        self._project = project
        self._key = api_key
        base = f"http://{emulator_host}/identitytoolkit.googleapis.com" if emulator_host else HOST
        # Where people sign in with Google, as a page's policy names it.
        self.google = f"http://{emulator_host}" if emulator_host else "https://accounts.google.com"
        self._accounts = f"{base}{PATH}"
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._app: firebase_admin.App | None = None

    async def sign_up(self, email: str, password: str) -> Identity:
        """Raises `EmailTaken`, `WeakPassword`, `FirebaseAway`."""
        return await self._identity("signUp", email, password)

    async def sign_in(self, email: str, password: str) -> Identity:
        """Raises `WrongCredentials`, `TooManyAttempts`, `FirebaseAway`."""
        return await self._identity("signInWithPassword", email, password)

    async def send_password_reset(self, email: str) -> None:
        """Has Firebase write to the address, if there is an account; says nothing either way."""
        try:
            await self.call("sendOobCode", requestType="PASSWORD_RESET", email=email)
        except (WrongCredentials, TooManyAttempts):
            log.info("No password reset was sent")

    async def delete(self, uid: str) -> None:
        """Deletes a user; one that is gone already is no error. Raises `FirebaseAway`."""
        await asyncio.to_thread(self._delete, uid)

    async def change_email(self, uid: str, email: str) -> None:
        """Raises `EmailTaken`, `FirebaseAway`."""
        await asyncio.to_thread(self._update, uid, email=email, email_verified=False)

    async def change_password(self, uid: str, password: str) -> None:
        """Raises `WeakPassword`, `FirebaseAway`."""
        await asyncio.to_thread(self._update, uid, password=password)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _identity(self, method: str, email: str, password: str) -> Identity:
        answer = await self.call(method, email=email, password=password, returnSecureToken=True)
        return await self.verify(answer.get("idToken"))

    async def verify(self, token: object) -> Identity:
        """Who an id token is about; raises `FirebaseAway` for one that does not hold."""
        if not isinstance(token, str):
            raise FirebaseAway
        return await asyncio.to_thread(self._verify, token)

    async def call(self, method: str, **body: object) -> dict[str, Any]:
        """What a method of `accounts` answers; raises what its refusals mean."""
        if self._client is None:
            # Connecting is tried again; a request that was sent is not, for it may have been done.
            self._client = httpx.AsyncClient(
                transport=self._transport or httpx.AsyncHTTPTransport(retries=1), timeout=TIMEOUT_S
            )
        try:
            answer = await self._client.post(
                f"{self._accounts}:{method}", params={"key": self._key}, json=body
            )
            document: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise FirebaseAway from error
        if answer.is_success:
            return document
        raise _refusal(document)

    def _verify(self, token: str) -> Identity:
        from firebase_admin import auth

        try:
            claims = auth.verify_id_token(token, app=self._admin(), clock_skew_seconds=CLOCK_SKEW_S)
        except (auth.InvalidIdTokenError, auth.CertificateFetchError, ValueError) as error:
            log.exception("Firebase's token does not verify")
            raise FirebaseAway from error
        return Identity(
            uid=claims["uid"], email=claims.get("email", ""), name=claims.get("name", "")
        )

    def _update(self, uid: str, **values: object) -> None:
        from firebase_admin import auth, exceptions

        try:
            auth.update_user(uid, app=self._admin(), **values)
        except auth.EmailAlreadyExistsError as error:
            raise EmailTaken from error
        except exceptions.InvalidArgumentError as error:
            raise WeakPassword("Choose a longer password") from error
        except (exceptions.FirebaseError, ValueError) as error:
            raise FirebaseAway from error

    def _delete(self, uid: str) -> None:
        from firebase_admin import auth, exceptions

        try:
            auth.delete_user(uid, app=self._admin())
        except auth.UserNotFoundError:
            return
        except exceptions.FirebaseError as error:
            raise FirebaseAway from error

    def _admin(self) -> "firebase_admin.App":
        if self._app is None:
            import firebase_admin

            self._app = firebase_admin.initialize_app(
                options={"projectId": self._project, "httpTimeout": TIMEOUT_S},
                name=f"accounts-{id(self)}",
            )
        return self._app


def _refusal(document: dict[str, Any]) -> ApiError:
    """Identity Toolkit's errors read `CODE` or `CODE : details`."""
    error = document.get("error")
    message = str(error.get("message", "")) if isinstance(error, dict) else ""
    code = message.split(" ", 1)[0]
    if code in _WEAK:
        return WeakPassword("Choose a longer password")
    if refusal := _REFUSALS.get(code):
        return refusal()
    log.error("Firebase refused: %s", message)
    return FirebaseAway()
