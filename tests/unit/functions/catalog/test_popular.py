import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from functions.catalog.model import Terms
from functions.catalog.popular import (
    ATTRIBUTES,
    DIMENSIONS,
    Popular,
    is_measured,
    vector_of,
)
from functions.catalog.shelves import Row
from shared.audience import ANYBODY, Audience
from shared.events import Features
from tests.unit.functions.catalog.browsing import MEASURED, row, tracks_of


class Shelf:
    """Counts how often it is asked; `rows` may change, and `away` makes it fail."""

    def __init__(self, *rows: Row) -> None:
        self.rows: Sequence[Row] = rows
        self.away = False
        self.asked: list[int] = []
        self.now = 0.0

    async def load(self, most: int) -> Sequence[Row]:
        self.asked.append(most)
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionError("away")
        return self.rows[:most]

    def popular(self, most: int = 100) -> Popular:
        return Popular(self.load, most=most, clock=lambda: self.now)


async def settle() -> None:
    """Lets what is under way come to its end, threads included."""
    for _ in range(20):
        await asyncio.sleep(0.005)


async def test_all_who_ask_at_once_share_one_load() -> None:
    shelf = Shelf(row("a"))
    popular = shelf.popular(most=7)
    found = await asyncio.gather(*(popular.get() for _ in range(10)))
    assert shelf.asked == [7]
    assert {len(tracks) for tracks in found} == {1}


async def test_a_newer_state_is_fetched_beside_the_requests() -> None:
    shelf = Shelf(row("a"))
    popular = shelf.popular()
    await popular.get()
    shelf.rows = [row("a"), row("b")]
    shelf.now = 9.9
    await popular.get()
    await settle()
    assert len(await popular.get()) == 1
    shelf.now = 10.0
    assert len(await popular.get()) == 1
    await settle()
    assert len(await popular.get()) == 2
    assert len(shelf.asked) == 2


async def test_many_tracks_are_read_less_often() -> None:
    shelf = Shelf(*(row(f"{number}") for number in range(1000)))
    popular = shelf.popular(most=1000)
    await popular.get()
    shelf.now = 99.9
    await popular.get()
    await settle()
    assert len(shelf.asked) == 1
    shelf.now = 100.0
    await popular.get()
    await settle()
    assert len(shelf.asked) == 2


async def test_an_outage_leaves_the_older_state_in_place() -> None:
    shelf = Shelf(row("a"))
    popular = shelf.popular()
    await popular.get()
    shelf.away, shelf.now = True, 20.0
    assert len(await popular.get()) == 1
    await settle()
    await popular.get()
    await settle()
    assert len(shelf.asked) == 2
    shelf.away, shelf.now = False, 51.0
    await popular.get()
    await settle()
    assert len(shelf.asked) == 3


async def test_an_outage_at_first_is_told_and_tried_again() -> None:
    shelf = Shelf(row("a"))
    shelf.away = True
    popular = shelf.popular()
    with pytest.raises(ConnectionError):
        await popular.get()
    shelf.away = False
    await settle()
    assert len(await popular.get()) == 1


async def test_who_gives_up_does_not_stop_the_others() -> None:
    shelf = Shelf(row("a"))
    popular = shelf.popular()
    impatient = asyncio.create_task(popular.get())
    patient = asyncio.create_task(popular.get())
    await asyncio.sleep(0)
    impatient.cancel()
    assert len(await patient) == 1
    assert len(shelf.asked) == 1


def test_values_are_by_attribute() -> None:
    tracks = tracks_of(row("a", popularity=70), row("b", features=Features()))
    measured = dict(zip(ATTRIBUTES, tracks.values[0], strict=True))
    assert (measured["tempo"], measured["key"]) == (120, 9)
    assert (measured["popularity"], measured["duration_ms"]) == (70, 200_000)
    unmeasured = dict(zip(ATTRIBUTES, tracks.values[1], strict=True))
    assert np.isnan(unmeasured["tempo"])
    assert unmeasured["duration_ms"] == 200_000
    assert tracks.measured.tolist() == [True, False]


def test_distances_are_from_the_middle_of_what_was_measured() -> None:
    quiet, loud = (replace(MEASURED, energy=energy) for energy in (0.0, 1.0))
    tracks = tracks_of(
        row("a", features=quiet), row("b", features=loud), row("c", features=Features())
    )
    distances = tracks.distances([0, 1, 2])
    assert distances is not None
    assert distances[:2] == pytest.approx([0.5, 0.5])
    assert tracks.distances([2]) is None


def test_silence_was_measured() -> None:
    assert is_measured(Features(loudness=-70.0))
    assert not is_measured(Features())


def test_keys_lie_on_the_circle_of_fifths() -> None:
    def of(key: int) -> np.ndarray:
        return np.array(vector_of(replace(MEASURED, key=key, key_confidence=1.0)))

    def apart(one: int, other: int) -> float:
        return float(np.linalg.norm(of(one) - of(other)))

    assert apart(0, 7) == pytest.approx(apart(0, 5))
    assert apart(0, 7) < apart(0, 2) < apart(0, 6)
    assert len(of(0)) == DIMENSIONS


def test_available_is_by_the_tracks_own_terms() -> None:
    tracks = tracks_of(
        row("everywhere"),
        row("sweden", terms=Terms(markets=["SE"])),
        row("past", terms=Terms(available_until="2020-01-01T00:00:00Z")),
    )
    now = "2026-01-01T00:00:00Z"
    assert tracks.available(Audience("SE"), now).tolist() == [True, True, False]
    assert tracks.available(Audience("NO"), now).tolist() == [True, False, False]
    assert tracks.available(ANYBODY, now).tolist() == [True, True, False]


def test_available_leaves_out_what_its_audience_filters() -> None:
    tracks = tracks_of(row("bold", explicit=True), row("mild"))
    filtered = Audience("SE", explicit_filter=True)
    assert tracks.available(filtered, "2026-01-01T00:00:00Z").tolist() == [False, True]
    assert tracks.available(Audience("SE"), "2026-01-01T00:00:00Z").tolist() == [True, True]
