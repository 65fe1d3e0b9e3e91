"""Long lists in chunks against plain lists."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.library.sequence import (
    KEPT_CHUNKS,
    Directory,
    Entry,
    spliced,
    touched,
)
from functions.library.splices import Since, Splice, ranges

MOST = 4


def entries(first: int, count: int) -> list[Entry]:
    return [Entry(f"id{first + at}", first + at, "anna") for at in range(count)]


class Chunked:
    """A list as the store keeps it: chunks by key, of which an edit knows only those it touches."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.directory = Directory()
        self.chunks: dict[str, list[Entry]] = {}
        self.version = 0

    def apply(self, splice: Splice, new: list[Entry]) -> set[str]:
        """The keys that were written."""
        keys = touched(self.directory, splice, self.most)
        self.version += 1
        written = spliced(
            self.directory,
            {key: self.chunks[key] for key in keys},
            splice,
            new,
            version=self.version,
            most=self.most,
        )
        assert not written.chunks.keys() & self.chunks.keys()
        self.chunks |= written.chunks
        for key in written.deleted:
            del self.chunks[key]
        self.directory = written.directory
        return set(written.chunks)

    def all(self) -> list[Entry]:
        return read(self.directory, self.chunks)


def read(directory: Directory, chunks: Mapping[str, list[Entry]]) -> list[Entry]:
    for ref in directory.chunks:
        assert len(chunks[ref.key]) == ref.count
    return [entry for ref in directory.chunks for entry in chunks[ref.key]]


def applied(plain: list[Entry], splice: Splice, new: list[Entry]) -> list[Entry]:
    """The same edit on a plain list."""
    moved = [entry for at, entry in enumerate(plain) if splice.removes(at)]
    before = [e for at, e in enumerate(plain) if at < splice.gap and not splice.removes(at)]
    after = [e for at, e in enumerate(plain) if at >= splice.gap and not splice.removes(at)]
    return before + (moved if splice.moved else new) + after


@st.composite
def edits(draw: st.DrawFn, total: int) -> tuple[Splice, int]:
    """An edit of a list of so many entries, and how many new ones it brings."""
    removed = ranges(draw(st.sets(st.integers(0, total - 1), max_size=total)) if total else ())
    gone = sum(end - start for start, end in removed)
    gap = draw(st.integers(0, total))
    match draw(st.sampled_from(["insert", "remove", "move", "replace"])):
        case "insert":
            count = draw(st.integers(1, 11))
            return Splice((), gap, count), count
        case "move" if gone:
            return Splice(removed, gap, gone, moved=True), 0
        case "replace":
            count = draw(st.integers(0, 11))
            return Splice(((0, total),) if total else (), 0, count), count
        case _:
            return Splice(removed), 0


@given(st.data(), st.integers(1, 6))
@settings(deadline=None, max_examples=150)
def test_a_chunked_list_is_the_plain_list(data: st.DataObject, most: int) -> None:
    chunked, plain = Chunked(most), list[Entry]()
    for step in range(data.draw(st.integers(1, 12))):
        splice, count = data.draw(edits(len(plain)))
        new = entries(100 * step, count)
        chunked.apply(splice, new)
        plain = applied(plain, splice, new)
        assert chunked.all() == plain
        assert chunked.directory.total == len(plain)
        assert all(0 < ref.count <= most for ref in chunked.directory.chunks)
        assert len(chunked.directory.chunks) <= 2 * -(-len(plain) // most) + 8 + 6 * 12


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_positions_are_followed_through_later_edits(data: st.DataObject) -> None:
    plain = entries(0, data.draw(st.integers(1, 12)))
    before, splices = plain, []
    for step in range(1, data.draw(st.integers(2, 6))):
        splice, count = data.draw(edits(len(plain)))
        plain = applied(plain, splice, entries(100 * step, count))
        splices.append(splice)
    since = Since(splices, len(plain))
    assert since.total == len(before)
    for position, entry in enumerate(before):
        now = since.position(position)
        assert (plain.index(entry) if entry in plain else None) == now
    gaps = [since.gap(gap) for gap in range(len(before) + 1)]
    assert gaps == sorted(gaps)
    assert all(0 <= gap <= len(plain) for gap in gaps)


@given(st.data())
@settings(deadline=None)
def test_a_gap_stays_between_its_neighbours(data: st.DataObject) -> None:
    plain = entries(0, 10)
    gap = data.draw(st.integers(0, 10))
    splice, count = data.draw(edits(10))
    if splice.moved:
        return
    after = applied(plain, splice, entries(100, count))
    here = splice.gap_after(gap)
    assert [entry for entry in after[:here] if entry in plain] == [
        entry for entry in plain[:gap] if entry in after
    ]


def test_an_edit_writes_what_it_touches_and_no_more() -> None:
    chunked = Chunked(500)
    for at in range(100):
        chunked.apply(Splice((), at * 100, 100), entries(at * 100, 100))
    assert [ref.count for ref in chunked.directory.chunks] == [500] * 20
    assert len(chunked.apply(Splice((), 10_000, 1), entries(10_000, 1))) <= 2
    assert len(chunked.apply(Splice((), 5_050, 1), entries(10_001, 1))) == 2
    assert len(chunked.apply(Splice(((7_100, 7_110),), 100, 10, moved=True), [])) <= 3
    assert len(chunked.apply(Splice(((4_000, 4_001),)), [])) == 1


def test_chunks_that_are_wholly_replaced_are_not_read() -> None:
    chunked = Chunked()
    chunked.apply(Splice((), 0, 20), entries(0, 20))
    assert touched(chunked.directory, Splice(((0, 20),), 0, 3), MOST) == []
    assert touched(chunked.directory, Splice(((2, 18),)), MOST) == ["1-0", "1-4"]


def test_who_holds_an_older_directory_can_still_read() -> None:
    chunked = Chunked()
    chunked.apply(Splice((), 0, 8), entries(0, 8))
    held, before = chunked.directory, chunked.all()
    for at in range(KEPT_CHUNKS):
        chunked.apply(Splice((), 8 + at, 1), entries(100 + at, 1))
        if at < KEPT_CHUNKS // 2:
            assert read(held, chunked.chunks) == before
    assert len(chunked.chunks) <= len(chunked.directory.chunks) + KEPT_CHUNKS


def test_a_list_that_was_thinned_out_is_written_anew() -> None:
    chunked = Chunked(100)
    for at in range(40):
        chunked.apply(Splice((), 0, 100), entries(at * 100, 100))
    for at in range(39, -1, -1):
        chunked.apply(Splice(((at * 100, at * 100 + 99),)), [])
    assert chunked.directory.total == 40
    assert len(chunked.directory.chunks) <= 11


def test_chunks_of_a_stretch_of_positions() -> None:
    chunked = Chunked()
    chunked.apply(Splice((), 0, 10), entries(0, 10))
    assert chunked.directory.within(3, 5) == (["1-0", "1-1"], 0)
    assert chunked.directory.within(4, 8) == (["1-1"], 4)
    assert chunked.directory.within(10, 20) == ([], 0)
