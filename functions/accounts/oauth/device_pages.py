"""What the page does at which people let a device in by its user code."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.audit import Tag
from functions.accounts.oauth import grants_given, people_allowed, scopes, user_codes
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.tables import App, DeviceCode
from functions.accounts.people.tables import User
from shared.errors import Forbidden, NotFound


@dataclass(frozen=True)
class DeviceRequest:
    """What the app on a device asks for: each scope with a sentence."""

    app_name: str
    app_description: str
    scopes: dict[str, str]


class Devices:
    """Devices that wait for an answer, by the code they show.

    Whoever calls this limits how often somebody may try: a user code has 34 bits.
    """

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def pending(self, user_code: str, user: User) -> DeviceRequest:
        """What the device asks for; raises `NotFound` if none shows such a code (any more)."""
        async with self._dependencies.database.session() as session:
            waiting = await self._find(session, user_code)
            app = await session.get_one(App, waiting.app_id)
        granted = scopes.grantable(waiting.scopes, user.roles)
        return DeviceRequest(app.name, app.description, scopes.described(granted))

    async def approve(self, user_code: str, user: User) -> None:
        """Lets the device in as this person; raises `NotFound`, or `Forbidden` by the app."""
        async with self._dependencies.database.session() as session:
            waiting = await self._find(session, user_code)
            app = await session.get_one(App, waiting.app_id)
            if not await people_allowed.may_use(session, app, user.id):
                raise Forbidden("This app is in development, and you are not on its list")
            waiting.scopes = scopes.grantable(waiting.scopes, user.roles)
            waiting.user_id, waiting.approved = user.id, True
            await grants_given.give(session, app.id, user.id, waiting.scopes)

    async def refuse(self, user_code: str, user: User) -> None:
        """Turns the device away."""
        async with self._dependencies.database.session() as session:
            waiting = await self._find(session, user_code)
            waiting.user_id, waiting.approved = user.id, False
            audit.record(
                session, Tag.grant_refused, subject=user.id, actor=user.id, app=waiting.app_id
            )

    async def _find(self, session: AsyncSession, user_code: str) -> DeviceCode:
        waiting = await session.scalar(
            select(DeviceCode)
            .where(DeviceCode.user_code_hash == user_codes.digest_of(user_code))
            .with_for_update()
        )
        is_open = waiting is not None and waiting.approved is None
        if waiting is None or not is_open or waiting.expires_at <= self._dependencies.now():
            raise NotFound("There is no device with this code, or it has expired")
        return waiting
