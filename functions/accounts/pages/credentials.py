"""A new e-mail address, a new password, and what somebody who came from Google is asked."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.database import Database
from functions.accounts.pages import forms, google
from functions.accounts.pages.proof import Proof
from functions.accounts.pages.site import Site
from functions.accounts.people import countries, profile, store
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.credentials import Credentials
from functions.accounts.people.emails import InvalidEmail
from functions.accounts.people.firebase import EmailTaken, WeakPassword
from functions.accounts.people.profile import ProfileChange
from functions.accounts.people.tables import User
from shared.errors import ApiError

EMAIL = "/account/email"
PASSWORD = "/account/password"  # noqa: S105  # a path
_INVALID = 422
_FIELDS = {EmailTaken: "email", InvalidEmail: "email", WeakPassword: "new_password"}


class CredentialPages:
    """Each change needs a proof, signs out everywhere else, and renews the session here."""

    def __init__(
        self,
        site: Site,
        credentials: Credentials,
        proof: Proof,
        *,
        database: Database,
        announcements: Announcements,
        google_origin: str = "",
    ) -> None:
        self._site = site
        self._credentials = credentials
        self._proof = proof
        self._database = database
        self._announcements = announcements
        self._google_origin = google_origin

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get(EMAIL, self.email_page),
            site.post(EMAIL, self.change_email),
            site.get(PASSWORD, self.password_page),
            site.post(PASSWORD, self.change_password),
            site.get(google.WELCOME, self.welcome_page),
            site.post(google.WELCOME, self.welcome),
        ]

    async def email_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return await self._page(request, user, "email.html", {}, {})

    async def change_email(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        form = await self._site.form(request, user)
        if (failed := await self._unproved(request, user, "email.html", form)) is not None:
            return failed
        try:
            await self._credentials.change_email(user, form.get("email", ""))
        except ApiError as error:
            return await self._refused(request, user, "email.html", form, error)
        return await self._renewed(request, user, "email")

    async def password_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return await self._page(request, user, "password.html", {}, {})

    async def change_password(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        form = await self._site.form(request, user)
        if (failed := await self._unproved(request, user, "password.html", form)) is not None:
            return failed
        try:
            await self._credentials.change_password(user, form.get("new_password", ""))
        except ApiError as error:
            return await self._refused(request, user, "password.html", form, error)
        return await self._renewed(request, user, "password")

    async def welcome_page(self, request: Request) -> Response:
        """For somebody new: Google does not say where they live."""
        user = await self._site.sessions.require_user(request)
        after = forms.next_path(request.query_params.get("next"))
        values = {"name": user.display_name, "country": user.country}
        return self._welcome_form(request, user, values, {}, after=after)

    async def welcome(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        form = await self._site.form(request, user)
        after = forms.next_path(form.get("next"))
        wanted = ProfileChange(display_name=form.get("name", ""), country=form.get("country", ""))
        problems = {}
        try:
            async with self._database.session() as session:
                await store.change(session, user.id, wanted)
        except profile.InvalidName as error:
            problems["name"] = error.message
        except profile.InvalidCountry:
            problems["country"] = "Choose your country"
        if problems:
            return self._welcome_form(request, user, form, problems, after=after, status=_INVALID)
        await self._announcements.tell(user.id)
        return self._site.go(after)

    async def _unproved(
        self, request: Request, user: User, template: str, form: dict[str, str]
    ) -> Response | None:
        problem = await self._proof.problem(request, user, form)
        if problem is None:
            return None
        message, error = problem
        page = await self._page(
            request, user, template, form, {"password": message}, status=error.status
        )
        page.headers.update(error.headers)
        return page

    async def _refused(
        self, request: Request, user: User, template: str, form: dict[str, str], error: ApiError
    ) -> Response:
        problems = {_FIELDS.get(type(error), ""): error.message}
        page = await self._page(request, user, template, form, problems, status=error.status)
        page.headers.update(error.headers)
        return page

    async def _renewed(self, request: Request, user: User, done: str) -> Response:
        """Whoever else was signed in is not any more, and the cookie here is another."""
        await self._site.sessions.sign_out_everywhere(user.id, but=request)
        response = self._site.go(f"/account?done={done}")
        await self._site.sessions.sign_in(request, response, user.id)
        return response

    async def _page(
        self,
        request: Request,
        user: User,
        template: str,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            template,
            user=user,
            status=status,
            values=values,
            problems=problems,
            is_proved=await self._proof.is_given(request, user),
            google=google.START if self._google_origin and user.google_linked_at else "",
            form_targets=[self._google_origin],
        )

    def _welcome_form(
        self,
        request: Request,
        user: User,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        after: str,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            "welcome.html",
            user=user,
            status=status,
            values=values,
            problems=problems,
            after=after,
            countries=countries.NAMES,
            most_name=profile.MOST_NAME,
            form_targets=forms.leads_to(after),
        )
