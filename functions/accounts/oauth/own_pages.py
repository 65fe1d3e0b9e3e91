"""What a person's account pages show and change: the apps they let in, and those they make."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts.oauth import apps, grants_given, people_allowed, scopes, usage
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.tables import App
from functions.accounts.people.tables import User


@dataclass(frozen=True)
class Granted:
    """What a person has let an app do: each scope with a sentence."""

    app_id: str
    app_name: str
    scopes: dict[str, str]
    given_at: datetime.datetime


class Grants:
    """The apps that people have let in."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def of(self, user: User) -> list[Granted]:
        async with self._dependencies.database.session() as session:
            found = await grants_given.of_person(session, user.id)
        return [
            Granted(app.id, app.name, scopes.described(grant.scopes), grant.given_at)
            for app, grant in found
        ]

    async def take_back(self, user: User, app_id: str) -> None:
        """Ends all that the app has of the person, if it has anything."""
        now = self._dependencies.now()
        async with self._dependencies.database.session() as session:
            await grants_given.take_back(session, app_id, user.id, actor=user.id, now=now)


@dataclass(frozen=True)
class OwnApp:
    """An app as its owner sees it. `tokens_today` is how many it was given (UTC)."""

    id: str
    name: str
    description: str
    redirect_uris: list[str]
    confidential: bool
    development: bool
    created_at: datetime.datetime
    tokens_today: int


@dataclass(frozen=True)
class AppPerson:
    """Somebody who may use an app in development."""

    id: str
    name: str


class Apps:
    """A person's own apps. Raises `NotFound` for others', `BadRequest` for what cannot be."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def of(self, user: User) -> list[OwnApp]:
        async with self._dependencies.database.session() as session:
            return [await self._view(session, app) for app in await apps.of_owner(session, user.id)]

    async def get(self, user: User, app_id: str) -> OwnApp:
        async with self._dependencies.database.session() as session:
            return await self._view(session, await apps.owned(session, app_id, user.id))

    async def register(
        self,
        user: User,
        *,
        name: str,
        description: str,
        redirect_uris: Sequence[str],
        confidential: bool,
    ) -> tuple[OwnApp, str]:
        """The app and its secret, "" if it has none."""
        async with self._dependencies.database.session() as session:
            app, secret = await apps.register(
                session,
                user.id,
                name=name,
                description=description,
                redirect_uris=redirect_uris,
                confidential=confidential,
            )
            return await self._view(session, app), secret or ""

    async def change(
        self,
        user: User,
        app_id: str,
        *,
        name: str,
        description: str,
        redirect_uris: Sequence[str],
    ) -> OwnApp:
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, app_id, user.id)
            await apps.change(
                session,
                app,
                actor=user.id,
                name=name,
                description=description,
                redirect_uris=redirect_uris,
            )
            return await self._view(session, app)

    async def rotate_secret(self, user: User, app_id: str) -> str:
        """The new secret; the one before it holds for an hour."""
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, app_id, user.id)
            return apps.rotate_secret(session, app, actor=user.id, now=self._dependencies.now())

    async def remove(self, user: User, app_id: str) -> None:
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, app_id, user.id)
            await apps.remove(session, app, actor=user.id)

    async def people(self, user: User, app_id: str) -> list[AppPerson]:
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, app_id, user.id)
            found = await people_allowed.people(session, app.id)
        return [AppPerson(each.id, each.display_name) for each in found]

    async def allow(self, user: User, app_id: str, person_id: str) -> None:
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, app_id, user.id)
            await apps.allow(session, app, person_id)

    async def disallow(self, user: User, app_id: str, person_id: str) -> None:
        """Takes somebody off the list, with what they granted."""
        now = self._dependencies.now()
        async with self._dependencies.database.session() as session:
            app = await apps.owned(session, app_id, user.id)
            await apps.disallow(session, app, person_id, actor=user.id, now=now)

    async def _view(self, session: AsyncSession, app: App) -> OwnApp:
        today = self._dependencies.now().date()
        counted = await usage.of_app(session, app.id, today)
        return OwnApp(
            id=app.id,
            name=app.name,
            description=app.description,
            redirect_uris=app.redirect_uris,
            confidential=app.confidential,
            development=app.development,
            created_at=app.created_at,
            tokens_today=counted.get(today, 0),
        )
