"""The pages over people, apps and plans that live in memory."""

import datetime
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from functions.accounts.oauth.own_pages import AppPerson
from functions.accounts.pages import routes
from functions.accounts.pages.csrf import Csrf
from functions.accounts.pages.google import Errands
from functions.accounts.pages.site import Site
from functions.accounts.people.firebase import (
    EmailTaken,
    Identity,
    TooManyAttempts,
    WrongCredentials,
)
from functions.accounts.people.google import Begun
from functions.accounts.people.sessions import SessionView, SignInNeeded
from functions.accounts.people.sign_in import Entered, NewPerson, SomebodyElse
from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Period, Plan
from functions.accounts.plans.own_pages import (
    FamilyDesk,
    OfferChoice,
    PaymentLine,
    PlanDesk,
    Relative,
    Waiting,
)
from shared import ids
from shared.errors import ApiError, BadRequest, Forbidden, NotFound
from shared.web import create_app

PUBLIC_URL = "http://testserver"
PASSWORD = "correct horse"
BEN = ids.derive("user", "ben")
INVITATION = ids.derive("invitation", "one")
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
    fresh: bool = False

    async def is_fresh(self, request: Request) -> bool:
        return self.fresh

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

    async def with_google(self, identity: Identity, *, country: str, only: str = "") -> Entered:
        found = [user for user in self.people.values() if user.email == identity.email]
        if only and [user.id for user in found] != [only]:
            raise SomebodyElse
        if found:
            is_first = found[0].google_linked_at is None
            found[0].google_linked_at = AT
            return Entered(found[0], is_new=False, is_joined=is_first)
        user = person(identity.name, identity.email, country=country, google_linked_at=AT)
        self.people[user.id] = user
        return Entered(user, is_new=True, is_joined=False)

    async def send_password_reset(self, email: str, *, address: str) -> None:
        self.resets.append(email)


@dataclass
class FakeCredentials:
    changed: list[tuple[str, str]] = field(default_factory=list)
    failure: ApiError | None = None

    async def change_email(self, user: User, text: str) -> str:
        return self._change("email", text)

    async def change_password(self, user: User, password: str) -> None:
        self._change("password", password)

    def _change(self, what: str, text: str) -> str:
        if self.failure is not None:
            raise self.failure
        self.changed.append((what, text))
        return text


@dataclass
class FakeAnnouncements:
    told: list[str] = field(default_factory=list)

    async def tell(self, user_id: str) -> None:
        self.told.append(user_id)


@dataclass
class FakeGoogle:
    """Google, who sends back whoever `email` says."""

    email: str = "gina@example.com"
    origin: str = "https://accounts.google.com"
    finished: list[tuple[str, str]] = field(default_factory=list)
    failure: ApiError | None = None

    async def begin(self) -> Begun:
        return Begun(f"{self.origin}/o/oauth2/auth?state=theirs", "the-session", "theirs")

    async def finish(self, query: str, session_id: str) -> Identity:
        self.finished.append((query, session_id))
        if self.failure is not None:
            raise self.failure
        return Identity("uid", self.email, "Gina")


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

    async def with_google(self, address: str) -> None:
        await self.device_code(address)

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
    allowed: list[AppPerson] = field(default_factory=list)

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

    async def people(self, user: User, app_id: str) -> Sequence[AppPerson]:
        await self.get(user, app_id)
        return self.allowed

    async def allow(self, user: User, app_id: str, person_id: str) -> None:
        await self.get(user, app_id)
        if person_id != BEN:
            raise NotFound("User not found")
        if len(self.allowed) >= 2:
            raise Forbidden("An app in development has at most 2 users")
        self.allowed.append(AppPerson(person_id, "Ben <b>"))

    async def disallow(self, user: User, app_id: str, person_id: str) -> None:
        await self.get(user, app_id)
        self.allowed = [each for each in self.allowed if each.id != person_id]


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
class FakePlanDesks:
    desk_now: PlanDesk = field(
        default_factory=lambda: PlanDesk(
            offers=[
                OfferChoice("premium", "month", "9.99 EUR", is_current=True, is_following=False),
                OfferChoice("family", "year", "159.90 EUR", is_current=False, is_following=False),
            ],
            payments=[PaymentLine(AT, "Premium, a month", "succeeded", "9.99 EUR", "<i>local</i>")],
            note="No money moves: this platform has no payment provider.",
            manager="",
            trial_days=0,
            may_cancel=True,
            may_invite=False,
        )
    )
    chosen: list[tuple[Plan, Period]] = field(default_factory=list)
    cancelled: int = 0
    checkout: str = ""
    failure: ApiError | None = None

    async def desk(self, user: User) -> PlanDesk:
        return self.desk_now

    async def choose(self, user: User, plan: Plan, period: Period) -> str:
        if self.failure is not None:
            raise self.failure
        self.chosen.append((plan, period))
        return self.checkout

    async def cancel(self, user: User) -> None:
        self.cancelled += 1


@dataclass
class FakeFamilyDesks:
    desk_now: FamilyDesk = field(
        default_factory=lambda: FamilyDesk(
            has_family=True,
            manager="",
            members=[Relative(BEN, "Ben <b>", AT)],
            invitations=[Waiting(INVITATION, AT)],
            places=3,
        )
    )
    done: list[tuple[str, str]] = field(default_factory=list)
    failure: ApiError | None = None

    async def desk(self, user: User) -> FamilyDesk:
        return self.desk_now

    async def invite(self, user: User) -> str:
        self._do("invite", "")
        return "the-code"

    async def withdraw(self, user: User, invitation_id: str) -> None:
        self._do("withdraw", invitation_id)

    async def join(self, user: User, code: str) -> None:
        self._do("join", code)

    async def remove(self, user: User, member_id: str) -> None:
        self._do("remove", member_id)

    def _do(self, what: str, about: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.done.append((what, about))


@dataclass
class FakeExport:
    id: str = ids.derive("export", "anna")
    status: str = "ready"
    download_url: str = "https://storage.example/export.zip?signature=s&expires=1"


@dataclass
class FakePrivacy:
    erased: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    export_now: FakeExport = field(default_factory=FakeExport)

    async def ask(self, user: User) -> str:
        return self.export_now.id

    async def make(self, export_id: str) -> None:
        self.made.append(export_id)

    async def export(self, user: User, export_id: str) -> FakeExport:
        if export_id != self.export_now.id:
            raise NotFound("There is no such export, or no longer")
        return self.export_now

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
    has_google: bool = True

    def __post_init__(self) -> None:
        people = {self.anna.id: self.anna}
        self.people = FakePeople(people)
        self.credentials = FakeCredentials()
        self.announcements = FakeAnnouncements()
        self.google = FakeGoogle()
        self.plan_desks = FakePlanDesks()
        self.family_desks = FakeFamilyDesks()
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
                    credentials=cast(Any, self.credentials),
                    announcements=cast(Any, self.announcements),
                    attempts=cast(Any, self.attempts),
                    consents=self.consents,
                    devices=self.devices,
                    apps=self.apps,
                    grants=self.grants,
                    plans=FakePlans(),
                    plan_desks=self.plan_desks,
                    family_desks=self.family_desks,
                    privacy=self.privacy,
                    google=routes.Google(
                        cast(Any, self.google), Errands("a secret", public_url=self.public_url)
                    )
                    if self.has_google
                    else None,
                )
            )
        )
