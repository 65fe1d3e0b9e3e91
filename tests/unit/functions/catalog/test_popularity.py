import pytest

from functions.catalog.handlers import CatalogEvents
from shared import ids
from shared.errors import BadRequest
from shared.events import CatalogChanged, Change, Popularity, PopularityChanged
from tests.unit.functions.catalog.fakes import (
    MemoryCatalogue,
    MemoryEdits,
    MemoryPopularity,
    RecordingPublisher,
    catalog_events,
)

SONG = ids.derive("song")


class World:
    """The handlers, and what they keep and tell."""

    def __init__(self, fails: int = 0) -> None:
        self.popularity = MemoryPopularity()
        self.publisher = RecordingPublisher(fails)
        self.edits = MemoryEdits(MemoryCatalogue())
        self.events: CatalogEvents = catalog_events(
            store=MemoryCatalogue(),
            publisher=self.publisher,
            catalog_changed_topic="t",
            person_erased_here_topic="t",
            popularity=self.popularity,
            edits=self.edits,
        )

    def told(self) -> list[CatalogChanged]:
        return [
            event for _, event, _ in self.publisher.published if isinstance(event, CatalogChanged)
        ]


def computed(at: int, *popularities: int) -> PopularityChanged:
    items = [
        Popularity("track", ids.derive("song", str(number)), popularity)
        for number, popularity in enumerate(popularities)
    ]
    return PopularityChanged(f"event {at}", at, items)


async def test_it_is_written_and_told() -> None:
    world = World()
    await world.events.popularity_changed(computed(5, 10, 20))
    assert sorted(world.popularity.known.values()) == [(5, 10), (5, 20)]
    [event] = world.told()
    assert {change.type for change in event.changes} == {"track"}
    assert (len(event.changes), event.upload_id) == (2, "")


async def test_many_items_are_told_in_parts() -> None:
    world = World()
    await world.events.popularity_changed(computed(5, *[1] * 1000))
    assert [len(event.changes) for event in world.told()] == [300, 300, 300, 100]
    assert len({event.event_id for event in world.told()}) == 4


async def test_a_lost_publish_is_made_good_by_the_same_event() -> None:
    world = World(fails=1)
    with pytest.raises(TimeoutError):
        await world.events.popularity_changed(computed(5, 10))
    await world.events.popularity_changed(computed(5, 10))
    await world.events.popularity_changed(computed(5, 10))
    first, second = world.told()
    assert first == second


async def test_what_an_edit_left_untold_is_told() -> None:
    world = World()
    world.edits.untold_changes["edit"] = [Change("track", SONG)]
    await world.events.popularity_changed(computed(5))
    assert world.told() == [CatalogChanged("edit", "", 0, [Change("track", SONG)])]
    assert world.edits.untold_changes == {}


@pytest.mark.parametrize(
    "item",
    [
        Popularity("playlist", SONG, 1),
        Popularity("track", "../albums/x", 1),
        Popularity("track", SONG, 101),
        Popularity("track", SONG, -1),
    ],
)
async def test_what_is_no_popularity_is_refused_whole(item: Popularity) -> None:
    world = World()
    with pytest.raises(BadRequest):
        await world.events.popularity_changed(
            PopularityChanged("e", 1, [Popularity("track", SONG, 5), item])
        )
    assert world.popularity.known == {}
