"""`/v1/me`, `/v1/users/{id}` and `/v1/me/roles`."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.accounts.database import Database
from functions.accounts.people import roles, store
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.profile import (
    PrivateUserObject,
    ProfileChange,
    Profiles,
    PublicUserObject,
)
from functions.accounts.people.roles import Role
from functions.accounts.people.tables import User
from shared import ids
from shared.errors import BadRequest, Forbidden, NotFound, Unauthorized
from shared.openapi import Operation
from shared.web import Api, caller_of, json_response, read_json

# The plan of a person, by id: "free", "premium" or "family".
PlanOf = Callable[[str], Awaitable[str]]

_PRIVATE = {"Cache-Control": "private, no-store"}


class RoleRequest(msgspec.Struct, frozen=True):
    """The body of `POST /v1/me/roles`."""

    role: Role


class Roles(msgspec.Struct, frozen=True):
    """The roles that a person has now; tokens carry them from their next refresh on."""

    roles: list[str]


_TAG = "Users"
_ME = Operation("Who the token is for", _TAG, PrivateUserObject, errors=())
_CHANGE = Operation(
    "Change one's profile", _TAG, PrivateUserObject, body=ProfileChange, errors=(400, 403)
)
_ROLE = Operation("Become an artist", _TAG, Roles, body=RoleRequest, errors=(400, 403))
_USER = Operation("A person, as everybody may see them", _TAG, PublicUserObject)


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """`first_party` holds the ids of Cadenza's own apps, which alone may change an account.

    The Web API has no scope for that, so nobody can have allowed it to another app.
    """

    database: Database
    api: Api
    public_url: str
    plan_of: PlanOf
    first_party: Collection[str]
    announcements: Announcements


def routes(dependencies: Dependencies) -> list[BaseRoute]:
    """The routes of people's profiles."""
    people = _People(dependencies)
    api = dependencies.api
    return [
        api.get("/v1/me", people.me, doc=_ME),
        # spotipy asks with the slash.
        api.get("/v1/me/", people.me, doc=_ME),
        api.put("/v1/me", people.change_me, doc=_CHANGE),
        api.post("/v1/me/roles", people.ask_for_role, doc=_ROLE),
        api.get("/v1/users/{id}", people.user, doc=_USER),
    ]


class _People:
    def __init__(self, dependencies: Dependencies) -> None:
        self._database = dependencies.database
        self._plan_of = dependencies.plan_of
        self._first_party = frozenset(dependencies.first_party)
        self._announcements = dependencies.announcements
        self._profiles = Profiles(dependencies.public_url)

    async def me(self, request: Request) -> Response:
        """Who the token is for, as far as its scopes go."""
        async with self._database.session() as session:
            user = await store.get(session, caller_of(request).subject)
        return await self._private(request, user)

    async def change_me(self, request: Request) -> Response:
        """The profile after the change."""
        self._check_first_party(request)
        wanted = await read_json(request, ProfileChange)
        async with self._database.session() as session:
            user = await store.change(session, caller_of(request).subject, wanted)
        if user is not None and wanted.display_name is not None:
            await self._announcements.tell(user.id)
        return await self._private(request, user)

    async def ask_for_role(self, request: Request) -> Response:
        """Makes the caller an artist."""
        self._check_first_party(request)
        role = (await read_json(request, RoleRequest)).role
        roles.check_may_ask(role)
        subject = caller_of(request).subject
        async with self._database.session() as session:
            now_has = await roles.add(session, subject, role, actor=subject)
        return json_response(Roles(now_has), headers=_PRIVATE)

    async def user(self, request: Request) -> Response:
        """What everybody may know of a person."""
        user_id = request.path_params["id"]
        if not ids.is_valid(user_id):
            raise BadRequest("Invalid base62 id")
        async with self._database.session() as session:
            user = await store.get(session, user_id)
        if user is None:
            raise NotFound("User not found")
        return json_response(self._profiles.public(user))

    async def _private(self, request: Request, user: User | None) -> Response:
        if user is None:
            raise Unauthorized("Valid user authentication required")
        scopes = caller_of(request).scopes
        # What is not shown is not looked up.
        plan = await self._plan_of(user.id) if "user-read-private" in scopes else "free"
        return json_response(
            self._profiles.private(user, scopes=scopes, plan=plan), headers=_PRIVATE
        )

    def _check_first_party(self, request: Request) -> None:
        if caller_of(request).client_id not in self._first_party:
            raise Forbidden("Only Cadenza's own apps may change an account")
