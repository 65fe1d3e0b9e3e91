"""Forms that were filled in here, and not sent in somebody's name by another site.

A form carries a token that only this site can make for the browser's cookie and the person who is
signed in (a signed double submit). The browser's own word on where a request comes from (`Origin`,
`Sec-Fetch-Site`) has to agree where it is given.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.people.tables import User
from shared.errors import Forbidden

FIELD = "csrf"
_COOKIE_BYTES = 16
# "none" is a request that no site began, such as a form that is sent again by reloading.
_OWN_SITES = {"same-origin", "none"}


class ForgedForm(Forbidden):
    """The form was not made here, or not for this browser and person."""

    def __init__(self) -> None:
        super().__init__("This form is out of date. Go back, reload the page, and try again")


class Csrf:
    """Makes and checks tokens. `secret` is the platform's own."""

    def __init__(self, secret: str, *, public_url: str) -> None:
        if not secret:
            raise ValueError("the secret for forms is empty")
        self._secret = secret.encode()
        address = urlsplit(public_url)
        self._origin = f"{address.scheme}://{address.netloc}"
        self._is_https = address.scheme == "https"
        self._cookie = "__Host-cadenza-form" if self._is_https else "cadenza-form"

    def token(self, request: Request, user: User | None) -> str:
        """The token for forms on the page that answers this request."""
        return self._sign(self._browser(request), user)

    def keep(self, request: Request, response: Response) -> None:
        """Gives the browser the cookie that the page's tokens are for, unless it has it."""
        if self._cookie not in request.cookies:
            response.set_cookie(
                self._cookie,
                self._browser(request),
                path="/",
                secure=self._is_https,
                httponly=True,
                samesite="lax",
            )

    def check(self, request: Request, form: dict[str, str], user: User | None) -> None:
        """Raises `ForgedForm`."""
        origin = request.headers.get("origin", self._origin)
        site = request.headers.get("sec-fetch-site", "same-origin")
        cookie = request.cookies.get(self._cookie, "")
        expected = self._sign(cookie, user)
        given = form.get(FIELD, "").encode("utf-8", "surrogatepass")
        is_right = hmac.compare_digest(expected.encode(), given)
        if not cookie or not is_right or origin != self._origin or site not in _OWN_SITES:
            raise ForgedForm

    def _browser(self, request: Request) -> str:
        """The browser's cookie, or the one that it is about to get."""
        if known := request.cookies.get(self._cookie):
            return known
        if not hasattr(request.state, "cadenza_form"):
            request.state.cadenza_form = secrets.token_urlsafe(_COOKIE_BYTES)
        return str(request.state.cadenza_form)

    def _sign(self, cookie: str, user: User | None) -> str:
        text = f"form\n{cookie}\n{user.id if user else ''}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
