"""A person's mixes as they are now."""

from functions.recommendations.reader import MixReader
from functions.recommendations.store import popular_path
from tests.unit.functions.recommendations.fakes import Clock, MemoryDocuments, radio


async def test_what_the_first_night_finds_popular_is_seen_at_once() -> None:
    documents = MemoryDocuments()
    reader = MixReader(documents, Clock())
    assert (await reader.popular("SE")).tracks == []
    documents.kept[popular_path("")] = {"tracks": radio(*range(3))["near"]}
    documents._versions[popular_path("")] = 1
    assert len((await reader.popular("SE")).tracks) == 3


async def test_what_is_popular_is_read_once_in_a_while() -> None:
    documents = MemoryDocuments()
    documents.kept[popular_path("SE")] = {"tracks": radio(*range(3))["near"]}
    documents._versions[popular_path("SE")] = 1
    reader = MixReader(documents, Clock())
    for _ in range(3):
        assert len((await reader.popular("SE")).tracks) == 3
    assert len(documents.reads) == 1
