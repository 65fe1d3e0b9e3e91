import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.library.chunks import Chunks, Gone, packed, path_of, unpacked
from functions.library.sequence import Entry
from shared import ids
from shared.firestore import Write
from tests.unit.functions.library.fakes import MemoryDocuments

ENTRIES = st.lists(
    st.builds(Entry, st.text(max_size=22), st.integers(0, 2**40), st.sampled_from(["", "a", "b"]))
)


@given(ENTRIES)
def test_entries_come_out_as_they_went_in(entries: list[Entry]) -> None:
    assert unpacked(packed(entries)) == entries


def test_an_entry_takes_some_twenty_bytes() -> None:
    entries = [Entry(ids.random(), 1_900_000_000 + at, "anna") for at in range(500)]
    assert len(packed(entries)) < 500 * 25


async def written(documents: MemoryDocuments, key: str, count: int) -> list[Entry]:
    entries = [Entry(f"{key}{at}", at) for at in range(count)]
    await documents.commit([Write(path_of("a/1", key), {"entries": packed(entries)})])
    return entries


async def test_what_was_read_is_kept() -> None:
    documents = MemoryDocuments()
    chunks = Chunks(documents, most_entries=5)
    entries = {key: await written(documents, key, 2) for key in "abc"}
    assert await chunks.load("a/1", ["b", "a"]) == {"b": entries["b"], "a": entries["a"]}
    assert documents.reads == 2
    assert await chunks.load("a/1", ["a", "b"]) == {"a": entries["a"], "b": entries["b"]}
    assert documents.reads == 2
    await chunks.load("a/1", ["c"])
    await chunks.load("a/1", ["b", "c"])
    assert documents.reads == 3
    await chunks.load("a/1", ["a"])
    assert documents.reads == 4


async def test_what_does_not_fit_into_memory_is_read_all_the_same() -> None:
    documents = MemoryDocuments()
    chunks = Chunks(documents, most_entries=3)
    entries = {key: await written(documents, key, 2) for key in "abc"}
    long = await written(documents, "d", 4)
    await chunks.load("a/1", ["a"])
    assert await chunks.load("a/1", ["c", "b", "a"]) == {key: entries[key] for key in "cba"}
    assert await chunks.load("a/1", ["d", "a"]) == {"d": long, "a": entries["a"]}


async def test_a_chunk_that_was_left_behind_is_gone() -> None:
    documents = MemoryDocuments()
    await written(documents, "a", 2)
    with pytest.raises(Gone):
        await Chunks(documents).load("a/1", ["a", "b"])
    assert await Chunks(documents).load("a/1", []) == {}
