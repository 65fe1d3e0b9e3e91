import asyncio
import datetime
from collections.abc import Sequence

from functions.recommendations.features.dimensions import Dimensions
from functions.recommendations.warehouse import Row
from shared.events import CatalogChanged, Change
from tests.unit.functions.recommendations.fakes import (
    Clock,
    FakeCatalogue,
    FakeWarehouse,
    track_id,
)


class Vectors:
    def __init__(self) -> None:
        self.read: list[str] = []

    async def embedding(self, prefix: str) -> list[float]:
        self.read.append(prefix)
        return [0.1] * 64


class World:
    def __init__(self) -> None:
        self.catalogue, self.vectors = FakeCatalogue(250), Vectors()
        self.warehouse, self.clock = FakeWarehouse(), Clock()
        self.dimensions = Dimensions(
            catalogue=self.catalogue,
            embeddings=self.vectors,
            warehouse=self.warehouse,
            clock=self.clock,
        )


def changed(*numbers: int, event: str = "e") -> CatalogChanged:
    return CatalogChanged(event, "", 0, [Change("track", track_id(n)) for n in numbers])


async def test_a_track_is_noted_with_all_that_it_is() -> None:
    world = World()
    await world.dimensions.catalog_changed(changed(7))
    [row] = world.warehouse.appended.values()
    assert row["track_id"] == track_id(7)
    assert row["listed"] is True
    assert row["artist_names"] == ["Artist 1"]
    assert row["markets"] == ["SE", "NO"]
    assert row["embedding"] == [0.1] * 64
    assert datetime.datetime.fromisoformat(row["seen_at"]) == world.clock.now
    assert world.vectors.read == ["media/7"]


async def test_a_repeated_event_adds_nothing() -> None:
    world = World()
    for _ in range(3):
        await world.dimensions.catalog_changed(changed(1, 2, 2))
    assert len(world.warehouse.appended) == 2


async def test_a_track_that_is_gone_is_noted_as_gone() -> None:
    world = World()
    world.catalogue.gone.add(track_id(1))
    await world.dimensions.catalog_changed(changed(1))
    [row] = world.warehouse.appended.values()
    assert row["listed"] is False
    assert row["embedding"] == []


async def test_one_without_a_recording_is_not_listed() -> None:
    world = World()
    world.catalogue.known[track_id(1)].ClearField("media")
    world.catalogue.known[track_id(1)].playable = False
    await world.dimensions.catalog_changed(changed(1))
    [row] = world.warehouse.appended.values()
    assert row["listed"] is False
    assert world.vectors.read == []


async def test_albums_and_artists_are_passed_over() -> None:
    world = World()
    await world.dimensions.catalog_changed(
        CatalogChanged("e", "", 0, [Change("album", track_id(1)), Change("artist", track_id(2))])
    )
    assert world.warehouse.appended == {}


async def test_many_tracks_are_noted_in_parts() -> None:
    world = World()
    await world.dimensions.catalog_changed(changed(*range(250)))
    assert len(world.warehouse.appended) == 250


async def test_of_many_events_a_few_parts_are_held_at_once() -> None:
    world = World()
    held, most = 0, 0

    class SlowWarehouse(FakeWarehouse):
        async def append(self, table: str, rows: Sequence[tuple[str, Row]]) -> None:
            nonlocal held, most
            held += len(rows)
            most = max(most, held)
            await asyncio.sleep(0.001)
            held -= len(rows)
            await super().append(table, rows)

    warehouse = SlowWarehouse()
    dimensions = Dimensions(
        catalogue=world.catalogue, embeddings=world.vectors, warehouse=warehouse, clock=world.clock
    )
    events = [changed(*range(250), event=f"e{number}") for number in range(20)]
    await asyncio.gather(*map(dimensions.catalog_changed, events))
    assert len(warehouse.appended) == 20 * 250
    assert most <= 400
