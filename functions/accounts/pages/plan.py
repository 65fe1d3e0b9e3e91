"""Choosing a plan and giving it up, and the people of a family."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from functions.accounts.pages.ports import FamilyDesks, PlanDesks, Plans
from functions.accounts.pages.site import Site
from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Period, Plan
from shared import ids
from shared.errors import ApiError, BadRequest

PLAN = "/account/plan"
FAMILY = "/account/family"
# Where a card is entered, if one has to be.
_CHECKOUT = "https://checkout.stripe.com"
_MOST_CODE = 100


class PlanPages:
    """The plan of whoever is signed in."""

    def __init__(self, site: Site, plans: Plans, desks: PlanDesks, families: FamilyDesks) -> None:
        self._site = site
        self._plans = plans
        self._desks = desks
        self._families = families

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get(PLAN, self.page),
            site.post(PLAN, self.choose),
            site.post(f"{PLAN}/cancel", self.cancel),
            site.get(FAMILY, self.family_page),
            site.post(f"{FAMILY}/invite", self.invite),
            site.post(f"{FAMILY}/withdraw", self.withdraw),
            site.post(f"{FAMILY}/join", self.join),
            site.post(f"{FAMILY}/remove", self.remove),
        ]

    async def page(self, request: Request) -> Response:
        return await self._page(request, await self._site.sessions.require_user(request), {})

    async def choose(self, request: Request) -> Response:
        user, form = await self._sent(request)
        try:
            plan, period = Plan(form.get("plan", "")), Period(form.get("period", ""))
        except ValueError:
            raise BadRequest("There is no such plan") from None
        if plan is Plan.free:
            raise BadRequest("The free plan is not chosen: cancel the one that you have")
        try:
            checkout = await self._desks.choose(user, plan, period)
        except ApiError as error:
            return await self._page(request, user, {"": error.message}, error)
        if checkout:
            return RedirectResponse(checkout, 303)
        return self._site.go(f"{PLAN}?done=plan")

    async def cancel(self, request: Request) -> Response:
        user, _ = await self._sent(request)
        await self._desks.cancel(user)
        return self._site.go(f"{PLAN}?done=cancelled")

    async def family_page(self, request: Request) -> Response:
        return await self._family(request, await self._site.sessions.require_user(request))

    async def invite(self, request: Request) -> Response:
        """Shows the code, once: only a hash of it is kept."""
        user, _ = await self._sent(request)
        try:
            code = await self._families.invite(user)
        except ApiError as error:
            return await self._family(request, user, error=error)
        return await self._family(request, user, code=code)

    async def withdraw(self, request: Request) -> Response:
        user, form = await self._sent(request)
        await self._families.withdraw(user, _id(form, "invitation"))
        return self._site.go(f"{FAMILY}?done=withdrawn")

    async def join(self, request: Request) -> Response:
        user, form = await self._sent(request)
        code = form.get("code", "").strip()
        try:
            if not 1 <= len(code) <= _MOST_CODE:
                raise BadRequest("Enter the code as it was given to you")
            await self._families.join(user, code)
        except ApiError as error:
            return await self._family(request, user, error=error)
        return self._site.go(f"{FAMILY}?done=joined")

    async def remove(self, request: Request) -> Response:
        user, form = await self._sent(request)
        member = _id(form, "member")
        await self._families.remove(user, member)
        return self._site.go(f"{FAMILY}?done={'left' if member == user.id else 'removed'}")

    async def _sent(self, request: Request) -> tuple[User, dict[str, str]]:
        user = await self._site.sessions.require_user(request)
        return user, await self._site.form(request, user)

    async def _page(
        self,
        request: Request,
        user: User,
        problems: dict[str, str],
        error: ApiError | None = None,
    ) -> Response:
        response = self._site.show(
            request,
            "plan.html",
            user=user,
            status=error.status if error else 200,
            problems=problems,
            plan=await self._plans.summary(user),
            desk=await self._desks.desk(user),
            form_targets=[_CHECKOUT],
        )
        response.headers.update(error.headers if error else {})
        return response

    async def _family(
        self, request: Request, user: User, *, code: str = "", error: ApiError | None = None
    ) -> Response:
        response = self._site.show(
            request,
            "family.html",
            user=user,
            status=error.status if error else 200,
            problems={"": error.message} if error else {},
            desk=await self._families.desk(user),
            code=code,
        )
        response.headers.update(error.headers if error else {})
        return response


def _id(form: dict[str, str], field: str) -> str:
    value = form.get(field, "")
    if not ids.is_valid(value):
        raise BadRequest("There is nobody and nothing by this name")
    return value
