"""A new e-mail address or password for somebody who has just proved who they are."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.people import emails, store
from functions.accounts.people.firebase import EmailTaken, WrongCredentials
from functions.accounts.people.sign_in import check_password
from functions.accounts.people.tables import User


class Identities(Protocol):
    """Who holds them: `FirebaseAuth`."""

    async def change_email(self, uid: str, email: str) -> None: ...
    async def change_password(self, uid: str, password: str) -> None: ...


class Credentials:
    """Changes them there and here. `end_first_party` signs the person out of our own apps."""

    def __init__(
        self,
        database: Database,
        identities: Identities,
        *,
        end_first_party: Callable[[AsyncSession, str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._identities = identities
        self._end_first_party = end_first_party

    async def change_email(self, user: User, text: str) -> str:
        """The address as it is kept. Raises `InvalidEmail`, `EmailTaken`, `FirebaseAway`.

        If it ends half-way, the person signs in with the new address, and it is set right here.
        """
        email = emails.normalise(text)
        async with self._database.session() as session:
            other = await store.by_email(session, email)
        if other is not None and other.id != user.id:
            raise EmailTaken
        await self._identities.change_email(_uid(user), email)
        async with self._database.session() as session:
            await store.set_email(session, user.id, email)
            await self._end_first_party(session, user.id)
            audit.record(session, audit.Tag.email_changed, subject=user.id, actor=user.id)
        return email

    async def change_password(self, user: User, password: str) -> None:
        """Raises `WeakPassword`, `FirebaseAway`."""
        check_password(password, user.email or "")
        await self._identities.change_password(_uid(user), password)
        async with self._database.session() as session:
            await self._end_first_party(session, user.id)
            audit.record(session, audit.Tag.password_changed, subject=user.id, actor=user.id)


def _uid(user: User) -> str:
    """Somebody without an identity at Firebase has nothing to change there."""
    if user.firebase_uid is None:
        raise WrongCredentials
    return user.firebase_uid
