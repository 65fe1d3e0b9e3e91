"""`/v1/me/apps`: apps, for the people who make them."""

import datetime
import re
from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.oauth import apps, people_allowed, seed, usage
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.tables import App
from shared.errors import BadRequest, Forbidden
from shared.tokens import Caller
from shared.web import caller_of, json_response, read_json

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_DAYS = 90
_Act = Callable[[AsyncSession, App], Awaitable[None]]


class NewApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`confidential`: whether it can keep a secret, as a program on a server can."""

    name: str
    redirect_uris: list[str] = []
    description: str = ""
    confidential: bool = True


class AppChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays."""

    name: str | None = None
    redirect_uris: list[str] | None = None
    description: str | None = None


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`quota`: calls in 30 seconds, 0 the usual number."""

    development: bool
    quota: int


class AppObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """An app. `secret` is there once, in the answer that made it."""

    id: str
    name: str
    description: str
    redirect_uris: list[str]
    confidential: bool
    development: bool
    quota: int
    created_at: str
    previous_secret_until: str | None
    users: list[str]
    secret: str | None = None


class Apps(msgspec.Struct, frozen=True):
    """All that a person has."""

    items: list[AppObject]
    total: int


class DayOfUse(msgspec.Struct, frozen=True):
    """Tokens given on a day."""

    day: str
    tokens: int


class Usage(msgspec.Struct, frozen=True):
    """Each day, the oldest first."""

    items: list[DayOfUse]


class UsageQuery(msgspec.Struct, frozen=True):
    """How far back."""

    days: Annotated[int, msgspec.Meta(ge=1, le=_MOST_DAYS)] = 30


class AppsApi:
    """The routes. Only Cadenza's own apps may be used to manage apps."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def register(self, request: Request) -> Response:
        owner_id, new = _owner(request), await read_json(request, NewApp)
        async with self._dependencies.database.session() as session:
            app, secret = await apps.register(
                session,
                owner_id,
                name=new.name,
                description=new.description,
                redirect_uris=new.redirect_uris,
                confidential=new.confidential,
            )
            made = await _object(session, app, secret)
        return json_response(made, 201, _NO_STORE)

    async def list(self, request: Request) -> Response:
        owner_id = _owner(request)
        async with self._dependencies.database.session() as session:
            found = [await _object(session, app) for app in await apps.of_owner(session, owner_id)]
        return json_response(Apps(found, len(found)), headers=_NO_STORE)

    async def get(self, request: Request) -> Response:
        return await self._with_app(request, _do_nothing)

    async def change(self, request: Request) -> Response:
        wanted, owner_id = await read_json(request, AppChange), _owner(request)

        async def act(session: AsyncSession, app: App) -> None:
            await apps.change(
                session,
                app,
                actor=owner_id,
                name=wanted.name,
                description=wanted.description,
                redirect_uris=wanted.redirect_uris,
            )

        return await self._with_app(request, act)

    async def remove(self, request: Request) -> Response:
        owner_id = _owner(request)
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, request.path_params["id"], owner_id)
            await apps.remove(session, app, actor=owner_id)
        return Response(status_code=204)

    async def rotate_secret(self, request: Request) -> Response:
        owner_id = _owner(request)
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, request.path_params["id"], owner_id)
            now = self._dependencies.now()
            secret = apps.rotate_secret(session, app, actor=owner_id, now=now)
            made = await _object(session, app, secret)
        return json_response(made, headers=_NO_STORE)

    async def allow(self, request: Request) -> Response:
        async def act(session: AsyncSession, app: App) -> None:
            await apps.allow(session, app, request.path_params["user_id"])

        return await self._with_app(request, act)

    async def disallow(self, request: Request) -> Response:
        owner_id = _owner(request)

        async def act(session: AsyncSession, app: App) -> None:
            user_id, now = request.path_params["user_id"], self._dependencies.now()
            await apps.disallow(session, app, user_id, actor=owner_id, now=now)

        return await self._with_app(request, act)

    async def usage(self, request: Request) -> Response:
        """Tokens given, by day, the latest `days` of them."""
        owner_id, days = _owner(request), _days(request)
        today = self._dependencies.now().date()
        first = today - datetime.timedelta(days=days - 1)
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, request.path_params["id"], owner_id)
            counted = await usage.of_app(session, app.id, first)
        each = [first + datetime.timedelta(days=n) for n in range(days)]
        items = [DayOfUse(day.isoformat(), counted.get(day, 0)) for day in each]
        return json_response(Usage(items), headers=_NO_STORE)

    async def set_limits(self, request: Request) -> Response:
        """An operator's decision on anybody's app."""
        caller = _manager(request)
        if "operator" not in caller.roles:
            raise Forbidden("Only an operator decides on an app's limits")
        limits = await read_json(request, Limits)
        async with self._dependencies.database.session() as session:
            app = await apps.set_limits(
                session,
                request.path_params["id"],
                actor=caller.subject,
                development=limits.development,
                quota=limits.quota,
            )
            made = await _object(session, app)
        return json_response(made, headers=_NO_STORE)

    async def _with_app(self, request: Request, act: _Act) -> Response:
        owner_id = _owner(request)
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, request.path_params["id"], owner_id)
            await act(session, app)
            made = await _object(session, app)
        return json_response(made, headers=_NO_STORE)


async def _do_nothing(_: AsyncSession, __: App) -> None:
    pass


async def _object(session: AsyncSession, app: App, secret: str | None = None) -> AppObject:
    until = app.previous_secret_until
    return AppObject(
        id=app.id,
        name=app.name,
        description=app.description,
        redirect_uris=app.redirect_uris,
        confidential=app.confidential,
        development=app.development,
        quota=app.quota,
        created_at=app.created_at.isoformat(),
        previous_secret_until=until.isoformat() if until else None,
        users=list(await people_allowed.listed(session, app.id)),
        secret=secret,
    )


def _manager(request: Request) -> Caller:
    """The caller, through one of our own apps: another app must not make apps in their name."""
    caller = caller_of(request)
    if caller.client_id not in seed.FIRST_PARTY or caller.subject == caller.client_id:
        raise Forbidden("Apps are managed through Cadenza's own apps only")
    return caller


def _owner(request: Request) -> str:
    return _manager(request).subject


def _days(request: Request) -> int:
    text = request.query_params.get("days", "30")
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= _MOST_DAYS:
        raise BadRequest(f"Invalid days: must be between 1 and {_MOST_DAYS}")
    return int(text)
