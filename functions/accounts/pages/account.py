"""The account's page: profile, plan, sessions, apps let in, export, deletion."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.database import Database
from functions.accounts.pages.ports import Grants, Plans, Privacy
from functions.accounts.pages.site import Site
from functions.accounts.people import countries, profile, roles, store
from functions.accounts.people.attempts import address_of
from functions.accounts.people.profile import ExplicitContent, ProfileChange
from functions.accounts.people.roles import Role
from functions.accounts.people.sign_in import SignIn
from functions.accounts.people.tables import User
from shared.errors import ApiError, BadRequest

_INVALID = 422
_SESSION_ID = re.compile(r"[0-9a-f]{64}")


class AccountPages:
    """What a person sees and changes of their own account."""

    def __init__(
        self,
        site: Site,
        *,
        database: Database,
        people: SignIn,
        plans: Plans,
        grants: Grants,
        privacy: Privacy,
    ) -> None:
        self._site = site
        self._database = database
        self._people = people
        self._plans = plans
        self._grants = grants
        self._privacy = privacy

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get("/account", self.page),
            site.post("/account/profile", self.change_profile),
            site.post("/account/artist", self.become_artist),
            site.post("/account/sessions", self.end_session),
            site.post("/account/grants", self.revoke),
            site.post("/account/export", self.export),
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
        user, _ = await self._sent(request)
        url = await self._privacy.export(user)
        return self._site.show(request, "export.html", user=user, url=url)

    async def delete_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return self._site.show(request, "delete.html", user=user, problems={})

    async def delete(self, request: Request) -> Response:
        """Needs the password again: a browser that was left open is not enough."""
        user, form = await self._sent(request)
        try:
            await self._people.sign_in(
                user.email or "", form.get("password", ""), address=address_of(request)
            )
        except ApiError as error:
            message = "The password is wrong" if error.status == 401 else error.message
            response = self._site.show(
                request,
                "delete.html",
                user=user,
                status=error.status,
                problems={"password": message},
            )
            response.headers.update(error.headers)
            return response
        # Before: what is noted of a sign-out is erased with the rest.
        await self._site.sessions.sign_out_everywhere(user.id, but=request)
        await self._privacy.erase(user)
        response = self._site.show(request, "deleted.html", user=None)
        await self._site.sessions.sign_out(request, response)
        return response

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
