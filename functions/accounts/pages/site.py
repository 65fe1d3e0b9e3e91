"""The frame that every page is shown in: who is signed in, templates, forms, errors, headers."""

import contextlib
import datetime
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from functions.accounts.pages import assets, browsers, forms, security
from functions.accounts.pages.csrf import Csrf
from functions.accounts.people.sessions import Sessions, SignInNeeded
from functions.accounts.people.tables import User
from shared.errors import ApiError, Unavailable

Handler = Callable[[Request], Awaitable[Response]]

# Said on the page that follows a change, which names one of these and nothing else.
NOTICES = {
    "profile": "Your profile is saved.",
    "sessions": "Signed out there.",
    "everywhere": "Signed out everywhere else.",
    "revoked": "The app has no access any more.",
    "artist": "You are an artist now: you may upload music.",
    "app": "The app is saved.",
    "app-deleted": "The app is deleted.",
    "signed-out": "You are signed out.",
    "email": "Your e-mail address is changed. You are signed out everywhere else.",
    "password": "Your password is changed. You are signed out everywhere else.",
    "google": (
        "You can sign in with Google now. If your password no longer works, choose a new one below."
    ),
    "no-google": "You did not sign in with Google.",
    "plan": "Your choice is made.",
    "cancelled": "Your plan is cancelled. You keep it until it ends.",
    "withdrawn": "The invitation does not hold any more.",
    "joined": "You are in the family now.",
    "left": "You have left the family.",
    "removed": "They are not in your family any more.",
    "person": "They may use the app now.",
    "person-off": "They cannot use the app any more.",
}
_TITLES = {
    403: "That did not work",
    404: "Nothing here",
    413: "That is too much",
    429: "Too many tries",
    503: "Not available for now",
}


class Site:
    """Makes routes of pages, and answers of templates."""

    def __init__(self, sessions: Sessions, csrf: Csrf) -> None:
        self.sessions = sessions
        self._csrf = csrf
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals["asset"] = assets.url
        self._templates.filters["day"] = _day
        self._templates.filters["browser"] = browsers.name_of

    def get(self, path: str, handler: Handler) -> Route:
        return Route(path, self._guarded(handler), methods=["GET"])

    def post(self, path: str, handler: Handler) -> Route:
        return Route(path, self._guarded(handler), methods=["POST"])

    async def form(self, request: Request, user: User | None) -> dict[str, str]:
        """The fields of a form that was filled in here; raises `ForgedForm` and others."""
        fields = await forms.read(request)
        self._csrf.check(request, fields, user)
        return fields

    def show(
        self,
        request: Request,
        template: str,
        *,
        user: User | None,
        status: int = 200,
        form_targets: Sequence[str] = (),
        **values: object,
    ) -> Response:
        """A page."""
        text = self._templates.get_template(template).render(
            {
                "user": user,
                "csrf": self._csrf.token(request, user),
                "notice": NOTICES.get(request.query_params.get("done", "")),
                "path": request.url.path,
                **values,
            }
        )
        response = HTMLResponse(text, status, security.headers(form_targets))
        self._csrf.keep(request, response)
        return response

    def go(self, path: str) -> Response:
        """On to another page of this site."""
        return RedirectResponse(path, 303)

    def problem(self, request: Request, status: int, message: str) -> Response:
        """A page that says what went wrong. It needs no database."""
        title = _TITLES.get(status, "That did not work")
        # Whoever sees it may or may not be signed in: the page offers what fits both.
        return self.show(
            request, "problem.html", user=None, status=status, title=title, message=message
        )

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except SignInNeeded:
                return self.go(f"/signin?next={quote(_here(request), safe='')}")
            except ApiError as error:
                response = self.problem(request, error.status, error.message)
                response.headers.update(error.headers)
                return response
            # The page is good without: the id is rotated next time.
            with contextlib.suppress(Unavailable):
                if "set-cookie" not in response.headers:
                    await self.sessions.rotate_if_due(request, response)
            return response

        async def guarded(request: Request) -> Response:
            response = await answer(request)
            for name, value in security.headers().items():
                response.headers.setdefault(name, value)
            return response

        return guarded


def _here(request: Request) -> str:
    """The page asked for, to come back to; of a form, the account's."""
    if request.method != "GET":
        return forms.HOME
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _day(at: datetime.datetime) -> str:
    return f"{at.day} {at:%B %Y}"
