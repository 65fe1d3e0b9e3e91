"""What is found, and in which order."""

from pathlib import Path

import pytest

from functions.search.engine import MOST_FOUND, RANKED, Engine
from functions.search.model import Document, Kind
from functions.search.query import parse
from tests.unit.functions.search.fakes import (
    TODAY,
    album,
    artist,
    by_popularity,
    engine_of,
    search,
    track,
)

TEEN = track("Smells Like Teen Spirit", "Nirvana", popularity=90, album="Nevermind",
             released="1991-09-10", genres=("grunge",), isrc="USGF19942501")  # fmt: skip
BLOOM = track("In Bloom", "Nirvana", popularity=70, album="Nevermind", released="1991")
LOVE = track("Love", "Unheard", popularity=0)
STORY = track("Love Story", "Heard", popularity=95, released="2008")
NIGHT = track("All Night Long", "Lionel Richie", popularity=60, released="1983")
CAFE = track("Café Müller", "Björk", popularity=5)
KINO = track("Группа крови", "Кино", popularity=50)
HIGHWAY = track("Highway to Hell", "AC/DC", popularity=80, released="1979")
SIGNS = track("!!!", "???", popularity=1)
ALL = (TEEN, BLOOM, LOVE, STORY, NIGHT, CAFE, KINO, HIGHWAY, SIGNS)
NAMES = {each.id: each.name for each in ALL}


@pytest.fixture(scope="module", params=["base", "overlay", "both"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The same documents in the file, in memory, and some in each."""
    half = {"base": len(ALL), "overlay": 0, "both": 5}[request.param]
    folder = tmp_path_factory.mktemp("engine")
    return engine_of(folder, *ALL[:half], later=ALL[half:])


def names(engine: Engine, q: str) -> list[str]:
    return [NAMES[id] for id in search(engine, q)]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("smells like teen spirit", TEEN),
        ("nirvana teen", TEEN),
        ("spirit nirvana", TEEN),
        ("smel", TEEN),
        ("nirvana blo", BLOOM),
        ("love", LOVE),
        ("love st", STORY),
        ("cafe muller", CAFE),
        ("CAFÉ MÜLLER", CAFE),
        ("bjork", CAFE),
        ("kino gruppa", KINO),
        ("кино", KINO),
        ("ac/dc highway", HIGHWAY),
        ('"teen spirit"', TEEN),
        ("artist:nirvana track:bloom", BLOOM),
        ("album:nevermind spirit", TEEN),
        ("artist:Lionel Richie", NIGHT),
        ("isrc:usgf19942501", TEEN),
        ("genre:Grunge", TEEN),
        ("year:1983", NIGHT),
        ("year:1975-1985 highway", HIGHWAY),
        ("nirvana NOT bloom", TEEN),
        ("bloom OR hell nirvana", BLOOM),
        ("!!!", SIGNS),
    ],
)
def test_found_first(engine: Engine, q: str, first: Document) -> None:
    assert names(engine, q)[:1] == [first.name]


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("smells like ten spirit", TEEN),  # missing
        ("smells like teeen spirit", TEEN),  # one too many
        ("smells like teen spiirt", TEEN),  # swapped
        ("smells like reen spirit", TEEN),  # wrong
        ("nirvna bloom", BLOOM),
        ("nriavna", None),
        ("lionel ritchie", NIGHT),
        ("lionle richie", NIGHT),
        ("bjrok", CAFE),
        ("highway to helll", HIGHWAY),
        ("high way hell", None),
        ("highwaytohell", None),
        ("lovestory", STORY),
        ("artist:nirvanna bloom", BLOOM),
        ("highway to hwll", HIGHWAY),
        ("spirk", TEEN),  # as it is typed
        ("highqa", HIGHWAY),
        ("lionel ricgi", NIGHT),
        ("spoirt", None),  # two errors
    ],
)
def test_one_typing_error_is_forgiven(engine: Engine, q: str, wanted: Document | None) -> None:
    found = names(engine, q)
    assert (found[:1] == [wanted.name]) if wanted else (found == [])


@pytest.mark.parametrize(
    "q",
    [
        '"spirit teen"', "track:nirvana", "artist:bloom", "year:1950", "genre:jazz", "xyzzy",
        "nirvana NOT nirvana", "NOT love", "upc:123", "tag:new", "isrc:none",
    ],
)  # fmt: skip
def test_nothing_is_found(engine: Engine, q: str) -> None:
    assert names(engine, q) == []


def test_a_whole_title_comes_before_a_part_of_a_popular_one(engine: Engine) -> None:
    assert names(engine, "love ") == ["Love", "Love Story"]


def test_of_equal_fits_the_popular_one_is_first(engine: Engine) -> None:
    assert names(engine, "nirvana ") == ["Smells Like Teen Spirit", "In Bloom"]


def test_what_is_spelled_right_is_not_corrected(engine: Engine) -> None:
    assert names(engine, "love") == ["Love", "Love Story"]


def test_a_whole_title_is_found_however_many_are_more_popular(tmp_path: Path) -> None:
    crowd = [track(f"Blue {number} x{number}", popularity=50) for number in range(400)]
    alone = track("Blue", "Last", popularity=0)
    engine = engine_of(tmp_path, *crowd, alone)
    assert search(engine, "blue")[0] == alone.id
    assert search(engine, "blue ")[0] == alone.id


def test_pages_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    crowd = [track(f"Blue x{number}", popularity=number % 100) for number in range(1_200)]
    engine = engine_of(tmp_path, *crowd[:700], later=crowd[700:])
    near, far = search(engine, "blue "), search(engine, "blue ", upto=MOST_FOUND)
    assert far[:100] == near[:100]
    assert len(set(far)) == len(far) >= MOST_FOUND
    assert RANKED < engine.search(parse("blue "), Kind.track, TODAY).total <= MOST_FOUND


def test_a_total_of_few_is_exact(engine: Engine) -> None:
    assert engine.search(parse("nirvana"), Kind.track, TODAY).total == 2


def test_new_and_unpopular_albums(tmp_path: Path) -> None:
    new = album("Fresh", released="2026-11-20", popularity=40)
    old = album("Stale", released="2026-10-01", popularity=50)
    dusty = album("Dusty", released="1999", popularity=0, upc="0042")
    others = [album(f"Other {number}", popularity=90) for number in range(17)]
    engine = engine_of(tmp_path, new, old, dusty, *others)
    assert search(engine, "tag:new", Kind.album) == [new.id]
    assert search(engine, "tag:hipster", Kind.album)[-1] == dusty.id
    assert len(search(engine, "tag:hipster", Kind.album)) == 2
    assert search(engine, "dusty tag:hipster", Kind.album) == [dusty.id]
    assert search(engine, "other tag:hipster", Kind.album) == []
    assert search(engine, "upc:42", Kind.album) == [dusty.id]


def test_kinds_do_not_mix(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, *by_popularity([track("Same"), album("Same")]))
    assert search(engine, "same") == [track("Same").id]
    assert search(engine, "same", Kind.album) == [album("Same").id]
    assert search(engine, "same", Kind.artist) == []


def test_artists_by_their_albums_years(tmp_path: Path) -> None:
    nirvana, bjork, nobody = artist("Nirvana"), artist("Björk"), artist("Nobody")
    documents = [
        nirvana,
        bjork,
        nobody,
        album("Nevermind", "Nirvana", released="1991-09-24", popularity=90),
        album("Debut", "Björk", released="1993", popularity=50),
        track("Smells Like Teen Spirit", "Nobody", released="1991"),
    ]
    engine = engine_of(tmp_path, *by_popularity(documents[:4]), later=documents[4:])
    assert search(engine, "year:1990-1999", Kind.artist) == [nirvana.id, bjork.id]
    assert search(engine, "year:1991 nirvana", Kind.artist) == [nirvana.id]
    assert search(engine, "artist:bjork year:1993", Kind.artist) == [bjork.id]
    assert search(engine, "year:1990-1999 NOT nirvana", Kind.artist) == [bjork.id]
    for nothing in ("year:1991 bjork", "year:1950", "year:1991 track:teen", "year:1991 nevermind"):
        assert search(engine, nothing, Kind.artist) == []


def test_an_empty_index_finds_nothing() -> None:
    engine = Engine(None)
    for kind in Kind:
        assert engine.search(parse("anything at all"), kind, TODAY).ids() == []
