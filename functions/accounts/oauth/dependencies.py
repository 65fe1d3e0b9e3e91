"""What the authorization server is built on."""

import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from functions.accounts.database import Database
from functions.accounts.oauth.keys import Keys
from functions.accounts.people.tables import User
from functions.accounts.plans.offers import Plan
from shared.clock import utc_now
from shared.limits import RateLimits

# Who is signed in to this browser, if anybody.
CurrentUser = Callable[[Request], Awaitable[User | None]]
# The plan that a person, by id, has at a time.
PlanOf = Callable[[AsyncSession, str, datetime.datetime], Awaitable[Plan]]
# A page for somebody whom an app sent here with a request that cannot be answered.
ShowProblem = Callable[[Request, int, str], Response]


def plain_problem(_: Request, status: int, message: str) -> Response:
    """The simplest page there is."""
    return PlainTextResponse(message, status, {"Cache-Control": "no-store"})


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """`public_url` has no slash at its end; `issuer` and `audience` are claims of every token."""

    database: Database
    keys: Keys
    public_url: str
    issuer: str
    audience: str
    current_user: CurrentUser
    plan_of: PlanOf
    limits: RateLimits = field(default_factory=RateLimits)
    show_problem: ShowProblem = plain_problem
    now: Callable[[], datetime.datetime] = utc_now
