from collections.abc import Sequence

import pytest

from functions.library.covers import SIZES
from functions.library.describe import Describer
from functions.library.model import Playlist
from functions.library.people import People
from functions.library.shapes import Shapes
from shared.errors import Unavailable
from shared.protos.catalog_pb2 import Track
from tests.unit.functions.library.fakes import URL, FakeCatalog, MemoryDocuments
from tests.unit.functions.library.harness import TRACKS


class CoverlessFirst(FakeCatalog):
    """Of the first track there is no cover."""

    async def tracks(self, wanted: Sequence[str]) -> list[Track]:
        found = await super().tracks(wanted)
        return [Track(id=each.id) if each.id == TRACKS[0] else each for each in found]


class Away(FakeCatalog):
    async def tracks(self, wanted: Sequence[str]) -> list[Track]:
        raise Unavailable("away")


def describer(catalog: FakeCatalog) -> Describer:
    return Describer(catalog, People(MemoryDocuments()), Shapes(URL))


def playlist(*first: str, cover_id: str = "") -> Playlist:
    return Playlist(id="p", owner="anna", name="x", first=first, cover_id=cover_id)


async def shown(catalog: FakeCatalog, one: Playlist) -> list[str]:
    images = await describer(catalog).images([one])
    return [image.url for image in images[one.id]]


async def test_a_playlists_own_cover_goes_before_its_tracks() -> None:
    catalog = FakeCatalog(tracks=TRACKS)
    urls = await shown(catalog, playlist(TRACKS[0], cover_id="own"))
    assert urls == [f"{URL}/images/own/{size}.jpg" for size in SIZES]
    assert catalog.asked == 0


async def test_the_first_track_with_a_cover_stands_for_the_playlist() -> None:
    [widest, *_] = await shown(CoverlessFirst(tracks=TRACKS), playlist(TRACKS[0], TRACKS[1]))
    assert widest == f"{URL}/images/cover-{TRACKS[1]}/640.jpg"
    assert await shown(CoverlessFirst(tracks=TRACKS), playlist(TRACKS[0])) == []
    assert await shown(FakeCatalog(), playlist()) == []


async def test_without_the_catalogue_playlists_are_listed_without_covers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    [listed] = await describer(Away()).simplified([playlist(TRACKS[0])])
    assert listed.images == []
    assert "no covers" in caplog.text
