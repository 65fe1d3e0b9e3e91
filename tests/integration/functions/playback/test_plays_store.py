"""Listeners' days and the numbers of plays on Firestore: conditions, queries, what is left."""

import datetime
import uuid

import pytest

from functions.playback.plays import counting
from functions.playback.plays.counting import Item
from functions.playback.plays.counts import CountStore
from functions.playback.plays.journal import entry_of, key_of, merged
from functions.playback.plays.store import PlayStore, StoredDay
from shared.events import Play
from shared.firestore import Conflict
from tests.unit.functions.playback.plays.fakes import NOW, play

DAY_S = 24 * 3600


@pytest.fixture
def store(project: str, firestore_emulator: str) -> PlayStore:
    return PlayStore(project, "(default)")


@pytest.fixture
def user() -> str:
    return str(uuid.uuid4())


async def keep(store: PlayStore, *plays: Play) -> StoredDay:
    """All of one day."""
    key = key_of(plays[0])
    day = (await store.days([key]))[key]
    entries = merged(day.entries, map(entry_of, plays))
    assert entries is not None
    return await store.write(day, entries)


async def test_a_day_is_read_as_it_was_written(store: PlayStore, user: str) -> None:
    written = await keep(store, play(1, user=user), play(2, user=user))
    read = (await store.days([written.key]))[written.key]
    assert read == written
    assert (await store.days([key_of(play(1, user="nobody"))])) != {}


async def test_who_read_an_older_state_has_to_read_again(store: PlayStore, user: str) -> None:
    key = key_of(play(1, user=user))
    nothing = StoredDay(key, [])
    first = await store.write(nothing, [entry_of(play(1, user=user))])
    with pytest.raises(Conflict):
        await store.write(nothing, [entry_of(play(2, user=user))])
    second = await store.write(first, [*first.entries, entry_of(play(2, user=user))])
    with pytest.raises(Conflict):
        await store.write(first, first.entries)
    assert (await store.days([key]))[key] == second
    await store.forget(user)
    with pytest.raises(Conflict):
        await store.write(second, second.entries)


async def test_days_come_newest_first_and_only_the_listeners_own(
    store: PlayStore, user: str
) -> None:
    days = [0, 1, 5, 29, 30, 40, 365, 390]
    for ago in days:
        await keep(store, play(ago, user=user, ago_s=ago * DAY_S))
        await keep(store, play(ago, user=f"{user}x", ago_s=ago * DAY_S))

    found = [day.key async for day in store.latest(user)]
    first_day = key_of(play(30, user=user, ago_s=30 * DAY_S)).day
    since = [day.key async for day in store.latest(user, first_day=first_day)]

    assert [key.user_id for key in found] == [user] * len(days)
    assert [key.day for key in found] == sorted((key.day for key in found), reverse=True)
    assert since == found[:5]
    await store.forget(user)
    assert [day async for day in store.latest(user)] == []
    assert len([day async for day in store.latest(f"{user}x")]) == len(days)


async def test_numbers_rise_with_the_days_or_not_at_all(store: PlayStore, user: str) -> None:
    counts = CountStore(store)
    track = str(uuid.uuid4().int)[:22]
    day = await keep(store, *(play(n, user=user, track_id=track) for n in range(3)))
    assert day.key in [each.key for each in await store.waiting(10_000)]
    artist = Item("artist", f"artist-of-{track}")
    [tally] = counting.tallies([day], {track: [artist]})

    await counts.commit(tally, NOW)
    with pytest.raises(Conflict):
        await counts.commit(tally, NOW)

    found = await counts.get([Item("track", track), artist, Item("album", track)])
    assert {item: count.total for item, count in found.items()} == {
        Item("track", track): 3,
        artist: 3,
    }
    assert found[artist].days == {day.key.day: 3}
    assert day.key not in [each.key for each in await store.waiting(10_000)]

    await keep(store, play(9, user=user, track_id=track))
    assert day.key in [each.key for each in await store.waiting(10_000)]


async def test_a_batch_as_large_as_they_get(store: PlayStore, user: str) -> None:
    tracks = [str(uuid.uuid4().int)[:22] for _ in range(500)]
    day = await keep(store, *(play(n, user=user, track_id=track) for n, track in enumerate(tracks)))
    counts = CountStore(store)
    [tally] = counting.tallies([day], {})
    assert tally.writes == counting.MOST_WRITES
    await counts.commit(tally, NOW)
    found = await counts.get(Item("track", track) for track in tracks)
    assert len(found) == counting.MOST_WRITES - 1


async def test_what_is_due(store: PlayStore, user: str) -> None:
    counts = CountStore(store)
    track = str(uuid.uuid4().int)[:22]
    item = Item("track", track)
    day = await keep(store, play(1, user=user, track_id=track))
    [tally] = counting.tallies([day], {})
    long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    await counts.commit(tally, long_ago)

    due = {count.item: count for count in await counts.due(long_ago, 1000)}
    assert item in due
    day = await keep(store, play(2, user=user, track_id=track))
    [tally] = counting.tallies([day], {})
    await counts.commit(tally, long_ago)
    await counts.settle([(due[item], 7)], NOW)
    again = {count.item: count for count in await counts.due(long_ago, 1000)}
    assert again[item].popularity == 0, "it has risen since it was looked at"

    await counts.settle([(again[item], 7)], NOW)
    assert item not in {count.item for count in await counts.due(long_ago, 1000)}
    assert (await counts.get([item]))[item].popularity == 7
    await counts.settle([((await counts.get([item]))[item], 0)], long_ago)
    assert item not in {count.item for count in await counts.due(long_ago, 1000)}


async def test_who_is_erased(store: PlayStore, user: str) -> None:
    long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    await store.mark_erased(user, long_ago)
    assert await store.erased([user, "nobody"]) == {user}
    assert (await store.erased_to_look_at(NOW, 10_000))[user] == long_ago
    await store.look_again_at(user, None)
    assert user not in await store.erased_to_look_at(NOW, 10_000)
    assert await store.erased([user]) == {user}
