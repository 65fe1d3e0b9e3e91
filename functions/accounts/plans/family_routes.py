"""`/v1/me/family`: inviting, joining, leaving."""

import datetime
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.accounts.database import Database
from functions.accounts.plans import families, store
from functions.accounts.plans.views import iso
from shared.errors import BadRequest, Forbidden
from shared.openapi import Operation
from shared.web import Api, caller_of, json_response, read_json

_SCOPE = "user-read-private"


class MemberView(msgspec.Struct, frozen=True):
    """A member as the family sees them."""

    id: str
    display_name: str
    joined_at: str


class InvitationView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place that waits. `code` is there in the answer to the invitation only."""

    id: str
    expires_at: str
    code: str = ""


class FamilyView(msgspec.Struct, frozen=True):
    """`GET /v1/me/family`. Invitations are the manager's to see."""

    manager: str
    is_manager: bool
    members: list[MemberView]
    invitations: list[InvitationView]


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of an acceptance."""

    code: str


class Joined(msgspec.Struct, frozen=True):
    """Whose family somebody is in now, and the plan that this gives them."""

    manager: str
    plan: str


_TAG = "Plans"
_REFUSED = (400, 403, 404, 409)
_READ = Operation("One's family", _TAG, FamilyView, errors=(403,))
_INVITE = Operation("Invite somebody", _TAG, InvitationView, 201, errors=_REFUSED)
_ACCEPT = Operation("Join a family", _TAG, Joined, body=Acceptance, errors=_REFUSED)
_WITHDRAW = Operation("Withdraw an invitation", _TAG, status=204, errors=_REFUSED)
_REMOVE = Operation("Remove a member, or leave", _TAG, status=204, errors=_REFUSED)


def own_app(request: Request, first_party: frozenset[str]) -> str:
    """The caller's id; raises `Forbidden` unless the call comes from one of Cadenza's own apps."""
    caller = caller_of(request)
    if caller.client_id not in first_party or caller.subject == caller.client_id:
        raise Forbidden("Only the person may do this, through one of Cadenza's own apps")
    return caller.subject


def routes(
    api: Api,
    database: Database,
    *,
    first_party: frozenset[str],
    now: Callable[[], datetime.datetime],
) -> list[Route]:
    """All routes under `/v1/me/family`."""
    family = Families(database, first_party=first_party, now=now)
    return [
        api.get("/v1/me/family", family.get, scope=_SCOPE, doc=_READ),
        api.post("/v1/me/family/invitations", family.invite, scope=_SCOPE, doc=_INVITE),
        api.post("/v1/me/family/invitations/accept", family.accept, scope=_SCOPE, doc=_ACCEPT),
        api.delete("/v1/me/family/invitations/{id}", family.withdraw, scope=_SCOPE, doc=_WITHDRAW),
        api.delete("/v1/me/family/members/{id}", family.remove, scope=_SCOPE, doc=_REMOVE),
    ]


class Families:
    """One manager, and those whom the manager invites."""

    def __init__(
        self,
        database: Database,
        *,
        first_party: frozenset[str],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._database = database
        self._first_party = first_party
        self._now = now

    async def get(self, request: Request) -> Response:
        user_id = own_app(request, self._first_party)
        async with self._database.session() as session:
            manager = await families.manager_of(session, user_id)
            manager_id = manager.id if manager else user_id
            members = await families.members_of(session, manager_id)
            waiting = (
                [] if manager else await families.invitations_of(session, user_id, self._now())
            )
        return json_response(
            FamilyView(
                manager=manager_id,
                is_manager=manager is None,
                members=[
                    MemberView(member.id, member.display_name, iso(joined_at))
                    for member, joined_at in members
                ],
                invitations=[InvitationView(each.id, iso(each.expires_at)) for each in waiting],
            )
        )

    async def invite(self, request: Request) -> Response:
        """201 with a code, which the manager gives to whom they please."""
        user_id = own_app(request, self._first_party)
        async with self._database.session() as session:
            invitation = await families.invite(session, user_id, self._now())
        view = InvitationView(invitation.id, iso(invitation.expires_at), invitation.code)
        return json_response(view, 201, {"Cache-Control": "no-store"})

    async def accept(self, request: Request) -> Response:
        user_id = own_app(request, self._first_party)
        code = (await read_json(request, Acceptance)).code
        if not 1 <= len(code) <= families.MOST_CODE:
            raise BadRequest("Invalid code: it is as the manager gave it")
        async with self._database.session() as session:
            manager_id = await families.accept(session, user_id, code, self._now())
            plan = await store.plan_of(session, user_id, self._now())
        return json_response(Joined(manager_id, plan))

    async def withdraw(self, request: Request) -> Response:
        user_id = own_app(request, self._first_party)
        async with self._database.session() as session:
            await families.withdraw(session, user_id, request.path_params["id"])
        return Response(status_code=204)

    async def remove(self, request: Request) -> Response:
        """The manager removes a member; a member, whose id may be `me`, leaves."""
        user_id = own_app(request, self._first_party)
        member_id = request.path_params["id"]
        async with self._database.session() as session:
            await families.remove(session, user_id, user_id if member_id == "me" else member_id)
        return Response(status_code=204)
