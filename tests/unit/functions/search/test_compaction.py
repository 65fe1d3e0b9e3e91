"""A new base has all that the old one and the log had; a crash leaves one or the other."""

import asyncio
import datetime

import pytest

from functions.search import documents, journal
from functions.search.appender import Appender
from functions.search.compaction import GRACE, MOST_ENTRIES, Compaction
from functions.search.live import LiveIndex
from functions.search.model import Document, Kind
from tests.unit.functions.search.fakes import (
    MemoryCatalogue,
    MemoryObjects,
    playlist,
    search,
    track,
)


class World:
    """A bucket, the catalogue, and who keeps the one up with the other."""

    def __init__(self) -> None:
        self.objects = MemoryObjects()
        self.catalogue = MemoryCatalogue()
        self.appender = Appender(self.objects, self.catalogue.load)
        self.compaction = Compaction(self.objects, self.catalogue, lambda: self.objects.now)

    async def append(self, *items: Document) -> None:
        await self.appender.append(items)

    async def found(self, q: str, kind: Kind = Kind.track) -> list[str]:
        """What an instance that starts now finds."""
        index = LiveIndex(self.objects)
        try:
            return await index.run(lambda engine: search(engine, q, kind))
        finally:
            await index.close()


@pytest.fixture
def world() -> World:
    return World()


async def test_the_first_base_is_of_the_whole_catalogue(world: World) -> None:
    songs = [track(f"Song {number}") for number in range(2_500)]
    world.catalogue.put(*songs)
    await world.append(playlist("Morning"))
    assert await world.compaction.compact()
    assert await world.found("song 2499") == [songs[2499].id]
    assert await world.found("morning", Kind.playlist) == [playlist("Morning").id]


async def test_a_short_log_is_left_alone_and_a_long_one_is_folded_in(world: World) -> None:
    await world.compaction.compact()
    for number in range(MOST_ENTRIES):
        assert not await world.compaction.compact()
        await world.append(track(f"Song {number}"))
    assert await world.compaction.compact()
    pointer, _ = await journal.read_pointer(world.objects)
    assert pointer.covers == MOST_ENTRIES
    assert await world.found("song 77") == [track("Song 77").id]
    await world.append(track("One more"))
    assert await world.found("one more") == [track("One more").id]


async def test_an_erasure_is_not_put_off(world: World) -> None:
    await world.append(playlist("Mine"), Document(Kind.user, "anna", "Anna", version=1))
    await world.compaction.rebuild()
    await world.append(documents.of_erased("anna", 1))
    assert await world.compaction.compact()
    world.objects.now += GRACE + datetime.timedelta(seconds=1)
    await world.compaction.compact()
    assert await world.found("mine", Kind.playlist) == []
    [index] = [name for name in world.objects.names("generations/") if name.endswith("index.db")]
    assert b"Mine" not in world.objects.held[index][0]
    assert b"Anna" not in world.objects.held[index][0]
    assert world.objects.names(journal.DELTAS) == []
    await world.append(playlist("Late", version=7))
    assert await world.found("late", Kind.playlist) == []


async def test_what_is_old_goes_only_after_a_while(world: World) -> None:
    await world.append(track("One"))
    await world.compaction.rebuild()
    await world.compaction.rebuild()
    assert len(world.objects.names("generations/")) == 4
    assert len(world.objects.names(journal.DELTAS)) == 1
    world.objects.now += GRACE + datetime.timedelta(seconds=1)
    await world.compaction.compact()
    assert len(world.objects.names("generations/")) == 2
    assert world.objects.names(journal.DELTAS) == []


async def test_of_two_at_once_one_wins_and_nothing_is_lost(world: World) -> None:
    world.catalogue.put(track("One"), track("Two"))
    await world.append(playlist("Morning"))
    built = await asyncio.gather(world.compaction.rebuild(), world.compaction.rebuild())
    assert sorted(built) == [False, True]
    assert await world.found("two") == [track("Two").id]
    assert await world.found("morning", Kind.playlist) == [playlist("Morning").id]


async def test_what_is_appended_meanwhile_stays_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.append(track("Before"))
    world.catalogue.put(track("Before"))
    move = journal.move_pointer

    async def late(*arguments: object, **options: object) -> bool:
        await world.append(track("Meanwhile"))
        return await move(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(journal, "move_pointer", late)
    assert await world.compaction.rebuild()
    assert await world.found("meanwhile") == [track("Meanwhile").id]
    assert await world.found("before") == [track("Before").id]


async def test_a_crash_before_the_pointer_moves_leaves_the_old_state(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.catalogue.put(track("One"))
    await world.compaction.rebuild()
    await world.append(track("Two"))

    async def crash(*_: object, **__: object) -> bool:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(journal, "move_pointer", crash)
        with pytest.raises(ConnectionError):
            await world.compaction.rebuild()
    assert await world.found("one") == [track("One").id]
    assert await world.found("two") == [track("Two").id]
    world.catalogue.put(track("Two"))
    assert await world.compaction.rebuild()
    assert await world.found("two") == [track("Two").id]


async def test_a_rebuild_forgets_what_the_catalogue_no_longer_has(world: World) -> None:
    world.catalogue.put(track("Stays"))
    await world.append(track("Lost"), track("Stays"))
    await world.compaction.rebuild()
    assert await world.found("lost") == []
    assert await world.found("stays") == [track("Stays").id]
