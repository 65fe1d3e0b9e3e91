"""`/authorize`: an app sends its person here, and gets a code back."""

from urllib.parse import quote

from authlib.oauth2.rfc6749 import OAuth2Error
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from functions.accounts.oauth import consent, grants_given, parameters, people_allowed, scopes
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.server import Server
from functions.accounts.people.tables import User
from shared.errors import ApiError

_NO_STORE = {"Cache-Control": "no-store"}


class Authorize:
    """Sends the browser to sign in, to consent, or back to the app."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def get(self, request: Request) -> Response:
        dependencies = self._dependencies
        try:
            query = parameters.parse(request.url.query)
            user = await dependencies.current_user(request)
            async with dependencies.database.session() as session:
                return await self._answer(session, request, query, user)
        except OAuth2Error as error:
            return self._problem(request, error)
        except ApiError as error:
            response = dependencies.show_problem(request, error.status, error.message)
            response.headers.update(error.headers)
            return response

    async def _answer(
        self, session: AsyncSession, request: Request, query: dict[str, str], user: User | None
    ) -> Response:
        server = Server(self._dependencies, session)
        asked = server.authorization_request(query)
        try:
            app = await server.check(asked)
        except OAuth2Error as error:
            answer = server.refusal(error)
            if answer.location is None:
                return self._problem(request, error)
            return answer.to_response()
        if user is None:
            back = quote(f"/authorize?{request.url.query}", safe="")
            return _see(f"/signin?next={back}")
        if not await people_allowed.may_use(session, app, user.id):
            return (await server.deny(asked)).to_response()
        wanted = scopes.grantable(scopes.split(asked.scope), user.roles)
        is_granted = app.first_party or (
            query.get("show_dialog", "").lower() != "true"
            and await grants_given.covers(session, app.id, user.id, wanted)
        )
        if is_granted:
            return (await server.approve(asked, user)).to_response()
        id = consent.ask(session, app, user, request.url.query, server.now)
        return _see(f"/consent?request={id}")

    def _problem(self, request: Request, error: OAuth2Error) -> Response:
        """What an app did wrong, told to its person: it must not be sent on to anywhere."""
        message = error.description or "This request cannot be answered"
        return self._dependencies.show_problem(request, error.status_code, message)


def _see(location: str) -> Response:
    return RedirectResponse(location, 302, _NO_STORE)
