"""May this app have what it asks for? And: may this device?"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.pages.ports import Consents, Devices
from functions.accounts.pages.site import Site
from functions.accounts.people.attempts import Attempts
from shared.errors import BadRequest, NotFound

_ANSWERS = ("allow", "refuse")


class ConsentPages:
    """Asks the person, and takes the answer to whoever waits for it."""

    def __init__(
        self, site: Site, consents: Consents, devices: Devices, attempts: Attempts
    ) -> None:
        self._site = site
        self._consents = consents
        self._devices = devices
        self._attempts = attempts

    def routes(self) -> list[BaseRoute]:
        site = self._site
        return [
            site.get("/consent", self.consent_page),
            site.post("/consent", self.consent),
            site.get("/device", self.device_page),
            site.post("/device", self.device),
        ]

    async def consent_page(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        request_id = request.query_params.get("request", "")
        asked = await self._consents.pending(request_id, user)
        return self._site.show(
            request,
            "consent.html",
            user=user,
            asked=asked,
            request_id=request_id,
            destination=_destination(asked.redirect_uri),
            form_targets=[asked.redirect_uri],
        )

    async def consent(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        form = await self._site.form(request, user)
        answer = self._consents.approve if _is_allowed(form) else self._consents.refuse
        return await answer(form.get("request", ""), user)

    async def device_page(self, request: Request) -> Response:
        """A code in the address is filled in, and still has to be sent off by its person."""
        user = await self._site.sessions.require_user(request)
        code = request.query_params.get("user_code", "")[:40]
        return self._site.show(request, "device.html", user=user, code=code, problems={})

    async def device(self, request: Request) -> Response:
        user = await self._site.sessions.require_user(request)
        form = await self._site.form(request, user)
        code = form.get("user_code", "").strip()
        await self._attempts.device_code(user.id)
        try:
            if "answer" not in form:
                asked = await self._devices.pending(code, user)
                return self._site.show(
                    request, "device_confirm.html", user=user, code=code, asked=asked
                )
            is_allowed = _is_allowed(form)
            answer = self._devices.approve if is_allowed else self._devices.refuse
            await answer(code, user)
        except NotFound:
            problems = {"user_code": "No device waits with this code. Check it, or ask for another"}
            return self._site.show(
                request, "device.html", user=user, status=404, code=code, problems=problems
            )
        return self._site.show(request, "device_done.html", user=user, is_allowed=is_allowed)


def _is_allowed(form: dict[str, str]) -> bool:
    answer = form.get("answer")
    if answer not in _ANSWERS:
        raise BadRequest("Say whether you allow it")
    return answer == "allow"


def _destination(redirect_uri: str) -> str:
    """Where the person goes back to, as one can read it."""
    try:
        host = urlsplit(redirect_uri).hostname
    except ValueError:
        host = None
    if host in {"127.0.0.1", "::1", "localhost"}:
        return "a program on this computer"
    return host or "the app"
