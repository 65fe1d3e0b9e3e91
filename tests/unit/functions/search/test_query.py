"""Any text is a query; what it means is what the contract says."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.search import build, match
from functions.search.model import Kind
from functions.search.query import MOST_CLAUSES, Filter, Query, Term, Years, parse
from tests.unit.functions.search.fakes import TODAY


def one(q: str) -> object:
    """The only part of a query of one clause."""
    [[part]] = parse(q).clauses
    return part


@pytest.mark.parametrize(
    ("q", "part"),
    [
        ("Jazz", Term(("jazz",))),
        ('"kind of blue"', Term(("kind", "of", "blue"), is_phrase=True)),
        ('"kind"', Term(("kind",))),
        ("track:Doxy", Term(("doxy",), "track")),
        ("ARTIST: miles", Term(("miles",), "artist")),
        ('artist:"Miles Davis"', Term(("miles", "davis"), "artist", is_phrase=True)),
        ("year:1994", Years(1994, 1994)),
        ("year:1994-1990", Years(1990, 1994)),
        ("year:0001-9999", Years(1800, 2100)),
        ("isrc:GB-AYE-69-00531", Filter("isrc", "GB-AYE-69-00531")),
        ("upc:00602537", Filter("upc", "00602537")),
        ('genre:"hip hop"', Filter("genre", "hip hop")),
        ("tag:NEW", Filter("tag", "new")),
    ],
)
def test_one_part(q: str, part: object) -> None:
    assert one(q) == part


def test_or_binds_its_neighbours_and_not_takes_the_next() -> None:
    query = parse("blue OR green light NOT day")
    assert query.clauses == ((Term(("blue",)), Term(("green",))), (Term(("light",)),))
    assert query.without == (Term(("day",)),)


def test_small_or_is_a_word() -> None:
    assert len(parse("to be or not to be").clauses) == 6


@pytest.mark.parametrize("q", ["OR", "NOT", "OR OR NOT", "a OR", "NOT NOT a", "AND", "a AND"])
def test_operators_without_their_words(q: str) -> None:
    assert len(parse(q).clauses) <= 1


@pytest.mark.parametrize("q", ["year:soon", "tag:old", "year:", "album:", 'artist:""', "upc:"])
def test_a_filter_that_says_nothing_is_words_or_nothing(q: str) -> None:
    assert all(isinstance(part, Term) for part in parse(q).parts)


@pytest.mark.parametrize(
    ("q", "goes_on"),
    [
        ("nir", True), ("artist:nir", True), ("smells like te", True), ("nir ", False),
        ('"nir"', False), ('"nir', True), ("year:199", True), ("year:1994", False),
        ("nir!", False), ("a NOT b", False), ("", False),
    ],
)  # fmt: skip
def test_the_last_word_may_go_on(q: str, goes_on: bool) -> None:
    assert parse(q).is_partial is goes_on


def test_an_open_quote_is_being_typed() -> None:
    assert parse('"kind of bl').clauses == ((Term(("kind",)),), (Term(("of",)),), (Term(("bl",)),))


def test_only_so_much_counts() -> None:
    assert len(parse("word " * 2_000).clauses) == MOST_CLAUSES
    assert len(parse("NOT word " * 2_000).without) == MOST_CLAUSES


ODD = st.text(
    st.one_of(st.characters(), st.sampled_from("\"'():*^-+~\\\x00 \u200bORNTAD")), max_size=200
)


@pytest.fixture(scope="module")
def empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    build.create_schema(connection)
    return connection


@settings(deadline=None)
@given(q=ODD)
def test_whatever_is_asked_fts5_understands(q: str, empty: sqlite3.Connection) -> None:
    query = parse(q)
    for kind in Kind:
        if match.is_possible(query, kind):
            expression = match.expression(query, kind, {}, TODAY)
            if expression:
                table = f"{kind.value}_words"
                empty.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", (expression,))


@pytest.mark.parametrize(
    "q",
    [
        "x" * 10_000, '"' * 10_001, "a) OR (b", 'name : "x" NEAR(a b)', "NEAR/2", "col:*",
        "😀" * 3_000, "\x00", "🎸 rock", "'; DROP TABLE track_docs; --",
        "^a + b", "year:1-2-3", "((((" * 500,
    ],
)  # fmt: skip
def test_hostile_text(q: str, empty: sqlite3.Connection) -> None:
    query = parse(q)
    if match.is_possible(query, Kind.track):
        expression = match.expression(query, Kind.track, {}, TODAY)
        empty.execute("SELECT 1 FROM track_words WHERE track_words MATCH ?", (expression,))


def test_what_a_kind_cannot_have_finds_nothing_of_it() -> None:
    assert not match.is_possible(parse("isrc:GB1"), Kind.album)
    assert not match.is_possible(parse("track:one"), Kind.artist)
    assert not match.is_possible(parse("year:1990"), Kind.playlist)
    assert not match.is_possible(Query(), Kind.track)
    assert match.is_possible(parse("one"), Kind.user)
