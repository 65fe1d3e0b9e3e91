"""Signing in with Google: there and back, without a script."""

import base64
import binascii
import hashlib
import hmac
import time
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from functions.accounts.pages import forms
from functions.accounts.pages.countries_of import country_of
from functions.accounts.pages.site import Site
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.attempts import Attempts, address_of
from functions.accounts.people.google import Begun, GoogleSignIn
from functions.accounts.people.sign_in import SignIn
from functions.accounts.people.tables import User
from shared.errors import ApiError

START = "/account/google"
RETURN = "/account/google/back"
WELCOME = "/account/welcome"
LIFETIME_S = 600
_PURPOSE = b"cadenza google sign-in v1"


class _Errand(msgspec.Struct, frozen=True):
    """What the browser was sent to Google for. `user` is who was signed in then, or ""."""

    session_id: str
    state: str
    after: str
    user: str
    until: int


class Errands:
    """Keeps it in a cookie that only this site can make, and that scripts cannot read."""

    def __init__(self, secret: str, *, public_url: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
        self._is_https = public_url.startswith("https:")
        self.cookie = "__Host-cadenza-google" if self._is_https else "cadenza-google"

    def keep(self, response: Response, begun: Begun, *, after: str, user: User | None) -> None:
        errand = _Errand(
            begun.session_id,
            begun.state,
            after,
            user.id if user else "",
            int(time.time()) + LIFETIME_S,
        )
        text = base64.urlsafe_b64encode(msgspec.json.encode(errand)).decode()
        response.set_cookie(
            self.cookie,
            f"{text}.{self._sign(text)}",
            max_age=LIFETIME_S,
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="lax",
        )

    def take(self, request: Request) -> _Errand | None:
        """What this browser was sent for, and not too long ago."""
        text, _, signature = request.cookies.get(self.cookie, "").partition(".")
        if not signature.isascii() or not hmac.compare_digest(signature, self._sign(text)):
            return None
        try:
            errand = msgspec.json.decode(base64.urlsafe_b64decode(text), type=_Errand)
        except (binascii.Error, ValueError, msgspec.DecodeError):
            return None
        return errand if time.time() < errand.until else None

    def forget(self, response: Response) -> None:
        response.delete_cookie(
            self.cookie, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )

    def _sign(self, text: str) -> str:
        return hmac.new(
            self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()


class GooglePages:
    """The way to Google, and the way back. It also proves again who somebody is."""

    def __init__(
        self,
        site: Site,
        google: GoogleSignIn,
        errands: Errands,
        *,
        people: SignIn,
        announcements: Announcements,
        attempts: Attempts,
    ) -> None:
        self._site = site
        self._google = google
        self._errands = errands
        self._people = people
        self._announcements = announcements
        self._attempts = attempts

    def routes(self) -> list[BaseRoute]:
        return [self._site.post(START, self.start), self._site.get(RETURN, self.back)]

    async def start(self, request: Request) -> Response:
        user = await self._site.sessions.current_user(request)
        form = await self._site.form(request, user)
        await self._attempts.with_google(address_of(request))
        begun = await self._google.begin()
        response = RedirectResponse(begun.url, 303)
        self._errands.keep(response, begun, after=forms.next_path(form.get("next")), user=user)
        return response

    async def back(self, request: Request) -> Response:
        """Signs in whom Google names, if this very browser was sent there for it."""
        response = await self._back(request)
        self._errands.forget(response)
        return response

    async def _back(self, request: Request) -> Response:
        errand = self._errands.take(request)
        state = request.query_params.get("state", "")
        if errand is None or not hmac.compare_digest(
            state.encode("utf-8", "surrogatepass"), errand.state.encode()
        ):
            return self._site.problem(
                request, 403, "This sign-in was not begun in this browser, or too long ago"
            )
        if "error" in request.query_params:
            return self._site.go(_with_next("/signin?done=no-google", errand.after))
        if errand.user and await self._site.sessions.current_user(request) is None:
            return self._site.problem(request, 403, "You were signed out here: sign in again")
        try:
            identity = await self._google.finish(request.url.query, errand.session_id)
            entered = await self._people.with_google(
                identity, country=country_of(request), only=errand.user
            )
        except ApiError as error:
            failed = self._site.problem(request, error.status, error.message)
            failed.headers.update(error.headers)
            return failed
        after = errand.after
        if entered.is_new:
            await self._announcements.tell(entered.user.id)
            after = f"{WELCOME}?{urlencode({'next': after})}"
        elif entered.is_joined:
            after = "/account?done=google"
        response = self._site.go(after)
        await self._site.sessions.sign_in(request, response, entered.user.id)
        return response


def _with_next(path: str, after: str) -> str:
    return path if after == forms.HOME else f"{path}&{urlencode({'next': after})}"
