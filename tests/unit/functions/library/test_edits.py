"""The edits of playlists against plain lists, also on snapshots that are out of date."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.library.edits import (
    MOST_ITEMS,
    Add,
    Edit,
    Removal,
    Remove,
    Reorder,
    Replace,
    Sheet,
)
from functions.library.journal import MOST_KEYS, MOST_SPLICES, Journal, Known, digest
from functions.library.sequence import Entry
from functions.library.splices import Since, Splice
from shared import ids
from shared.errors import BadRequest
from shared.snapshots import snapshot_id, version_of
from tests.unit.functions.library.test_sequence import applied

PLAYLIST = ids.derive("playlist", "one")


def entries(names: str) -> list[Entry]:
    return [Entry(name, at, "anna") for at, name in enumerate(names)]


def names(found: Sequence[Entry]) -> str:
    return "".join(entry.id for entry in found)


def edited(plain: list[Entry], edit: Edit, *, since: Sequence[Splice] = ()) -> list[Entry]:
    return _edited(plain, edit, since)[0]


def _edited(
    plain: list[Entry], edit: Edit, since: Sequence[Splice] = ()
) -> tuple[list[Entry], Splice]:
    planned = edit.planned(Sheet(len(plain), Since(since, len(plain)), plain))
    return applied(plain, planned.splice, list(planned.entries)), planned.splice


@given(st.text("abc", max_size=12), st.data())
def test_edits_do_what_they_do_to_a_plain_list(text: str, data: st.DataObject) -> None:
    plain, total = entries(text), len(text)
    new = entries(data.draw(st.text("xyz", max_size=4)))
    at = data.draw(st.integers(0, total))
    assert edited(plain, Add(new, at)) == plain[:at] + new + plain[at:]
    assert edited(plain, Add(new)) == plain + new
    assert edited(plain, Replace(new)) == new
    gone = data.draw(st.sets(st.sampled_from("abc")))
    removed = edited(plain, Remove([Removal(id) for id in gone]))
    assert names(removed) == "".join(name for name in text if name not in gone)
    places = data.draw(st.sets(st.integers(0, total - 1))) if total else set()
    removed = edited(plain, Remove([Removal(text[place], [place]) for place in places]))
    assert removed == [entry for place, entry in enumerate(plain) if place not in places]


@given(st.integers(1, 10), st.data())
def test_a_reorder_is_the_web_apis(total: int, data: st.DataObject) -> None:
    plain = entries("abcdefghij"[:total])
    start = data.draw(st.integers(0, total - 1))
    length = data.draw(st.integers(1, total - start))
    before = data.draw(st.integers(0, total))
    moved = edited(plain, Reorder(start, before, length))
    stretch = plain[start : start + length]
    kept_before = [each for each in plain[:before] if each not in stretch]
    kept_after = [each for each in plain[before:] if each not in stretch]
    assert moved == kept_before + stretch + kept_after


def test_the_contracts_own_examples_of_reordering() -> None:
    ten = entries("0123456789")
    assert names(edited(ten, Reorder(0, 10))) == "1234567890"
    assert names(edited(ten, Reorder(9, 0))) == "9012345678"
    assert names(edited(ten, Reorder(8, 0, 2))) == "8901234567"


@given(st.data())
@settings(deadline=None)
def test_an_older_snapshots_positions_mean_the_items_that_were_there(data: st.DataObject) -> None:
    """Whatever others do in between: what was meant is moved or removed, and nothing else."""
    seen = entries("abcdefgh")
    now, splices = seen, list[Splice]()
    for step in range(data.draw(st.integers(0, 4))):
        now, splice = _edited(now, data.draw(_edit(now, step)))
        splices.append(splice)
    place = data.draw(st.integers(0, 7))
    meant = seen[place]
    removed = edited(now, Remove([Removal(meant.id, [place])]), since=splices)
    assert removed == [entry for entry in now if entry != meant]
    length = data.draw(st.integers(1, 8 - place))
    stretch = [each for each in seen[place : place + length] if each in now]
    moved = edited(now, Reorder(place, data.draw(st.integers(0, 8)), length), since=splices)
    assert sorted(moved) == sorted(now)
    left = [each for each in moved if each not in stretch]
    assert left == [each for each in now if each not in stretch]
    if stretch:
        first = min(moved.index(each) for each in stretch)
        assert set(moved[first : first + len(stretch)]) == set(stretch)


@st.composite
def _edit(draw: st.DrawFn, plain: list[Entry], step: int) -> Edit:
    total = len(plain)
    match draw(st.sampled_from(["add", "remove", "reorder", "replace"])):
        case "remove" if total:
            place = draw(st.integers(0, total - 1))
            return Remove([Removal(plain[place].id, [place])])
        case "reorder" if total:
            start = draw(st.integers(0, total - 1))
            return Reorder(start, draw(st.integers(0, total)), draw(st.integers(1, total - start)))
        case "replace":
            return Replace([Entry(f"r{step}", step)])
        case _:
            return Add([Entry(f"n{step}{at}", at) for at in range(2)], draw(st.integers(0, total)))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Add(entries("x"), 4), "position"),
        (Add(entries("x"), -1), "position"),
        (Add([Entry("x", 0)] * MOST_ITEMS), "size limit"),
        (Reorder(3, 0), "range_start"),
        (Reorder(-1, 0), "range_start"),
        (Reorder(0, 4), "insert_before"),
        (Reorder(0, -1), "insert_before"),
        (Reorder(1, 0, 3), "range_start"),
        (Reorder(1, 0, 0), "range_length"),
        (Remove([Removal("a", [3])]), "positions"),
        (Remove([Removal("a", [-1])]), "positions"),
        (Remove([Removal("a", [1])]), "another"),
    ],
)
def test_what_cannot_be_done_is_named(edit: Edit, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        edited(entries("abc"), edit)
    assert message in refused.value.message


def test_bounds_are_those_of_the_snapshot() -> None:
    shrunk = [Splice(((1, 3),))]
    assert names(edited(entries("a"), Reorder(0, 3), since=shrunk)) == "a"
    grown = [Splice((), 0, 2)]
    with pytest.raises(BadRequest):
        edited(entries("xya"), Reorder(1, 0), since=grown)


def test_snapshot_ids() -> None:
    made = {snapshot_id(PLAYLIST, version) for version in range(100)}
    assert len(made) == 100
    assert [version_of(PLAYLIST, snapshot_id(PLAYLIST, version)) for version in (1, 7)] == [1, 7]
    other = snapshot_id(ids.derive("playlist", "two"), 1)
    for text in ("", "AAAA", "!", other, snapshot_id(PLAYLIST, 1)[:-2] + "xx", "é"):
        with pytest.raises(BadRequest, match="snapshot_id"):
            version_of(PLAYLIST, text)


def test_what_is_remembered_is_bounded() -> None:
    journal = Journal()
    for version in range(1, 1001):
        splice = Splice(tuple((2 * at, 2 * at + 1) for at in range(40)))
        journal = journal.noting(splice, Known(digest(str(version)), b"", version))
    assert len(journal.requests) == MOST_KEYS
    assert len(journal.splices) <= MOST_SPLICES
    assert sum(len(splice.removed) for splice in journal.splices) <= 2000
    assert journal.known(digest("1000")) == Known(digest("1000"), b"", 1000)
    assert journal.known(digest("1")) is None
    assert journal.since(1, 1000, 5) is None
    assert journal.since(1001, 1000, 5) is None
    since = journal.since(1000, 1000, 5)
    assert since is not None
    assert since.position(3) == 3
