"""A base with what came later is the base that would have been built of both."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.search import documents
from functions.search.engine import Engine
from functions.search.model import Document, Kind
from functions.search.overlay import Overlay
from functions.search.staging import Staging
from tests.unit.functions.search.fakes import (
    base_of,
    engine_of,
    playlist,
    search,
    track,
)


def gone(document: Document, version: int = 0) -> Document:
    return Document(document.kind, document.id, version=version, gone_at=1)


def user(id: str, name: str, version: int = 1) -> Document:
    return Document(Kind.user, id, name, version=version)


def test_a_change_takes_the_place_of_what_was(tmp_path: Path) -> None:
    before = track("Old Name", id="4iV5W9uYEdYUVa79Axb7Rh")
    after = track("New Name", id=before.id)
    engine = engine_of(tmp_path, before, later=[after])
    assert search(engine, "old") == []
    assert search(engine, "new") == [before.id]
    engine.overlay.apply([track("Newest", id=before.id)])
    assert search(engine, "new ") == []
    assert search(engine, "newest") == [before.id]


def test_what_is_gone_is_not_found_and_may_come_back(tmp_path: Path) -> None:
    here = track("Here")
    engine = engine_of(tmp_path, here, later=[gone(here)])
    assert search(engine, "here") == []
    engine.overlay.apply([here])
    assert search(engine, "here") == [here.id]


def test_hidden_ones_leave_room_for_others(tmp_path: Path) -> None:
    crowd = [track(f"Blue x{number}", popularity=90) for number in range(250)]
    quiet = track("Blue quiet", popularity=1)
    engine = engine_of(tmp_path, *crowd, quiet, later=[gone(each) for each in crowd])
    assert search(engine, "blue ") == [quiet.id]


def test_of_playlists_the_newest_version_holds(tmp_path: Path) -> None:
    old = playlist("Morning")
    new = playlist("Evening", version=3, id=old.id)
    engine = engine_of(tmp_path, new, later=[old])
    assert search(engine, "evening", Kind.playlist) == [old.id]
    assert search(engine, "morning", Kind.playlist) == []
    stored = engine.stored(Kind.playlist, old.id)
    assert stored is not None
    assert stored.name == "Evening"


def test_a_deleted_playlist_does_not_come_back_by_a_late_event(tmp_path: Path) -> None:
    here = playlist("Gone Soon", version=4)
    engine = engine_of(tmp_path, here, later=[gone(here, 5), here])
    assert search(engine, "gone", Kind.playlist) == []
    rebuilt = Engine(base_of(tmp_path, [gone(here, 5)], "rebuilt.db"))
    rebuilt.overlay.apply([here])
    assert search(rebuilt, "gone", Kind.playlist) == []


def test_who_is_erased_is_gone_with_their_playlists_for_good(tmp_path: Path) -> None:
    mine, theirs = playlist("Mine"), playlist("Theirs", owner="ben")
    recent = playlist("Recent")
    engine = engine_of(tmp_path, mine, theirs, user("anna", "Anna"), later=[recent])
    engine.overlay.apply([documents.of_erased("anna", 1)])
    engine.overlay.apply([user("anna", "Anna", version=10**15), playlist("Late", version=99)])
    assert search(engine, "anna", Kind.user) == []
    assert search(engine, "mine OR theirs OR recent OR late", Kind.playlist) == [theirs.id]
    assert engine.stored(Kind.playlist, mine.id) is None
    assert engine.stored(Kind.user, "anna") is None


NAMES = st.lists(
    st.sampled_from(["red", "green", "blue", "night", "day", "love"]), min_size=1, max_size=3
)
ITEMS = st.builds(
    lambda kind, number, name, popularity, version, is_gone: Document(
        kind,
        f"{kind.value}{number}",
        "" if is_gone else " ".join(name),
        popularity=popularity,
        # People who are gone are gone for good.
        version=documents.ERASED
        if is_gone and kind is Kind.user
        else version * (kind in {Kind.playlist, Kind.user}),
        owner=f"user{number % 2}" if kind is Kind.playlist else "",
        gone_at=int(is_gone),
    ),
    st.sampled_from([Kind.track, Kind.playlist, Kind.user]),
    st.integers(0, 3),
    NAMES,
    st.sampled_from([0, 50, 100]),
    st.integers(1, 4),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(before=st.lists(ITEMS, max_size=10), later=st.lists(ITEMS, max_size=10))
def test_base_and_log_are_what_compaction_makes_of_them(
    before: list[Document], later: list[Document]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = Staging(folder / "first")
        first.apply(before)
        base = base_of(folder, first.most_popular_first())
        both = Engine(base, Overlay(base))
        both.overlay.apply(later)
        first.apply(later)
        whole = Engine(base_of(folder, first.most_popular_first(), "whole.db"))
        for kind in (Kind.track, Kind.playlist, Kind.user):
            for q in ("red ", "green blue ", "night NOT day", "love OR red "):
                assert set(search(both, q, kind)) == set(search(whole, q, kind)), (q, kind)
        both.close()
        whole.close()
        first.close()
