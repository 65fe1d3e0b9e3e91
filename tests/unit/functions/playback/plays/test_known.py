import pytest

from functions.playback.plays.known import KnownTracks
from functions.playback.plays.report import KnownTrack
from shared.errors import Unavailable
from tests.unit.functions.playback.plays.fakes import MemoryCatalogue, track_id


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_what_is_known_is_not_asked_for_again_for_a_while() -> None:
    catalogue, clock = MemoryCatalogue(), Clock()
    known = KnownTracks(catalogue, clock=clock)
    both = [track_id(1), track_id(77)]

    assert await known.get(both) == {track_id(1): KnownTrack(180_000, "album")}
    assert await known.get(both) == {track_id(1): KnownTrack(180_000, "album")}
    assert catalogue.asked == [both]

    clock.now += 20  # it may have been added since
    await known.get(both)
    assert catalogue.asked[1:] == [[track_id(77)]]
    clock.now += 600
    await known.get([track_id(1)])
    assert catalogue.asked[2:] == [[track_id(1)]]


async def test_a_catalogue_that_is_away_matters_only_for_what_is_new() -> None:
    catalogue = MemoryCatalogue()
    known = KnownTracks(catalogue)
    await known.get([track_id(1)])
    catalogue.is_away = True
    assert track_id(1) in await known.get([track_id(1)])
    with pytest.raises(Unavailable):
        await known.get([track_id(2)])
