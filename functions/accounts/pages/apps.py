"""A developer's apps: registering them, their redirect URIs, their secrets."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.pages.ports import App, Apps
from functions.accounts.pages.site import Site
from functions.accounts.people.tables import User
from shared.errors import BadRequest, Forbidden, NotFound

_INVALID = 422


class AppPages:
    """The apps of whoever is signed in."""

    def __init__(self, site: Site, apps: Apps) -> None:
        self._site = site
        self._apps = apps

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get("/account/apps", self.list),
            site.get("/account/apps/new", self.new_page),
            site.post("/account/apps/new", self.register),
            site.get("/account/apps/{id}", self.page),
            site.post("/account/apps/{id}", self.change),
            site.post("/account/apps/{id}/secret", self.rotate),
            site.get("/account/apps/{id}/people", self.people_page),
            site.post("/account/apps/{id}/people", self.allow),
            site.post("/account/apps/{id}/people/remove", self.disallow),
            site.get("/account/apps/{id}/delete", self.delete_page),
            site.post("/account/apps/{id}/delete", self.delete),
        ]

    async def list(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return self._site.show(request, "apps.html", user=user, apps=await self._apps.of(user))

    async def new_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return self._new_form(request, user, {"kind": "confidential"}, "")

    async def register(self, request: Request) -> Response:
        user, form = await self._sent(request)
        try:
            app, secret = await self._apps.register(
                user,
                name=form.get("name", ""),
                description=form.get("description", ""),
                redirect_uris=_lines(form.get("redirect_uris", "")),
                confidential=_is_confidential(form),
            )
        except BadRequest as error:
            return self._new_form(request, user, form, error.message, status=_INVALID)
        return self._secret(request, user, app, secret, title="Your app is registered")

    async def page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        app = await self._apps.get(user, request.path_params["id"])
        values = {
            "name": app.name,
            "description": app.description,
            "redirect_uris": "\n".join(app.redirect_uris),
        }
        return self._app_form(request, user, app, values, "")

    async def change(self, request: Request) -> Response:
        user, form = await self._sent(request)
        app = await self._apps.get(user, request.path_params["id"])
        try:
            await self._apps.change(
                user,
                app.id,
                name=form.get("name", ""),
                description=form.get("description", ""),
                redirect_uris=_lines(form.get("redirect_uris", "")),
            )
        except BadRequest as error:
            return self._app_form(request, user, app, form, error.message, status=_INVALID)
        return self._site.go(f"/account/apps/{app.id}?done=app")

    async def rotate(self, request: Request) -> Response:
        user, _ = await self._sent(request)
        app = await self._apps.get(user, request.path_params["id"])
        secret = await self._apps.rotate_secret(user, app.id)
        return self._secret(request, user, app, secret, title="Your app has a new secret")

    async def people_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        return await self._people(request, user, {}, {})

    async def allow(self, request: Request) -> Response:
        user, form = await self._sent(request)
        try:
            await self._apps.allow(user, request.path_params["id"], form.get("person", "").strip())
        except (NotFound, Forbidden) as error:
            # Of the app itself, `_people` says whether it is there.
            problem = "There is nobody with this id" if error.status == 404 else error.message
            return await self._people(request, user, form, {"person": problem}, status=_INVALID)
        return self._site.go(f"/account/apps/{request.path_params['id']}/people?done=person")

    async def disallow(self, request: Request) -> Response:
        user, form = await self._sent(request)
        await self._apps.disallow(user, request.path_params["id"], form.get("person", ""))
        return self._site.go(f"/account/apps/{request.path_params['id']}/people?done=person-off")

    async def _people(
        self,
        request: Request,
        user: User,
        values: dict[str, str],
        problems: dict[str, str],
        *,
        status: int = 200,
    ) -> Response:
        app = await self._apps.get(user, request.path_params["id"])
        return self._site.show(
            request,
            "app_people.html",
            user=user,
            status=status,
            app=app,
            people=await self._apps.people(user, app.id),
            values=values,
            problems=problems,
        )

    async def delete_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        app = await self._apps.get(user, request.path_params["id"])
        return self._site.show(request, "app_delete.html", user=user, app=app)

    async def delete(self, request: Request) -> Response:
        user, _ = await self._sent(request)
        await self._apps.remove(user, request.path_params["id"])
        return self._site.go("/account/apps?done=app-deleted")

    async def _sent(self, request: Request) -> tuple[User, dict[str, str]]:
        user = await self._site.sessions.require_user(request)
        return user, await self._site.form(request, user)

    def _new_form(
        self,
        request: Request,
        user: User,
        values: dict[str, str],
        problem: str,
        *,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            "app_new.html",
            user=user,
            status=status,
            values=values,
            problems=_on_field(problem),
        )

    def _app_form(
        self,
        request: Request,
        user: User,
        app: App,
        values: dict[str, str],
        problem: str,
        *,
        status: int = 200,
    ) -> Response:
        return self._site.show(
            request,
            "app.html",
            user=user,
            status=status,
            app=app,
            values=values,
            problems=_on_field(problem),
        )

    def _secret(
        self, request: Request, user: User, app: App, secret: str, *, title: str
    ) -> Response:
        """The one time that a secret is shown: it is not stored."""
        return self._site.show(
            request, "app_secret.html", user=user, app=app, secret=secret, title=title
        )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_confidential(form: dict[str, str]) -> bool:
    return form.get("kind") != "public"


def _on_field(problem: str) -> dict[str, str]:
    """Messages name the parameter that they are about: `Invalid redirect_uris: …`."""
    if not problem:
        return {}
    about, _, rest = problem.removeprefix("Invalid ").partition(": ")
    if about in {"name", "description", "redirect_uris"}:
        return {about: rest[:1].upper() + rest[1:]}
    return {"": problem}
