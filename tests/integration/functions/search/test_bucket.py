"""The index on a real object store: several writers, a base, and an instance that follows."""

import asyncio
import secrets
from pathlib import Path

import pytest
from google.cloud.storage import Client

from functions.search import journal
from functions.search.appender import Appender
from functions.search.compaction import Compaction
from functions.search.live import LiveIndex
from functions.search.objects import BucketObjects
from tests.unit.functions.search.fakes import MemoryCatalogue, search, track


@pytest.fixture
def objects(storage_emulator: str, project: str) -> BucketObjects:
    """A bucket of the test's own."""
    name = f"search-{secrets.token_hex(4)}"
    Client(project=project).create_bucket(name)
    return BucketObjects(project, name)


async def found(index: LiveIndex, q: str) -> list[str]:
    return await index.run(lambda engine: search(engine, q))


async def test_conditions_and_order(objects: BucketObjects, tmp_path: Path) -> None:
    assert await objects.read("a") is None
    assert await objects.write("a", b"1", if_generation=0)
    assert not await objects.write("a", b"2", if_generation=0)
    read = await objects.read("a")
    assert read is not None
    data, generation = read
    assert data == b"1"
    assert await objects.write("a", b"3", if_generation=generation)
    assert not await objects.write("a", b"4", if_generation=generation)
    for name in ("deltas/2", "deltas/1", "deltas/3", "other"):
        await objects.write(name, b"x", if_generation=0)
    assert [each.name for each in await objects.list("deltas/", after="deltas/1")] == [
        "deltas/2",
        "deltas/3",
    ]
    await objects.delete("deltas/2")
    await objects.delete("deltas/2")
    assert len(await objects.list("deltas/")) == 2
    file = tmp_path / "file"
    assert not await objects.download("missing", file)
    assert await objects.download("a", file)
    assert file.read_bytes() == b"3"


async def test_writers_at_once_and_an_instance_that_follows(objects: BucketObjects) -> None:
    catalogue = MemoryCatalogue()
    songs = [track(f"Song x{number}") for number in range(24)]
    catalogue.put(*songs)
    index = LiveIndex(objects)
    assert await found(index, "song ") == []
    writers = [Appender(objects, catalogue.load) for _ in range(4)]
    await asyncio.gather(
        *(
            writers[number % 4].append(items=[(song.kind, song.id)])
            for number, song in enumerate(songs)
        )
    )
    await index.refresh()
    assert set(await found(index, "song ")) == {song.id for song in songs}

    compaction = Compaction(objects, catalogue)
    assert await compaction.rebuild()
    await writers[0].append([track("After")])
    await index.refresh()
    assert set(await found(index, "song ")) == {song.id for song in songs}
    assert await found(index, "after") == [track("After").id]
    fresh = LiveIndex(objects)
    assert await found(fresh, "after") == [track("After").id]
    assert len(await found(fresh, "song ")) == len(songs)
    for each in (index, fresh):
        await each.close()


async def test_two_compactions_at_once(objects: BucketObjects) -> None:
    catalogue = MemoryCatalogue()
    catalogue.put(track("One"))
    built = await asyncio.gather(*(Compaction(objects, catalogue).rebuild() for _ in range(2)))
    assert sorted(built) == [False, True]
    pointer, _ = await journal.read_pointer(objects)
    index = LiveIndex(objects)
    assert pointer.base
    assert await found(index, "one") == [track("One").id]
    await index.close()
