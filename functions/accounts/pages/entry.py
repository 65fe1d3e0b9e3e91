"""Signing up, signing in, signing out, and a forgotten password."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.pages import forms, google
from functions.accounts.pages.countries_of import country_of
from functions.accounts.pages.site import Site
from functions.accounts.people import countries, emails, profile, sign_in
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.attempts import address_of
from functions.accounts.people.firebase import EmailTaken, WeakPassword
from functions.accounts.people.sign_in import NewPerson, SignIn
from shared.errors import ApiError

FORGOTTEN = "/account/forgotten"

# The browser has been shown the form, and what was wrong with it.
_INVALID = 422


class Entry:
    """The pages for whoever is not signed in."""

    def __init__(
        self, site: Site, people: SignIn, *, announcements: Announcements, google_origin: str = ""
    ) -> None:
        self._site = site
        self._people = people
        self._announcements = announcements
        # Where people sign in with Google; "" where they cannot.
        self._google_origin = google_origin

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get("/signup", self.sign_up_page),
            site.post("/signup", self.sign_up),
            site.get("/signin", self.sign_in_page),
            site.post("/signin", self.sign_in),
            site.get("/signout", self.sign_out_page),
            site.post("/signout", self.sign_out),
            site.get(FORGOTTEN, self.forgotten_page),
            site.post(FORGOTTEN, self.forgotten),
        ]

    async def sign_up_page(self, request: Request) -> Response:
        after = forms.next_path(request.query_params.get("next"))
        if await self._site.sessions.current_user(request) is not None:
            return self._site.go(after)
        return self._sign_up_form(request, {"country": country_of(request)}, {}, after=after)

    async def sign_up(self, request: Request) -> Response:
        user = await self._site.sessions.current_user(request)
        form = await self._site.form(request, user)
        after = forms.next_path(form.get("next"))
        if problems := _problems(form):
            return self._sign_up_form(request, form, problems, status=_INVALID, after=after)
        wanted = NewPerson(
            form.get("email", ""), form.get("password", ""), form.get("name", ""),
            form.get("country", ""),
        )  # fmt: skip
        try:
            made = await self._people.sign_up(wanted, address=address_of(request))
        except ApiError as error:
            field = {EmailTaken: "email", WeakPassword: "password"}.get(type(error), "")
            return _with_headers(
                self._sign_up_form(
                    request, form, {field: error.message}, status=error.status, after=after
                ),
                error,
            )
        await self._announcements.tell(made.id)
        return await self._enter(request, made.id, after)

    async def sign_in_page(self, request: Request) -> Response:
        after = forms.next_path(request.query_params.get("next"))
        if await self._site.sessions.current_user(request) is not None:
            return self._site.go(after)
        return self._sign_in_form(request, {}, {}, after=after)

    async def sign_in(self, request: Request) -> Response:
        user = await self._site.sessions.current_user(request)
        form = await self._site.form(request, user)
        after = forms.next_path(form.get("next"))
        missing = {
            name: message
            for name, message in (
                ("email", "Enter your e-mail address"),
                ("password", "Enter your password"),
            )
            if not form.get(name, "").strip()
        }
        if missing:
            return self._sign_in_form(request, form, missing, status=_INVALID, after=after)
        try:
            found = await self._people.sign_in(
                form["email"], form["password"], address=address_of(request)
            )
        except ApiError as error:
            page = self._sign_in_form(
                request, form, {"": error.message}, status=error.status, after=after
            )
            return _with_headers(page, error)
        return await self._enter(request, found.id, after)

    async def sign_out_page(self, request: Request) -> Response:
        user = await self._site.sessions.current_user(request)
        if user is None:
            return self._site.go("/signin")
        return self._site.show(request, "signout.html", user=user)

    async def sign_out(self, request: Request) -> Response:
        user = await self._site.sessions.current_user(request)
        form = await self._site.form(request, user)
        after = forms.next_path(form.get("next"))
        query = {"done": "signed-out"} if after == forms.HOME else {"next": after}
        response = self._site.go(f"/signin?{urlencode(query)}")
        await self._site.sessions.sign_out(request, response)
        return response

    async def forgotten_page(self, request: Request) -> Response:
        return self._forgotten_form(request, {}, {})

    async def forgotten(self, request: Request) -> Response:
        user = await self._site.sessions.current_user(request)
        form = await self._site.form(request, user)
        try:
            await self._people.send_password_reset(
                form.get("email", ""), address=address_of(request)
            )
        except ApiError as error:
            field = "email" if isinstance(error, emails.InvalidEmail) else ""
            page = self._forgotten_form(request, form, {field: error.message}, status=error.status)
            return _with_headers(page, error)
        return self._site.show(request, "forgotten_sent.html", user=None, email=form["email"])

    async def _enter(self, request: Request, user_id: str, after: str) -> Response:
        response = self._site.go(after)
        await self._site.sessions.sign_in(request, response, user_id)
        return response

    def _sign_up_form(
        self,
        request: Request,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        after: str,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            "signup.html",
            user=None,
            status=status,
            values=values,
            problems=problems,
            after=after,
            other=_link("/signin", after),
            countries=countries.NAMES,
            most_name=profile.MOST_NAME,
            google=google.START if self._google_origin else "",
            form_targets=[*forms.leads_to(after), self._google_origin],
        )

    def _sign_in_form(
        self,
        request: Request,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        after: str,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            "signin.html",
            user=None,
            status=status,
            values=values,
            problems=problems,
            after=after,
            other=_link("/signup", after),
            forgotten=FORGOTTEN,
            google=google.START if self._google_origin else "",
            form_targets=[*forms.leads_to(after), self._google_origin],
        )

    def _forgotten_form(
        self,
        request: Request,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request, "forgotten.html", user=None, status=status, values=values, problems=problems
        )


def _problems(form: dict[str, str]) -> dict[str, str]:
    """What is wrong with a sign-up, field by field, all at once."""
    email, password = form.get("email", ""), form.get("password", "")
    checks: dict[str, Callable[[], object]] = {
        "name": lambda: profile.check_name(form.get("name", "")),
        "email": lambda: emails.normalise(email),
        "password": lambda: sign_in.check_password(password, email),
        "country": lambda: profile.check_country(form.get("country", "")),
    }
    problems = {}
    for field, check in checks.items():
        try:
            check()
        except ApiError as error:
            problems[field] = error.message
    if "country" in problems:
        problems["country"] = "Choose your country"
    return problems


def _link(path: str, after: str) -> str:
    return path if after == forms.HOME else f"{path}?{urlencode({'next': after})}"


def _with_headers(response: Response, error: ApiError) -> Response:
    response.headers.update(error.headers)
    return response
