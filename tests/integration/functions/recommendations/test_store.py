"""The documents on Firestore: written as a whole, field by field, and only as they were read."""

import asyncio
import uuid

import pytest

from functions.recommendations.model import Mix, MixTrack, Opinion, UserMixes, Why
from functions.recommendations.opinions import remember, user_mixes
from functions.recommendations.state import Lease, State, Step
from functions.recommendations.store import STATE, mixes_path
from shared.documents import to_document
from shared.firestore import Conflict, FirestoreDocuments
from shared.mixes import Kind
from shared.uris import Uri
from tests.unit.functions.recommendations.fakes import artist_id, track_id

MIXES = UserMixes(
    made_at=5,
    model="mf_0",
    mixes=[
        Mix(
            id=track_id(1),
            kind=Kind.daily_mix,
            number=1,
            period="2026-11-25",
            size=30,
            tracks=[MixTrack(track_id(2), [artist_id(1)], Why.because, "Ada")],
        )
    ],
)


@pytest.fixture
def documents(project: str, firestore_emulator: str) -> FirestoreDocuments:
    return FirestoreDocuments(project, "(default)")


@pytest.fixture
def path() -> str:
    return mixes_path(str(uuid.uuid4()))


async def test_mixes_are_read_as_they_were_written(
    documents: FirestoreDocuments, path: str
) -> None:
    await documents.write(path, to_document(MIXES), None)
    assert user_mixes((await documents.read([path]))[path]) == MIXES
    assert await documents.read([mixes_path("nobody")]) == {}


async def test_a_write_of_some_fields_leaves_the_others(
    documents: FirestoreDocuments, path: str
) -> None:
    user = path.partition("/")[2]
    await remember(documents, user, Uri("track", track_id(9)), Opinion.hide)
    stored = (await documents.read([path]))[path]
    night = {key: to_document(MIXES)[key] for key in ("made_at", "model", "mixes")}
    version = await documents.write(path, night, stored.version)
    read = (await documents.read([path]))[path]
    assert read.version == version
    kept = user_mixes(read)
    assert kept.mixes == MIXES.mixes
    assert kept.opinions == {f"track:{track_id(9)}": Opinion.hide}


async def test_who_read_an_older_state_has_to_read_again(
    documents: FirestoreDocuments, path: str
) -> None:
    first = await documents.write(path, {"made_at": 1}, None)
    with pytest.raises(Conflict):
        await documents.write(path, {"made_at": 2}, None)
    await documents.write(path, {"made_at": 2}, first)
    with pytest.raises(Conflict):
        await documents.write(path, {"made_at": 3}, first)


async def test_opinions_said_at_once_are_all_kept(documents: FirestoreDocuments, path: str) -> None:
    user = path.partition("/")[2]
    uris = [Uri("artist", artist_id(number)) for number in range(5)]
    await asyncio.gather(*(remember(documents, user, uri, Opinion.less) for uri in uris))
    kept = user_mixes((await documents.read([path]))[path])
    assert len(kept.opinions) == len(uris)


async def test_one_of_many_runs_holds_the_night(documents: FirestoreDocuments) -> None:
    leases = [Lease(documents) for _ in range(5)]
    taken = [held for held in await asyncio.gather(*(each.take() for each in leases)) if held]
    assert len(taken) == 1
    [held] = taken
    assert held.state.step is Step.facts
    holder = next(each for each in leases if each._name == held.state.holder)
    await holder.keep(held, held.state)
    await holder.release(held)
    await documents.replace(STATE, to_document(State()))


async def test_many_documents_at_once(documents: FirestoreDocuments) -> None:
    prefix = uuid.uuid4()
    paths = [f"radio/{prefix}-{number}" for number in range(450)]
    await documents.replace_all({path: {"tracks": []} for path in paths})
    assert len(await documents.read(paths)) == 450
