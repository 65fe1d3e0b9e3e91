from typing import Any, cast

import pytest

from functions.recommendations.erasure import RecommendationsErasure
from functions.recommendations.features.statements import PERSONAL
from functions.recommendations.models import deep
from functions.recommendations.store import STATE, mixes_path
from functions.recommendations.warehouse import StatementFailed
from shared.errors import BadRequest
from shared.events import PersonErased, PersonErasedHere
from tests.unit.functions.recommendations.fakes import (
    DATASET,
    FakeWarehouse,
    MemoryDocuments,
    RecordingPublisher,
)

ERASED = PersonErased("e", "adalovelace", "2026-11-23T12:00:00Z")
PATH = mixes_path("adalovelace")


class World:
    def __init__(self) -> None:
        self.documents, self.warehouse = MemoryDocuments(), FakeWarehouse()
        self.publisher = RecordingPublisher()
        self.erasure = RecommendationsErasure(
            documents=self.documents,
            warehouse=self.warehouse,
            dataset=DATASET,
            publisher=cast(Any, self.publisher),
            topic="here",
        )


async def test_nothing_of_the_person_is_left() -> None:
    world = World()
    await world.documents.replace(
        PATH, {"made_at": 5, "mixes": [], "said": [{"of": "track:x", "opinion": "hide"}]}
    )
    await world.erasure.person_erased(ERASED)
    kept = world.documents.kept[PATH]
    assert kept["erased"] is True
    assert not kept["mixes"]
    assert not kept["said"]
    asked = [query for query, _ in world.warehouse.asked]
    assert {parameters["user_id"] for _, parameters in world.warehouse.asked} == {"adalovelace"}
    assert any("INSERT INTO `p.warehouse.erased`" in query for query in asked)
    of_training = [f"{table}{deep.HELD_OUT}" for table in deep.PERSONAL]
    for table in [*PERSONAL, *of_training]:
        assert any(f"DELETE FROM `p.warehouse.{table}`" in query for query in asked)
    [(topic, event)] = world.publisher.published
    assert topic == "here"
    assert isinstance(event, PersonErasedHere)
    assert event.service == "recommendations"


async def test_before_the_first_night_there_is_nothing_to_delete() -> None:
    world = World()

    async def missing(query: str, **_: Any) -> list[Any]:
        if "DELETE" in query:
            raise StatementFailed("Not found: Table", is_missing=True)
        return []

    world.warehouse.rows = missing  # type: ignore[method-assign]
    await world.erasure.person_erased(ERASED)
    assert len(world.publisher.published) == 1


async def test_what_is_not_deleted_is_not_confirmed() -> None:
    world = World()
    world.warehouse.fails = {"DELETE": 1}
    with pytest.raises(StatementFailed):
        await world.erasure.person_erased(ERASED)
    assert world.publisher.published == []
    await world.erasure.person_erased(ERASED)
    assert len(world.publisher.published) == 1


@pytest.mark.parametrize(("cursor", "left"), [("adalovelace", "adalov"), ("bob", "bob")])
async def test_the_nights_cursor_names_nobody_who_left(cursor: str, left: str) -> None:
    world = World()
    await world.documents.replace(STATE, {"night": "2026-11-25", "step": "mixes", "cursor": cursor})
    await world.erasure.person_erased(ERASED)
    assert world.documents.kept[STATE]["cursor"] == left


@pytest.mark.parametrize("user", ["", "a/b", "..", "x" * 200])
async def test_what_is_no_person_is_refused(user: str) -> None:
    world = World()
    with pytest.raises(BadRequest):
        await world.erasure.person_erased(PersonErased("e", user, ""))
    assert world.documents.kept == {}
