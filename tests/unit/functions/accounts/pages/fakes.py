"""The pages over people, apps and plans that live in memory."""

import datetime
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from functions.accounts.pages import routes
from functions.accounts.pages.csrf import Csrf
from functions.accounts.pages.site import Site
from functions.accounts.people.firebase import EmailTaken, TooManyAttempts, WrongCredentials
from functions.accounts.people.sessions import SessionView, SignInNeeded
from functions.accounts.people.sign_in import NewPerson
from functions.accounts.people.tables import User
from shared import ids
from shared.errors import BadRequest, NotFound
from shared.web import create_app

PUBLIC_URL = "http://testserver"
PASSWORD = "correct horse"
AT = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)


def person(name: str = "Anna Bach", email: str = "anna@example.com", **values: Any) -> User:
    defaults = {"country": "AT", "explicit_content_allowed": True, "roles": ["listener"]}
    return User(
        id=ids.derive("user", email), email=email, display_name=name, **{**defaults, **values}
    )


@dataclass
class FakeSessions:
    """One browser's cookie to one person."""

    people: dict[str, User]
    ended: list[str] = field(default_factory=list)
    is_away: bool = False
    cookie: str = "cadenza"

    async def current_user(self, request: Request) -> User | None:
        return self.people.get(request.cookies.get(self.cookie, ""))

    async def require_user(self, request: Request) -> User:
        if (user := await self.current_user(request)) is None:
            raise SignInNeeded
        return user

    async def rotate_if_due(self, request: Request, response: Response) -> None:
        return

    async def sign_in(self, request: Request, response: Response, user_id: str) -> None:
        response.set_cookie(self.cookie, user_id)

    async def sign_out(self, request: Request, response: Response) -> None:
        self.ended.append("this")
        response.delete_cookie(self.cookie)

    async def sign_out_everywhere(self, user_id: str, *, but: Request | None = None) -> None:
        self.ended.append("others" if but is not None else "all")

    async def end(self, user_id: str, session_id: str) -> None:
        self.ended.append(session_id)

    async def of(self, user_id: str, request: Request) -> list[SessionView]:
        return [
            SessionView("a" * 64, FIREFOX, AT, AT, is_current=True),
            SessionView("b" * 64, IPHONE, AT, AT, is_current=False),
        ]


@dataclass
class FakePeople:
    """Signs in whoever has the password."""

    people: dict[str, User]
    resets: list[str] = field(default_factory=list)
    failure: Exception | None = None

    async def sign_up(self, wanted: NewPerson, *, address: str) -> User:
        if self.failure is not None:
            raise self.failure
        if any(user.email == wanted.email for user in self.people.values()):
            raise EmailTaken
        user = person(wanted.name, wanted.email, country=wanted.country)
        self.people[user.id] = user
        return user

    async def sign_in(self, email: str, password: str, *, address: str) -> User:
        if self.failure is not None:
            raise self.failure
        found = [user for user in self.people.values() if user.email == email]
        if not found or password != PASSWORD:
            raise WrongCredentials
        return found[0]

    async def send_password_reset(self, email: str, *, address: str) -> None:
        self.resets.append(email)


@dataclass(frozen=True)
class FakeConsent:
    app_name: str = "Night Radio"
    app_description: str = "Plays what your evenings sound like."
    owner_name: str = "Clara Wieck"
    redirect_uri: str = "https://night.example/callback"
    scopes: Mapping[str, str] = field(
        default_factory=lambda: {
            "user-read-private": "See your country and your plan.",
            "user-library-read": "See what you have saved.",
            "user-modify-playback-state": "Control what plays on your devices.",
        }
    )


@dataclass
class FakeConsents:
    asked: FakeConsent = field(default_factory=FakeConsent)
    answers: list[tuple[str, str, str]] = field(default_factory=list)

    async def pending(self, request_id: str, user: User) -> FakeConsent:
        if request_id != "r1":
            raise NotFound("This request has expired: go back to the app and try again")
        return self.asked

    async def approve(self, request_id: str, user: User) -> Response:
        self.answers.append(("approve", request_id, user.id))
        return RedirectResponse(f"{self.asked.redirect_uri}?code=c&state=s", 303)

    async def refuse(self, request_id: str, user: User) -> Response:
        self.answers.append(("refuse", request_id, user.id))
        return RedirectResponse(f"{self.asked.redirect_uri}?error=access_denied&state=s", 303)


@dataclass
class FakeDevices:
    answers: list[str] = field(default_factory=list)

    async def pending(self, user_code: str, user: User) -> FakeConsent:
        if user_code != "BCDF-GHJK":
            raise NotFound("There is no device with this code, or it has expired")
        return FakeConsent(app_name="Kitchen speaker", app_description="")

    async def approve(self, user_code: str, user: User) -> None:
        await self.pending(user_code, user)
        self.answers.append("approve")

    async def refuse(self, user_code: str, user: User) -> None:
        await self.pending(user_code, user)
        self.answers.append("refuse")


@dataclass
class FakeAttempts:
    left: int = 100

    async def device_code(self, user_id: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyAttempts(60)


@dataclass(frozen=True)
class FakeApp:
    id: str
    name: str
    description: str
    redirect_uris: Sequence[str]
    confidential: bool
    development: bool = True
    created_at: datetime.datetime = AT
    tokens_today: int = 7


@dataclass
class FakeApps:
    apps: dict[str, FakeApp] = field(default_factory=dict)

    async def of(self, user: User) -> Sequence[FakeApp]:
        return list(self.apps.values())

    async def get(self, user: User, app_id: str) -> FakeApp:
        if app_id not in self.apps:
            raise NotFound("App not found")
        return self.apps[app_id]

    async def register(
        self,
        user: User,
        *,
        name: str,
        description: str,
        redirect_uris: Sequence[str],
        confidential: bool,
    ) -> tuple[FakeApp, str]:
        if not name.strip():
            raise BadRequest("Invalid name: must have 1 to 80 characters")
        if any("*" in uri for uri in redirect_uris):
            raise BadRequest("Invalid redirect_uris: no fragment, no user, no wildcard")
        app = FakeApp(ids.derive("app", name), name, description, list(redirect_uris), confidential)
        self.apps[app.id] = app
        return app, "the-secret" if confidential else ""

    async def change(
        self,
        user: User,
        app_id: str,
        *,
        name: str,
        description: str,
        redirect_uris: Sequence[str],
    ) -> FakeApp:
        if not name.strip():
            raise BadRequest("Invalid name: must have 1 to 80 characters")
        self.apps[app_id] = replace(
            self.apps[app_id],
            name=name,
            description=description,
            redirect_uris=list(redirect_uris),
        )
        return self.apps[app_id]

    async def rotate_secret(self, user: User, app_id: str) -> str:
        return "another-secret"

    async def remove(self, user: User, app_id: str) -> None:
        self.apps.pop(app_id)


@dataclass(frozen=True)
class FakeGranted:
    app_id: str = "a1"
    app_name: str = "Night Radio"
    scopes: Mapping[str, str] = field(
        default_factory=lambda: {"user-library-read": "See what you have saved."}
    )
    given_at: datetime.datetime = AT


@dataclass
class FakeGrants:
    granted: list[FakeGranted] = field(default_factory=lambda: [FakeGranted()])
    taken: list[str] = field(default_factory=list)

    async def of(self, user: User) -> Sequence[FakeGranted]:
        return self.granted

    async def take_back(self, user: User, app_id: str) -> None:
        self.taken.append(app_id)


@dataclass(frozen=True)
class FakePlan:
    title: str = "Premium"
    sentence: str = "9.99 € a month; renews on 12 April 2026."


class FakePlans:
    async def summary(self, user: User) -> FakePlan:
        return FakePlan()


@dataclass
class FakePrivacy:
    erased: list[str] = field(default_factory=list)
    url: str = "https://storage.example/export.zip?signature=s&expires=1"

    async def export(self, user: User) -> str:
        return self.url

    async def erase(self, user: User) -> None:
        self.erased.append(user.id)


class FakeDatabase:
    """Has sessions that do nothing."""

    @asynccontextmanager
    async def session(self) -> Any:
        yield None


@dataclass
class World:
    """Everything that the pages touch."""

    public_url: str = PUBLIC_URL
    anna: User = field(default_factory=person)

    def __post_init__(self) -> None:
        people = {self.anna.id: self.anna}
        self.people = FakePeople(people)
        self.sessions = FakeSessions(people)
        self.consents = FakeConsents()
        self.devices = FakeDevices()
        self.attempts = FakeAttempts()
        self.apps = FakeApps()
        self.grants = FakeGrants()
        self.privacy = FakePrivacy()
        self.csrf = Csrf("a secret", public_url=self.public_url)

    def app(self) -> Starlette:
        return create_app(
            routes.routes(
                routes.Dependencies(
                    site=Site(cast(Any, self.sessions), self.csrf),
                    database=cast(Any, FakeDatabase()),
                    people=cast(Any, self.people),
                    attempts=cast(Any, self.attempts),
                    consents=self.consents,
                    devices=self.devices,
                    apps=self.apps,
                    grants=self.grants,
                    plans=FakePlans(),
                    privacy=self.privacy,
                )
            )
        )
