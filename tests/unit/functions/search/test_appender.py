"""Many write at once: nothing is lost, and the last entry knows best."""

import asyncio
from collections.abc import Sequence

import pytest

from functions.search import journal
from functions.search.appender import Appender
from functions.search.journal import Pointer
from functions.search.model import Document, Kind
from shared import ids
from shared.errors import Unavailable
from tests.unit.functions.search.fakes import MemoryCatalogue, MemoryObjects, track


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


async def log_of(objects: MemoryObjects) -> list[Document]:
    """Everything in the log, in order."""
    entries = await journal.deltas_after(objects, 0)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    found = [await journal.read_delta(objects, entry.number) for entry in entries]
    return [document for documents in found for document in documents or []]


async def test_several_instances_lose_nothing() -> None:
    objects, catalogue = MemoryObjects(), MemoryCatalogue()
    writers = [Appender(objects, catalogue.load, no_pause) for _ in range(5)]
    await asyncio.gather(
        *(
            writer.append([track(f"Song {number} of {place}")])
            for place, writer in enumerate(writers)
            for number in range(20)
        )
    )
    found = [document.name for document in await log_of(objects)]
    assert sorted(found) == sorted(f"Song {n} of {place}" for n in range(20) for place in range(5))


async def test_what_waits_is_written_together() -> None:
    objects, catalogue = MemoryObjects(), MemoryCatalogue()
    writer = Appender(objects, catalogue.load, no_pause)
    await asyncio.gather(*(writer.append([track(f"Song {number}")]) for number in range(100)))
    assert len(objects.names(journal.DELTAS)) <= 2


async def test_the_last_entry_is_of_the_last_reading() -> None:
    """An instance that read before the other wrote reads again."""
    objects, catalogue = MemoryObjects(), MemoryCatalogue()
    song = ids.derive("song")
    item = (Kind.track, song)
    catalogue.put(track("Old", id=song))
    other = Appender(objects, catalogue.load, no_pause)
    changed = False

    async def slow(items: Sequence[tuple[Kind, str]]) -> list[Document]:
        nonlocal changed
        read = await catalogue.load(items)
        if not changed:
            changed = True
            catalogue.put(track("New", id=song))
            await other.append(items=[item])
        return read

    written = await Appender(objects, slow, no_pause).append(items=[item])
    assert [document.name for document in await log_of(objects)] == ["New", "New"]
    assert [document.name for document in written] == ["New"]


async def test_each_is_told_of_its_own_items() -> None:
    objects, catalogue = MemoryObjects(), MemoryCatalogue()
    one, two = track("One"), track("Two")
    catalogue.put(one, two)
    writer = Appender(objects, catalogue.load, no_pause)
    answers = await asyncio.gather(
        *(writer.append(items=[(each.kind, each.id)]) for each in (one, two))
    )
    assert list(answers) == [[one], [two]]


async def test_a_number_is_not_used_again_after_the_log_was_cleared() -> None:
    objects = MemoryObjects()
    await journal.move_pointer(objects, Pointer("base", covers=41), if_generation=0)
    await Appender(objects, MemoryCatalogue().load, no_pause).append([track("Next")])
    assert objects.names(journal.DELTAS) == [journal.delta_name(42)]


async def test_a_failure_is_told_to_all_who_wait_and_to_nobody_after() -> None:
    objects, catalogue = MemoryObjects(), MemoryCatalogue()
    away = True

    async def load(items: Sequence[tuple[Kind, str]]) -> list[Document]:
        if away:
            raise Unavailable("away")
        return await catalogue.load(items)

    writer = Appender(objects, load, no_pause)
    item = (Kind.track, ids.derive("song"))
    failed = await asyncio.gather(
        writer.append(items=[item]), writer.append([track("Other")]), return_exceptions=True
    )
    assert [type(each) for each in failed] == [Unavailable, Unavailable]
    away = False
    await writer.append(items=[item])
    assert len(await log_of(objects)) == 1


async def test_it_gives_up_when_others_are_always_first() -> None:
    class Contended(MemoryObjects):
        async def write(self, name: str, data: bytes, *, if_generation: int) -> bool:
            return False

    with pytest.raises(Unavailable):
        await Appender(Contended(), MemoryCatalogue().load, no_pause).append([track("Never")])
