"""Documents on Google's Firestore emulator."""

import secrets

import pytest

from shared.firestore import ABSENT, Conflict, FirestoreDocuments, Write


@pytest.fixture
def documents(firestore_emulator: str, project: str) -> FirestoreDocuments:
    return FirestoreDocuments(project, f"test-{secrets.token_hex(4)}")


async def test_a_batch_holds_together_or_not_at_all(documents: FirestoreDocuments) -> None:
    versions = await documents.commit([Write("a/1", {"x": b"one"}, ABSENT), Write("a/2", {"x": 2})])
    stored = await documents.read(["a/1", "a/2", "a/3"])
    assert {path: each.data for path, each in stored.items()} == {
        "a/1": {"x": b"one"},
        "a/2": {"x": 2},
    }
    assert stored["a/1"].version == versions["a/1"]
    with pytest.raises(Conflict):
        await documents.commit([Write("a/2", {"x": 3}), Write("a/1", {"x": b"two"}, ABSENT)])
    assert (await documents.read(["a/2"]))["a/2"].data == {"x": 2}


async def test_what_has_changed_is_not_written_over(documents: FirestoreDocuments) -> None:
    await documents.commit([Write("a/1", {"x": 1})])
    before = (await documents.read(["a/1"]))["a/1"].version
    await documents.commit([Write("a/1", {"x": 2}, before)])
    for write in (Write("a/1", {"x": 3}, before), Write("a/1", None, before)):
        with pytest.raises(Conflict):
            await documents.commit([write])
    assert (await documents.read(["a/1"]))["a/1"].data == {"x": 2}
    now = (await documents.read(["a/1"]))["a/1"].version
    await documents.commit([Write("a/1", None, now)])
    for write in (Write("a/1", {"x": 3}, now), Write("a/1", None, now)):
        with pytest.raises(Conflict):
            await documents.commit([write])
    assert await documents.read(["a/1"]) == {}


async def test_numbers_are_added_to(documents: FirestoreDocuments) -> None:
    for more in (1, 1, -1):
        await documents.commit([Write("a/1", add={"count": more, "changes": 1})])
    assert (await documents.read(["a/1"]))["a/1"].data == {"count": 1, "changes": 3}
    await documents.commit([Write("a/1")])
    await documents.commit([Write("a/1")])
    assert await documents.read([]) == {}


async def test_documents_are_found_by_what_they_hold(documents: FirestoreDocuments) -> None:
    await documents.commit(
        [Write(f"a/{at}", {"at": at, "people": [f"p{at % 2}"], "owner": "o"}) for at in range(6)]
    )
    assert sorted(await documents.find("a", "at", "<=", 2, 10)) == ["0", "1", "2"]
    assert sorted(await documents.find("a", "people", "array_contains", "p1", 10)) == [
        "1",
        "3",
        "5",
    ]
    assert len(await documents.find("a", "owner", "==", "o", 4)) == 4
    assert await documents.find("a", "owner", "==", "x", 4) == []
