"""The account's page: profile, plan, sessions, apps let in, export, deletion."""

import re

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.database import Database
from functions.accounts.pages import google
from functions.accounts.pages.ports import Grants, Plans, Privacy
from functions.accounts.pages.proof import Proof
from functions.accounts.pages.site import Site
from functions.accounts.people import countries, profile, roles, store
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.profile import ExplicitContent, ProfileChange
from functions.accounts.people.roles import Role
from functions.accounts.people.tables import User
from shared import ids
from shared.errors import BadRequest, NotFound

_INVALID = 422
_SESSION_ID = re.compile(r"[0-9a-f]{64}")


class AccountPages:
    """What a person sees and changes of their own account."""

    def __init__(
        self,
        site: Site,
        *,
        database: Database,
        proof: Proof,
        announcements: Announcements,
        plans: Plans,
        grants: Grants,
        privacy: Privacy,
        google_origin: str = "",
    ) -> None:
        self._site = site
        self._database = database
        self._proof = proof
        self._announcements = announcements
        self._plans = plans
        self._grants = grants
        self._privacy = privacy
        self._google_origin = google_origin

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get("/account", self.page),
            site.post("/account/profile", self.change_profile),
            site.post("/account/artist", self.become_artist),
            site.post("/account/sessions", self.end_session),
            site.post("/account/grants", self.revoke),
            site.post("/account/export", self.export),
            site.get("/account/export/{id}", self.export_page),
            site.get("/account/delete", self.delete_page),
            site.post("/account/delete", self.delete),
        ]

    async def page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        values = {
            "name": user.display_name,
            "country": user.country,
            "hide_explicit": "" if user.explicit_content_allowed else "yes",
        }
        return await self._page(request, user, values, {})

    async def change_profile(self, request: Request) -> Response:
        user, form = await self._sent(request)
        wanted = ProfileChange(
            display_name=form.get("name", ""),
            country=form.get("country", ""),
            explicit_content=ExplicitContent(filter_enabled=form.get("hide_explicit") == "yes"),
        )
        try:
            async with self._database.session() as session:
                await store.change(session, user.id, wanted)
        except profile.InvalidName as error:
            return await self._page(request, user, form, {"name": error.message}, status=_INVALID)
        except profile.InvalidCountry:
            problems = {"country": "Choose your country"}
            return await self._page(request, user, form, problems, status=_INVALID)
        await self._announcements.tell(user.id)
        return self._site.go("/account?done=profile")

    async def become_artist(self, request: Request) -> Response:
        user, _ = await self._sent(request)
        async with self._database.session() as session:
            await roles.add(session, user.id, Role.artist, actor=user.id)
        return self._site.go("/account?done=artist")

    async def end_session(self, request: Request) -> Response:
        user, form = await self._sent(request)
        if form.get("session") == "others":
            await self._site.sessions.sign_out_everywhere(user.id, but=request)
            return self._site.go("/account?done=everywhere")
        if not _SESSION_ID.fullmatch(form.get("session", "")):
            raise BadRequest("There is no such session")
        await self._site.sessions.end(user.id, form["session"])
        return self._site.go("/account?done=sessions")

    async def revoke(self, request: Request) -> Response:
        user, form = await self._sent(request)
        await self._grants.take_back(user, form.get("app", ""))
        return self._site.go("/account?done=revoked")

    async def export(self, request: Request) -> Response:
        """Asks for it; it is made once the browser has its answer."""
        user, _ = await self._sent(request)
        export_id = await self._privacy.ask(user)
        response = self._site.go(f"/account/export/{export_id}")
        response.background = BackgroundTask(self._privacy.make, export_id)
        return response

    async def export_page(self, request: Request) -> Response:
        """Asks again by itself until the archive is there."""
        user = await self._site.sessions.require_user(request)
        export_id = request.path_params["id"]
        if not ids.is_valid(export_id):
            raise NotFound("There is no such export, or no longer")
        export = await self._privacy.export(user, export_id)
        return self._site.show(request, "export.html", user=user, export=export)

    async def delete_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return await self._delete_form(request, user, {})

    async def delete(self, request: Request) -> Response:
        """Needs a proof: a browser that was left open is not enough."""
        user, form = await self._sent(request)
        problem = await self._proof.problem(request, user, form)
        if problem is not None:
            message, error = problem
            response = await self._delete_form(
                request, user, {"password": message}, status=error.status
            )
            response.headers.update(error.headers)
            return response
        # Before: what is noted of a sign-out is erased with the rest.
        await self._site.sessions.sign_out_everywhere(user.id, but=request)
        await self._privacy.erase(user)
        response = self._site.show(request, "deleted.html", user=None)
        await self._site.sessions.sign_out(request, response)
        return response

    async def _delete_form(
        self, request: Request, user: User, problems: dict[str, str], *, status: int = 200
    ) -> Response:
        return self._site.show(
            request,
            "delete.html",
            user=user,
            status=status,
            problems=problems,
            is_proved=await self._proof.is_given(request, user),
            google=google.START if self._google_origin and user.google_linked_at else "",
            form_targets=[self._google_origin],
        )

    async def _sent(self, request: Request) -> tuple[User, dict[str, str]]:
        user = await self._site.sessions.require_user(request)
        return user, await self._site.form(request, user)

    async def _page(
        self,
        request: Request,
        user: User,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            "account.html",
            user=user,
            status=status,
            values=values,
            problems=problems,
            countries=countries.NAMES,
            most_name=profile.MOST_NAME,
            plan=await self._plans.summary(user),
            sessions=await self._site.sessions.of(user.id, request),
            granted=await self._grants.of(user),
        )
