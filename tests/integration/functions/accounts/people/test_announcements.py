"""New people and new names, told of once they are there."""

import datetime

import pytest
from sqlalchemy import func, select

from functions.accounts.database import Database
from functions.accounts.people import store
from functions.accounts.people.announcements import PUT_OFF_AFTER, Announcements
from functions.accounts.people.profile import InvalidName, ProfileChange
from functions.accounts.people.tables import ProfileChange as Noted
from functions.accounts.people.tables import User
from shared.clock import utc_now
from tests.integration.functions.accounts.people.conftest import Topic


async def noted(database: Database) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(Noted)) or 0


async def rename(database: Database, user: User, name: str) -> None:
    async with database.session() as session:
        await store.change(session, user.id, ProfileChange(display_name=name))


def later(database: Database, topic: Topic) -> Announcements:
    """As the tick does it, when whoever noted something has had their time."""
    return Announcements(database, topic, "t", now=lambda: utc_now() + PUT_OFF_AFTER)


async def test_somebody_new_is_told_of(
    database: Database, announcements: Announcements, topic: Topic, anna: User
) -> None:
    await announcements.tell(anna.id)

    [event] = topic.events
    assert (event.user_id, event.display_name) == (anna.id, "Anna")
    now_ms = datetime.datetime.now(datetime.UTC).timestamp() * 1000
    assert now_ms - 60_000 < event.changed_at <= now_ms
    assert await noted(database) == 0


async def test_a_new_name_is_told_and_is_newer(
    database: Database, announcements: Announcements, topic: Topic, anna: User
) -> None:
    await announcements.tell(anna.id)
    await rename(database, anna, "Anna Magdalena")
    await announcements.tell(anna.id)

    first, second = topic.events
    assert second.display_name == "Anna Magdalena"
    assert second.changed_at > first.changed_at
    assert second.event_id != first.event_id


async def test_other_changes_are_nobodys_business(
    database: Database, announcements: Announcements, topic: Topic, anna: User
) -> None:
    await announcements.tell(anna.id)
    async with database.session() as session:
        await store.change(session, anna.id, ProfileChange(country="DE"))
    with pytest.raises(InvalidName):
        await rename(database, anna, " ")

    assert await noted(database) == 0


async def test_an_outage_puts_it_off_and_loses_nothing(
    database: Database, announcements: Announcements, topic: Topic, anna: User
) -> None:
    topic.is_away = True
    await announcements.tell(anna.id)
    assert await later(database, topic).tell_put_off() == 0
    topic.is_away = False

    assert await announcements.tell_put_off() == 0, "whoever noted it may be publishing it"
    assert await later(database, topic).tell_put_off() == 1
    assert [event.display_name for event in topic.events] == ["Anna"]
    assert await later(database, topic).tell_put_off() == 0


async def test_said_twice_it_is_the_same_event(
    database: Database, announcements: Announcements, topic: Topic, anna: User
) -> None:
    """Whoever publishes may die before writing that down."""
    publish = topic.publish

    async def dies_after(*args: object, **kwargs: object) -> None:
        await publish(*args, **kwargs)  # type: ignore[arg-type]  # handed on as it came
        raise SystemError

    topic.publish = dies_after  # type: ignore[method-assign]
    await announcements.tell(anna.id)
    topic.publish = publish  # type: ignore[method-assign]
    await announcements.tell(anna.id)

    first, second = topic.events
    assert first == second


async def test_a_name_that_changes_meanwhile_is_not_forgotten(
    database: Database, announcements: Announcements, topic: Topic, anna: User
) -> None:
    publish = topic.publish

    async def renamed_meanwhile(*args: object, **kwargs: object) -> None:
        await rename(database, anna, "Another")
        await publish(*args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    topic.publish = renamed_meanwhile  # type: ignore[method-assign]
    await announcements.tell(anna.id)
    topic.publish = publish  # type: ignore[method-assign]

    assert await noted(database) == 1
    assert await later(database, topic).tell_put_off() == 1
    assert [event.display_name for event in topic.events] == ["Anna", "Another"]


async def test_of_nobody_nothing_is_told(announcements: Announcements, topic: Topic) -> None:
    await announcements.tell("nobody")

    assert topic.events == []
