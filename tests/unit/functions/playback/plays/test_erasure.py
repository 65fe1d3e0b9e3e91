import asyncio
import datetime
from typing import Any, cast

import pytest

from functions.playback.plays.collector import Collector
from functions.playback.plays.erasure import PlaybackErasure
from shared.errors import BadRequest, Unavailable
from shared.events import PersonErased
from tests.unit.functions.playback.plays.fakes import NOW, MemoryDays, RecordingPublisher, play


class Elsewhere:
    """What else holds something about people; `fails` as often as said."""

    def __init__(self) -> None:
        self.erased: list[str] = []
        self.fails = 0

    async def erase(self, user_id: str) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable("not yet")
        self.erased.append(user_id)


class World:
    def __init__(self) -> None:
        self.store = cast(Any, MemoryDays())
        self.publisher = cast(Any, RecordingPublisher())
        self.warehouse = cast(Any, Elsewhere())
        self.players = Elsewhere()
        self.now = NOW
        self.erasure = PlaybackErasure(
            store=self.store,
            warehouse=self.warehouse,
            erase_players=self.players.erase,
            publisher=self.publisher,
            topic="here",
            clock=lambda: self.now,
        )

    async def keep(self, *numbers: int, user: str = "u") -> None:
        collector = Collector(self.store)
        await asyncio.gather(*(collector.add(play(number, user=user)) for number in numbers))


ERASED = PersonErased("e", "u", "2026-11-23T12:00:00Z")


async def test_everything_of_the_person_goes_and_of_nobody_else() -> None:
    world = World()
    await world.keep(1, 2)
    await world.keep(3, user="v")

    await world.erasure.person_erased(ERASED)
    await world.keep(4)

    assert [entry.play_id for entry in world.store.entries()] == ["play-3"]
    assert world.players.erased == world.warehouse.erased == ["u"]
    [(topic, event)] = world.publisher.published
    assert (topic, event.user_id, event.service) == ("here", "u", "playback")


async def test_it_is_confirmed_only_when_bigquery_has_deleted_too() -> None:
    world = World()
    world.warehouse.fails = 1
    with pytest.raises(Unavailable):
        await world.erasure.person_erased(ERASED)
    assert world.publisher.published == []

    await world.erasure.person_erased(ERASED)
    assert len(world.publisher.published) == 1


async def test_what_comes_in_late_goes_with_the_next_ticks() -> None:
    world = World()
    await world.erasure.person_erased(ERASED)
    stale = world.store.erased_users.pop("u")
    await world.keep(5)  # had been under way when the person was erased
    world.store.erased_users["u"] = stale

    assert await world.erasure.look_again() == 1
    assert world.store.entries() == []
    assert await world.erasure.look_again() == 0
    for _ in range(40):
        world.now += datetime.timedelta(hours=7)
        await world.erasure.look_again()
    assert world.store.look_again == {}, "after eight days nothing can come any more"
    assert await world.store.erased(["u"]) == {"u"}


@pytest.mark.parametrize("user_id", ["", "a/b"])
async def test_poison(user_id: str) -> None:
    world = World()
    with pytest.raises(BadRequest):
        await world.erasure.person_erased(PersonErased("e", user_id, ""))
    assert world.store.erased_users == {}
