"""The question whether an app may have what it asks for, and its two answers.

The page that asks it lives elsewhere; it calls `Consents`.
"""

import datetime
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from functions.accounts import audit
from functions.accounts.audit import Tag
from functions.accounts.oauth import parameters, scopes
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.messages import Answer
from functions.accounts.oauth.server import Server
from functions.accounts.oauth.tables import App, PendingAuthorization
from functions.accounts.people.tables import User
from shared import ids
from shared.errors import NotFound

PENDING_FOR = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class Consent:
    """What an app asks for: each scope with a sentence that says what it allows.

    `owner_name` is who made the app, `redirect_uri` where the answer goes.
    """

    app_name: str
    app_description: str
    owner_name: str
    redirect_uri: str
    scopes: dict[str, str]


def ask(session: AsyncSession, app: App, user: User, query: str, now: datetime.datetime) -> str:
    """Keeps a valid request until its person has answered; returns its id."""
    pending = PendingAuthorization(
        id=ids.random(), app_id=app.id, user_id=user.id, query=query, expires_at=now + PENDING_FOR
    )
    session.add(pending)
    return pending.id


class Consents:
    """Requests that wait for an answer. Only the person who was asked can see or answer one."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def pending(self, request_id: str, user: User) -> Consent:
        """What is asked; raises `NotFound` when nothing is asked of this person (any more)."""
        async with self._dependencies.database.session() as session:
            waiting = await self._find(session, request_id, user)
            app = await session.get_one(App, waiting.app_id)
            owner = await session.get(User, app.owner_id) if app.owner_id else None
        query = parameters.parse(waiting.query)
        asked = scopes.grantable(scopes.split(query.get("scope")), user.roles)
        return Consent(
            app_name=app.name,
            app_description=app.description,
            owner_name=owner.display_name if owner else "Cadenza",
            redirect_uri=query["redirect_uri"],
            scopes=scopes.described(asked),
        )

    async def approve(self, request_id: str, user: User) -> Response:
        """Sends the browser back to the app with a code. An answer counts once."""
        return await self._answer(request_id, user, approved=True)

    async def refuse(self, request_id: str, user: User) -> Response:
        """Sends the browser back to the app with `access_denied`."""
        return await self._answer(request_id, user, approved=False)

    async def _answer(self, request_id: str, user: User, *, approved: bool) -> Response:
        async with self._dependencies.database.session() as session:
            waiting = await self._find(session, request_id, user)
            await session.delete(waiting)
            server = Server(self._dependencies, session)
            request = server.authorization_request(parameters.parse(waiting.query))
            if approved:
                answer = await server.approve(request, user)
            else:
                audit.record(
                    session, Tag.grant_refused, subject=user.id, actor=user.id, app=waiting.app_id
                )
                answer = await server.deny(request)
        return _to_the_app(answer)

    async def _find(
        self, session: AsyncSession, request_id: str, user: User
    ) -> PendingAuthorization:
        waiting = (
            await session.get(PendingAuthorization, request_id, with_for_update=True)
            if ids.is_valid(request_id)
            else None
        )
        now = self._dependencies.now()
        if waiting is None or waiting.user_id != user.id or waiting.expires_at <= now:
            raise NotFound("This request has expired: go back to the app and try again")
        return waiting


def _to_the_app(answer: Answer) -> Response:
    """303: the browser comes from a form, which it must not send on."""
    if answer.location is None:
        # The app changed its redirect URIs meanwhile.
        raise NotFound("This request cannot be answered any more: go back to the app")
    answer.status = 303
    return answer.to_response()
