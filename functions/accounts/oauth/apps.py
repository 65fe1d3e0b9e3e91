"""Apps as their owners keep them: the rules, and what happens to what hangs on an app."""

import datetime
import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.audit import Tag
from functions.accounts.oauth import digest, grants_given, people_allowed, redirects
from functions.accounts.oauth.tables import (
    App,
    AppUser,
    AuthorizationCode,
    PendingAuthorization,
)
from functions.accounts.people.tables import User
from shared import ids
from shared.errors import BadRequest, Forbidden, NotFound

MOST_APPS = 50
MOST_REDIRECT_URIS = 20
MOST_NAME = 80
MOST_DESCRIPTION = 500
MOST_QUOTA = 1_000_000
# Calls in 30 seconds that an app in development may make. In production: the usual number.
DEVELOPMENT_QUOTA = 1_000
# How long the previous secret holds after a rotation.
OVERLAP = datetime.timedelta(hours=1)


async def register(
    session: AsyncSession,
    owner_id: str,
    *,
    name: str,
    description: str,
    redirect_uris: Sequence[str],
    confidential: bool,
) -> tuple[App, str | None]:
    """The app, and its secret if it has one: it is never shown again."""
    await session.execute(select(User.id).where(User.id == owner_id).with_for_update())
    owned = await session.scalar(select(func.count()).where(App.owner_id == owner_id))
    if (owned or 0) >= MOST_APPS:
        raise Forbidden(f"You have {MOST_APPS} apps already")
    secret = digest.fresh() if confidential else None
    app = App(
        id=ids.random(),
        owner_id=owner_id,
        name=_text("name", name, least=1, most=MOST_NAME),
        description=_text("description", description, least=0, most=MOST_DESCRIPTION),
        redirect_uris=_redirect_uris(redirect_uris),
        confidential=confidential,
        first_party=False,
        development=True,
        quota=DEVELOPMENT_QUOTA,
        secret_hash=digest.digest(secret) if secret else None,
    )
    session.add(app)
    await session.flush()
    await session.refresh(app)
    audit.record(session, Tag.app_registered, subject=owner_id, actor=owner_id, app=app.id)
    return app, secret


async def of_owner(session: AsyncSession, owner_id: str) -> Sequence[App]:
    """Newest first."""
    found = await session.scalars(
        select(App).where(App.owner_id == owner_id).order_by(App.created_at.desc(), App.id)
    )
    return found.all()


async def owned(session: AsyncSession, app_id: str, owner_id: str) -> App:
    """The app, locked; raises `NotFound`, also if it is somebody else's."""
    app = await session.get(App, app_id, with_for_update=True) if ids.is_valid(app_id) else None
    if app is None or app.owner_id != owner_id:
        raise NotFound("App not found")
    return app


async def change(
    session: AsyncSession,
    app: App,
    *,
    actor: str,
    name: str | None = None,
    description: str | None = None,
    redirect_uris: Sequence[str] | None = None,
) -> None:
    """Changes what is given. Codes on their way to a redirect URI that goes are void."""
    if name is not None:
        app.name = _text("name", name, least=1, most=MOST_NAME)
    if description is not None:
        app.description = _text("description", description, least=0, most=MOST_DESCRIPTION)
    if redirect_uris is not None:
        wanted = _redirect_uris(redirect_uris)
        if set(app.redirect_uris) - set(wanted):
            for table in (AuthorizationCode, PendingAuthorization):
                await session.execute(delete(table).where(table.app_id == app.id))
        app.redirect_uris = wanted
    audit.record(session, Tag.app_changed, subject=app.owner_id or "", actor=actor, app=app.id)


async def set_limits(
    session: AsyncSession, app_id: str, *, actor: str, development: bool, quota: int
) -> App:
    """What an operator decides: whether everybody may use the app, and how much it may call."""
    if not 0 <= quota <= MOST_QUOTA:
        raise BadRequest(f"Invalid quota: must be between 0 and {MOST_QUOTA}")
    app = await session.get(App, app_id, with_for_update=True) if ids.is_valid(app_id) else None
    if app is None or app.first_party:
        raise NotFound("App not found")
    app.development, app.quota = development, quota
    audit.record(
        session,
        Tag.app_changed,
        subject=app.owner_id or "",
        actor=actor,
        app=app.id,
        development=development,
        quota=quota,
    )
    return app


def rotate_secret(session: AsyncSession, app: App, *, actor: str, now: datetime.datetime) -> str:
    """A new secret; the one before it holds for `OVERLAP`."""
    if not app.confidential:
        raise BadRequest("A public app has no secret")
    secret = digest.fresh()
    app.previous_secret_hash, app.previous_secret_until = app.secret_hash, now + OVERLAP
    app.secret_hash = digest.digest(secret)
    audit.record(
        session, Tag.app_secret_rotated, subject=app.owner_id or "", actor=actor, app=app.id
    )
    return secret


async def remove(session: AsyncSession, app: App, *, actor: str) -> None:
    """The app and all that it was granted. Its access tokens hold until they expire."""
    await session.delete(app)
    audit.record(session, Tag.app_removed, subject=app.owner_id or "", actor=actor, app=app.id)


async def allow(session: AsyncSession, app: App, user_id: str) -> None:
    """Puts somebody on the list of those who may use the app in development."""
    user = await session.get(User, user_id) if ids.is_valid(user_id) else None
    if user is None or user.erased_at is not None:
        raise NotFound("User not found")
    listed = await people_allowed.listed(session, app.id)
    if user_id in listed:
        return
    if len(listed) >= people_allowed.MOST:
        raise Forbidden(f"An app in development has at most {people_allowed.MOST} users")
    session.add(AppUser(app_id=app.id, user_id=user_id))


async def disallow(
    session: AsyncSession, app: App, user_id: str, *, actor: str, now: datetime.datetime
) -> None:
    """Takes somebody off the list, with what they granted."""
    await session.execute(
        delete(AppUser).where(AppUser.app_id == app.id, AppUser.user_id == user_id)
    )
    if app.development and user_id != app.owner_id:
        await grants_given.take_back(session, app.id, user_id, actor=actor, now=now)


def _redirect_uris(uris: Sequence[str]) -> list[str]:
    if len(uris) > MOST_REDIRECT_URIS:
        raise BadRequest(f"Invalid redirect_uris: at most {MOST_REDIRECT_URIS}")
    for uri in uris:
        redirects.check(uri)
    return list(dict.fromkeys(uris))


def _text(field: str, value: str, *, least: int, most: int) -> str:
    """One line without control characters and the like, trimmed."""
    value = unicodedata.normalize("NFC", value).strip()
    if not least <= len(value) <= most:
        raise BadRequest(f"Invalid {field}: must have {least} to {most} characters")
    if any(unicodedata.category(character).startswith("C") for character in value):
        raise BadRequest(f"Invalid {field}: holds a character that cannot be shown")
    return value
