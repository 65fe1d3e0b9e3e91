from functions.catalog.names import VARIOUS_ARTISTS
from functions.catalog.popular import PopularTracks
from functions.catalog.related import related
from functions.catalog.shelves import Row
from shared import ids
from tests.unit.functions.catalog.browsing import row, tracks_of


def names(*rows: Row, of: str = "Me", limit: int = 20) -> list[str]:
    tracks: PopularTracks = tracks_of(*rows)
    by_id = {artist.id: artist.name for each in rows for artist in each.artists}
    return [by_id[each] for each in related(tracks, ids.derive("artist", of), limit)]


def test_nearness() -> None:
    found = names(
        row("mine", by=["Me", "Partner"], album="ours", genres=["folk", "rock"]),
        row("ours", by=["Neighbour"], album="ours", genres=[]),
        row("alike", by=["Alike"], genres=["folk", "rock"]),
        row("half alike", by=["Half"], genres=["folk"]),
        row("other", by=["Stranger"], genres=["metal"]),
    )
    assert found == ["Partner", "Alike", "Neighbour", "Half"]


def test_of_equals_the_more_popular() -> None:
    rows = [row("mine", by=["Me"], genres=["x"])]
    rows += [row(name, by=[name], genres=["x"]) for name in ("First", "Second", "Third")]
    assert names(*rows) == ["First", "Second", "Third"]
    assert names(*rows, limit=2) == ["First", "Second"]


def test_nobody_is_related_to_themselves_or_to_everybody() -> None:
    assert names(row("mine", by=["Me"], genres=["x"]), row("mine too", by=["Me"])) == []
    tracks = tracks_of(row("mine", genres=["x"], artists=[VARIOUS_ARTISTS]))
    assert related(tracks, VARIOUS_ARTISTS.id, 20) == []


def test_an_artist_that_is_not_known() -> None:
    assert names(row("mine", by=["Me"], genres=["x"]), of="Nobody") == []
