"""What the pages need of the other domains, each in a few words."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Protocol

from starlette.responses import Response

from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Period
from functions.accounts.plans.offers import Plan as PlanName


class Consent(Protocol):
    """What an app asks for. `scopes` gives each scope's sentence; `redirect_uri` leads back."""

    @property
    def app_name(self) -> str: ...
    @property
    def app_description(self) -> str: ...
    @property
    def owner_name(self) -> str: ...
    @property
    def redirect_uri(self) -> str: ...
    @property
    def scopes(self) -> Mapping[str, str]: ...


class Consents(Protocol):
    """Requests that wait for their person's answer. Raise `NotFound` for any other."""

    async def pending(self, request_id: str, user: User) -> Consent: ...
    async def approve(self, request_id: str, user: User) -> Response: ...
    async def refuse(self, request_id: str, user: User) -> Response: ...


class DeviceRequest(Protocol):
    """What the app on a device asks for."""

    @property
    def app_name(self) -> str: ...
    @property
    def app_description(self) -> str: ...
    @property
    def scopes(self) -> Mapping[str, str]: ...


class Devices(Protocol):
    """Devices that wait for their person's answer, by user code. Raise `NotFound` for others."""

    async def pending(self, user_code: str, user: User) -> DeviceRequest: ...
    async def approve(self, user_code: str, user: User) -> None: ...
    async def refuse(self, user_code: str, user: User) -> None: ...


class Granted(Protocol):
    """What a person has let an app do."""

    @property
    def app_id(self) -> str: ...
    @property
    def app_name(self) -> str: ...
    @property
    def scopes(self) -> Mapping[str, str]: ...
    @property
    def given_at(self) -> datetime.datetime: ...


class Grants(Protocol):
    async def of(self, user: User) -> Sequence[Granted]: ...
    async def take_back(self, user: User, app_id: str) -> None: ...


class App(Protocol):
    """An app that somebody has registered. `tokens_today` is how many it was given."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def redirect_uris(self) -> Sequence[str]: ...
    @property
    def confidential(self) -> bool: ...
    @property
    def development(self) -> bool: ...
    @property
    def created_at(self) -> datetime.datetime: ...
    @property
    def tokens_today(self) -> int: ...


class AppPerson(Protocol):
    """Somebody who may use an app in development."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Apps(Protocol):
    """A person's own apps. Raise `NotFound` for others' and `BadRequest` for what cannot be."""

    async def of(self, user: User) -> Sequence[App]: ...
    async def get(self, user: User, app_id: str) -> App: ...
    async def register(
        self,
        user: User,
        *,
        name: str,
        description: str,
        redirect_uris: Sequence[str],
        confidential: bool,
    ) -> tuple[App, str]:
        """The app and its secret, "" if it has none."""
        ...

    async def change(
        self,
        user: User,
        app_id: str,
        *,
        name: str,
        description: str,
        redirect_uris: Sequence[str],
    ) -> App: ...
    async def rotate_secret(self, user: User, app_id: str) -> str: ...
    async def remove(self, user: User, app_id: str) -> None: ...
    async def people(self, user: User, app_id: str) -> Sequence[AppPerson]: ...
    async def allow(self, user: User, app_id: str, person_id: str) -> None: ...
    async def disallow(self, user: User, app_id: str, person_id: str) -> None: ...


class Plan(Protocol):
    """A person's plan: its title, and a sentence on what it costs and when it goes on."""

    @property
    def title(self) -> str: ...
    @property
    def sentence(self) -> str: ...


class Plans(Protocol):
    async def summary(self, user: User) -> Plan: ...


class PlanDesks(Protocol):
    """A person's plan in full: `plans.own_pages.PlanDesk`."""

    async def desk(self, user: User) -> object: ...
    async def choose(self, user: User, plan: PlanName, period: Period) -> str:
        """The address where a card has to be entered first, or ""."""
        ...

    async def cancel(self, user: User) -> None: ...


class FamilyDesks(Protocol):
    """A person's family: `plans.own_pages.FamilyDesk`. Raise `FamilyRefused` and `NotFound`."""

    async def desk(self, user: User) -> object: ...
    async def invite(self, user: User) -> str:
        """The code, which is shown once."""
        ...

    async def withdraw(self, user: User, invitation_id: str) -> None: ...
    async def join(self, user: User, code: str) -> None: ...
    async def remove(self, user: User, member_id: str) -> None: ...


class Export(Protocol):
    """An archive of a person's data. `download_url` works for a while; "" until it is ready."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def download_url(self) -> str: ...


class Privacy(Protocol):
    """`ask` names an archive that `make` makes; `export` raises `NotFound` for others'."""

    async def ask(self, user: User) -> str: ...
    async def make(self, export_id: str) -> None: ...
    async def export(self, user: User, export_id: str) -> Export: ...
    async def erase(self, user: User) -> None: ...
