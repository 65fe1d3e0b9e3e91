import asyncio
import datetime
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.audit import AuditEvent
from functions.accounts.database import Database
from functions.accounts.people.sessions import Sessions, SignInNeeded
from functions.accounts.people.tables import SessionRow, User
from tests.integration.functions.accounts.people.conftest import FakeClock

DAY = datetime.timedelta(days=1)


@pytest.fixture
def sessions(database: Database, clock: FakeClock) -> Sessions:
    return Sessions(database, public_url="https://music.example", clock=clock)


def request(cookie: str = "", user_agent: str = "Firefox") -> Request:
    headers = [(b"user-agent", user_agent.encode("latin-1"))]
    if cookie:
        headers.append((b"cookie", f"__Host-cadenza={cookie}".encode()))
    return Request({"type": "http", "headers": headers})


def set_cookie(response: Response) -> str:
    """The id that a response gives the browser; "" if it gives none."""
    cookies = SimpleCookie(response.headers.get("set-cookie", ""))
    return cookies["__Host-cadenza"].value if cookies else ""


async def signed_in(sessions: Sessions, user: User, cookie: str = "") -> str:
    response = Response()
    await sessions.sign_in(request(cookie), response, user.id)
    return set_cookie(response)


async def user_of(sessions: Sessions, cookie: str) -> str | None:
    user = await sessions.current_user(request(cookie))
    return user.id if user else None


async def rotated(sessions: Sessions, cookie: str) -> str:
    response = Response()
    await sessions.rotate_if_due(request(cookie), response)
    return set_cookie(response)


async def test_the_cookie_is_out_of_reach(sessions: Sessions, anna: User) -> None:
    response = Response()
    await sessions.sign_in(request(), response, anna.id)

    header = response.headers["set-cookie"]
    assert header.startswith("__Host-cadenza=")
    for part in ("HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=2592000"):
        assert part in header
    assert len(set_cookie(response)) == 43


async def test_only_the_hash_is_stored(sessions: Sessions, anna: User, database: Database) -> None:
    cookie = await signed_in(sessions, anna)

    async with database.session() as session:
        row = (await session.scalars(select(SessionRow))).one()
    assert cookie not in row.id_hash
    assert await user_of(sessions, cookie) == anna.id
    assert await user_of(sessions, row.id_hash) is None


async def test_nobody_is_signed_in(sessions: Sessions) -> None:
    for cookie in ("", "nonsense", "x" * 5000, "%00", "' OR 1=1 --"):
        with pytest.raises(SignInNeeded):
            await sessions.require_user(request(cookie))


async def test_signing_in_makes_a_new_id(sessions: Sessions, anna: User) -> None:
    """An id that somebody planted in the browser, or used before, opens nothing afterwards."""
    planted = "planted-by-somebody"
    first = await signed_in(sessions, anna, planted)
    second = await signed_in(sessions, anna, first)

    assert len({planted, first, second}) == 3
    assert await user_of(sessions, planted) is None
    assert await user_of(sessions, first) is None
    assert await user_of(sessions, second) == anna.id


async def test_ids_are_rotated_daily(sessions: Sessions, anna: User, clock: FakeClock) -> None:
    old = await signed_in(sessions, anna)
    assert await rotated(sessions, old) == ""

    clock.move(days=1)
    new = await rotated(sessions, old)

    assert new not in {"", old}
    assert await user_of(sessions, new) == anna.id
    assert await user_of(sessions, old) == anna.id, "requests under way still count"
    clock.move(seconds=61)
    assert await user_of(sessions, old) is None
    assert await user_of(sessions, new) == anna.id


async def test_requests_that_come_at_once_rotate_once(
    sessions: Sessions, anna: User, clock: FakeClock
) -> None:
    old = await signed_in(sessions, anna)
    clock.move(days=1)

    given = await asyncio.gather(*(rotated(sessions, old) for _ in range(8)))

    assert sum(1 for each in given if each) == 1
    assert len(await sessions.of(anna.id, request(max(given)))) == 1


async def test_the_lifetime_is_fixed(sessions: Sessions, anna: User, clock: FakeClock) -> None:
    cookie = await signed_in(sessions, anna)
    for _ in range(29):
        clock.move(days=1)
        cookie = await rotated(sessions, cookie)
        assert await user_of(sessions, cookie) == anna.id

    clock.move(days=1)

    assert await user_of(sessions, cookie) is None
    assert await rotated(sessions, cookie) == ""
    await sessions.forget_expired()
    assert await sessions.of(anna.id, request()) == []


async def test_signing_out(sessions: Sessions, anna: User, clock: FakeClock) -> None:
    old = await signed_in(sessions, anna)
    other = await signed_in(sessions, anna)
    clock.move(days=1)
    new = await rotated(sessions, old)

    response = Response()
    await sessions.sign_out(request(new), response)

    assert "Max-Age=0" in response.headers["set-cookie"]
    assert await user_of(sessions, new) is None
    assert await user_of(sessions, old) is None, "the id before the rotation goes as well"
    assert await user_of(sessions, other) == anna.id


async def test_signing_out_everywhere_else(sessions: Sessions, anna: User) -> None:
    here, there = await signed_in(sessions, anna), await signed_in(sessions, anna)

    await sessions.sign_out_everywhere(anna.id, but=request(here))

    assert await user_of(sessions, here) == anna.id
    assert await user_of(sessions, there) is None
    await sessions.sign_out_everywhere(anna.id)
    assert await user_of(sessions, here) is None


async def test_ending_one_of_them(sessions: Sessions, anna: User) -> None:
    here, there = await signed_in(sessions, anna), await signed_in(sessions, anna)
    views = await sessions.of(anna.id, request(here))
    assert [view.is_current for view in views].count(True) == 1
    (other,) = [view for view in views if not view.is_current]

    await sessions.end("somebody else", other.id)
    assert await user_of(sessions, there) == anna.id
    await sessions.end(anna.id, other.id)
    assert await user_of(sessions, there) is None
    assert await user_of(sessions, other.id) is None


async def test_the_erased_are_signed_out(
    sessions: Sessions, anna: User, database: Database, clock: FakeClock
) -> None:
    cookie = await signed_in(sessions, anna)
    async with database.session() as session:
        (await session.get_one(User, anna.id)).erased_at = clock()

    assert await user_of(sessions, cookie) is None


async def test_sign_ins_are_audited(sessions: Sessions, anna: User, database: Database) -> None:
    cookie = await signed_in(sessions, anna)
    await sessions.sign_out(request(cookie), Response())

    async with database.session() as session:
        tags = await session.scalars(select(AuditEvent.tag).order_by(AuditEvent.id))
    assert list(tags) == ["people:session:signed-in", "people:session:signed-out"]


def test_plain_http_has_a_plain_name(database: Database) -> None:
    """Browsers refuse the prefix without TLS."""
    assert Sessions(database, public_url="http://localhost:8080").cookie == "cadenza"
