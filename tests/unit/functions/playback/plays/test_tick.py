import datetime
import random
from collections import Counter
from typing import Any

import pytest

from functions.playback.plays import counting, tick
from functions.playback.plays.counting import Item
from functions.playback.plays.journal import entry_of, key_of, merged
from functions.playback.plays.tick import PlayTick
from shared.errors import Unavailable
from shared.events import Play
from shared.firestore import Conflict
from tests.unit.functions.playback.plays.fakes import (
    NOW,
    MemoryCatalogue,
    MemoryDays,
    RecordingPublisher,
    play,
    track_id,
)

DAY_S = 24 * 3600


class World:
    def __init__(self) -> None:
        self.store: Any = MemoryDays()
        self.catalogue = MemoryCatalogue()
        self.publisher: Any = RecordingPublisher()
        self.now = NOW

    async def keep(self, *plays: Play) -> None:
        for each in plays:
            day = (await self.store.days([key_of(each)]))[key_of(each)]
            if entries := merged(day.entries, [entry_of(each)]):
                await self.store.write(day, entries)

    def tick(self) -> PlayTick:
        return PlayTick(
            store=self.store,
            counts=self.store,
            catalogue=self.catalogue,
            publisher=self.publisher,
            topic="popularity",
            clock=lambda: self.now,
        )

    def totals(self, type: str = "track") -> dict[str, int]:
        return {
            item.id: days.total() for item, days in self.store.counts.items() if item.type == type
        }


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(tick, "_PAUSE_S", 0.0)
    return World()


async def test_tracks_albums_and_artists_are_counted_by_day(world: World) -> None:
    await world.keep(
        play(1), play(2), play(3, user="v", ago_s=DAY_S), play(4, track=2), play(5, counted=False)
    )

    assert await world.tick().run() == (4, 5)

    assert world.totals() == {track_id(1): 3, track_id(2): 1}
    assert world.totals("album") == {"album": 4}
    assert world.totals("artist") == {"artist-1": 3, "artist-0": 1}
    days = world.store.counts[Item("track", track_id(1))]
    assert days == {"2026-11-23": 2, "2026-11-22": 1}


async def test_nothing_is_counted_twice(world: World) -> None:
    await world.keep(play(1))
    await world.tick().run()
    await world.keep(play(1), play(2))
    await world.tick().run()
    assert await world.tick().run() == (0, 0)
    assert world.totals() == {track_id(1): 2}


async def test_a_track_that_is_gone_still_counts(world: World) -> None:
    await world.keep(play(1, track=99))
    await world.tick().run()
    assert world.totals() == {track_id(99): 1}
    assert world.totals("artist") == {}


async def test_a_catalogue_that_is_away_leaves_all_for_later(world: World) -> None:
    await world.keep(play(1))
    world.catalogue.is_away = True
    with pytest.raises(Unavailable):
        await world.tick().run()
    world.catalogue.is_away = False
    assert (await world.tick().run())[0] == 1


async def test_days_that_are_being_written_are_tried_alone(world: World) -> None:
    await world.keep(play(1), play(2, user="v"))
    world.store.failures = [Conflict("changed")]
    assert (await world.tick().run())[0] == 2


async def test_a_day_that_never_stands_still_is_left_for_the_next_time(world: World) -> None:
    await world.keep(play(1))
    world.store.failures = [Conflict("changed")] * 100
    assert (await world.tick().run())[0] == 0
    world.store.failures = []
    assert (await world.tick().run())[0] == 1


async def test_popularity_is_told_once_and_falls_with_time(world: World) -> None:
    await world.keep(*(play(number, ago_s=60) for number in range(50)))
    await world.tick().run()
    [(topic, event)] = world.publisher.published
    told = {each.type: each.popularity for each in event.items}
    assert topic == "popularity"
    assert event.computed_at == int(NOW.timestamp() * 1000)
    assert told.keys() == {"track", "album", "artist"}
    assert 20 < told["track"] < 60

    await world.tick().run()
    assert len(world.publisher.published) == 1
    falling = [told["track"]]
    for _ in range(200):
        world.now += datetime.timedelta(days=1)
        await world.tick().run()
        event = world.publisher.published[-1][1]
        falling += [each.popularity for each in event.items if each.type == "track"]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == 0
    assert world.store.due_at == {}, "what nobody plays is not looked at for ever"


async def test_a_crash_after_telling_tells_again(world: World) -> None:
    await world.keep(play(1))
    settle = world.store.settle

    async def dies(*_: object) -> None:
        raise RuntimeError("died")

    world.store.settle = dies
    with pytest.raises(RuntimeError):
        await world.tick().run()
    world.store.settle = settle
    await world.tick().run()
    first, second = (event for _, event in world.publisher.published)
    assert first.items == second.items


@pytest.mark.parametrize("most", [5, 7, 40])
async def test_days_larger_than_a_batch(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Batches stay within their bound, and in the end everything is counted once."""
    monkeypatch.setattr(counting, "MOST_WRITES", most)
    chance = random.Random(most)
    plays = [
        play(number, user=chance.choice("uvw"), track=chance.randrange(1, 10))
        for number in range(60)
    ]
    await world.keep(*plays)
    sizes = []
    commit = world.store.commit

    async def measured(tally: counting.Tally, now: datetime.datetime) -> None:
        sizes.append(tally.writes)
        await commit(tally, now)

    world.store.commit = measured
    assert (await world.tick().run())[0] == 60
    assert max(sizes) <= most
    assert world.totals() == Counter(each.track_id for each in plays)
