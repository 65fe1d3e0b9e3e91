"""Signing up and signing in: Firebase has the passwords, the database has the people."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from functions.accounts import audit
from functions.accounts.database import Database
from functions.accounts.people import emails, profile, store
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.firebase import (
    EmailTaken,
    Identity,
    WeakPassword,
    WrongCredentials,
)
from functions.accounts.people.tables import User
from shared.clock import utc_now
from shared.errors import BadRequest

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_FEWEST_DIFFERENT = 4
# A refusal takes at least this long, so that its time does not tell an unknown address (which
# Firebase refuses quickly) from a wrong password (which takes it a slow hash).
REFUSED_AFTER_S = 0.6

log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]
# Ends all that has been opened in a person's name.
EndAccess = Callable[[AsyncSession, str], Awaitable[None]]


async def _end_nothing(_: AsyncSession, __: str) -> None:
    pass


class Passwords(Protocol):
    """Who holds the passwords: `FirebaseAuth`."""

    async def sign_up(self, email: str, password: str) -> Identity: ...
    async def sign_in(self, email: str, password: str) -> Identity: ...
    async def send_password_reset(self, email: str) -> None: ...
    async def delete(self, uid: str) -> None: ...


@dataclass(frozen=True)
class Entered:
    """Who has come in, and whether they were new here, or came this way for the first time."""

    user: User
    is_new: bool
    is_joined: bool


class SomebodyElse(BadRequest):
    """Google has vouched for another person than the one who was signed in."""

    def __init__(self) -> None:
        super().__init__("At Google you are somebody else: choose the account that is yours here")


@dataclass(frozen=True)
class NewPerson:
    """What somebody who signs up has entered."""

    email: str
    password: str
    name: str
    country: str


class SignIn:
    """The way in."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        attempts: Attempts,
        *,
        end_access: EndAccess = _end_nothing,
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts
        self._end_access = end_access
        self._sleep = sleep
        self._monotonic = monotonic

    async def sign_up(self, wanted: NewPerson, *, address: str) -> User:
        """A new listener.

        Raises `InvalidEmail`, `InvalidName`, `InvalidCountry`, `WeakPassword`, `EmailTaken`,
        `TooManyAttempts`, `FirebaseAway`.
        """
        email = emails.normalise(wanted.email)
        name = profile.check_name(wanted.name)
        country = profile.check_country(wanted.country)
        check_password(wanted.password, email)
        await self._attempts.sign_up(address)
        async with self._database.session() as session:
            if await store.by_email(session, email) is not None:
                raise EmailTaken
        identity = await self._passwords.sign_up(email, wanted.password)
        # If the process ends here, the person is made when they first sign in.
        try:
            async with self._database.session() as session:
                user = await store.create(
                    session, identity, email=email, name=name, country=country
                )
                audit.record(session, audit.Tag.signed_up, subject=user.id, actor=user.id)
        except EmailTaken:
            await self._passwords.delete(identity.uid)
            raise
        return user

    async def sign_in(self, email: str, password: str, *, address: str) -> User:
        """The person whose e-mail address and password these are.

        Raises `WrongCredentials`, `TooManyAttempts`, `FirebaseAway`.
        """
        started = self._monotonic()
        try:
            return await self._sign_in(email, password, address)
        except WrongCredentials:
            await self._sleep(max(0.0, started + REFUSED_AFTER_S - self._monotonic()))
            raise

    async def with_google(self, identity: Identity, *, country: str, only: str = "") -> Entered:
        """The person whom Google has vouched for; a new one gets `country` if it is one.

        `only` is the id of the one person whom it may be: for nobody else is anything done.

        Identity Platform has taken the password off an account whose address nobody had proved to
        have: so that whoever made it is out, everything that was opened with it ends here, too.
        Raises `EmailTaken`, `InvalidEmail`, `SomebodyElse`, `WrongCredentials`.
        """
        email = emails.normalise(identity.email)
        async with self._database.session() as session:
            known = await store.known(session, identity)
        if only and (known is None or known.id != only):
            raise SomebodyElse
        user = await self._person(identity, email, country=country)
        is_first = user.google_linked_at is None
        if is_first:
            async with self._database.session() as session:
                await session.execute(
                    update(User).where(User.id == user.id).values(google_linked_at=utc_now())
                )
                if known is not None:
                    await self._end_access(session, user.id)
                audit.record(session, audit.Tag.google_linked, subject=user.id, actor=user.id)
        return Entered(user, is_new=known is None, is_joined=is_first and known is not None)

    async def send_password_reset(self, email: str, *, address: str) -> None:
        """Has a message sent to the address, if it has an account; nobody is told whether.

        Raises `InvalidEmail`, `TooManyAttempts`, `FirebaseAway`.
        """
        started = self._monotonic()
        email = emails.normalise(email)
        await self._attempts.password_reset(email, address)
        await self._passwords.send_password_reset(email)
        await self._sleep(max(0.0, started + REFUSED_AFTER_S - self._monotonic()))

    async def _sign_in(self, text: str, password: str, address: str) -> User:
        try:
            email = emails.normalise(text)
        except emails.InvalidEmail:
            # An address that cannot be has no account; it counts as a try all the same.
            await self._attempts.sign_in(text, address)
            raise WrongCredentials from None
        await self._attempts.sign_in(email, address)
        if not 0 < len(password) <= LONGEST_PASSWORD:
            raise WrongCredentials
        try:
            identity = await self._passwords.sign_in(email, password)
        except WrongCredentials:
            await self._note_failure(email)
            raise
        user = await self._person(identity, email)
        await self._attempts.signed_in(email)
        return user

    async def _person(self, identity: Identity, email: str, *, country: str = "") -> User:
        async with self._database.session() as session:
            user = await store.known(session, identity)
            if user is None:
                name = profile.name_of(identity.name)
                try:
                    user = await store.create(
                        session, identity, email=email, name=name, country=country
                    )
                except EmailTaken:
                    # Another identity had this address before: it does not inherit the account.
                    log.warning("An identity of Firebase has the e-mail address of another's user")
                    raise WrongCredentials from None
                audit.record(session, audit.Tag.signed_up, subject=user.id, actor=user.id)
            elif user.erased_at is None and (user.email or "").lower() != email.lower():
                # A change of the address that ended half-way.
                with contextlib.suppress(EmailTaken):
                    await store.set_email(session, user.id, email)
        if user.erased_at is not None:
            raise WrongCredentials
        return user

    async def _note_failure(self, email: str) -> None:
        async with self._database.session() as session:
            user = await store.by_email(session, email)
            if user is not None:
                audit.record(session, audit.Tag.sign_in_failed, subject=user.id)


def check_password(password: str, email: str) -> None:
    """Raises `WeakPassword`. Length counts, not kinds of characters (NIST SP 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"Choose a password of at least {SHORTEST_PASSWORD} characters")
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"Choose a password of at most {LONGEST_PASSWORD} characters")
    lowered = password.casefold()
    if len(set(lowered)) < _FEWEST_DIFFERENT or lowered in {email, email.partition("@")[0]}:
        raise WeakPassword("This password is easily guessed: choose another")
