import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.recommendations.model import MOST_OPINIONS, Mix, MixTrack, Opinion, Why
from functions.recommendations.opinions import remember, shown, user_mixes
from functions.recommendations.store import mixes_path
from shared.documents import from_document
from shared.errors import Forbidden
from shared.mixes import Kind
from shared.uris import Uri
from tests.unit.functions.recommendations.fakes import MemoryDocuments, artist_id, track_id

PATH = mixes_path("ada")


def mix_of(artists: list[int], size: int = 30) -> Mix:
    tracks = [MixTrack(track_id(n), [artist_id(a)], Why.because) for n, a in enumerate(artists)]
    return Mix(id="m", kind=Kind.daily_mix, period="2026-11-25", size=size, tracks=tracks)


def test_spares_step_in_for_what_is_hidden() -> None:
    mix = mix_of(list(range(6)), size=4)
    hidden = {f"track:{track_id(0)}": Opinion.hide, f"artist:{artist_id(2)}": Opinion.hide}
    assert [track.id for track in shown(mix, hidden)] == [track_id(n) for n in (1, 3, 4, 5)]


def test_of_whom_less_is_wanted_one_track_is_left() -> None:
    mix = mix_of([1, 1, 2, 1, 2])
    less = {f"artist:{artist_id(1)}": Opinion.less}
    assert [track.id for track in shown(mix, less)] == [track_id(n) for n in (0, 2, 4)]


def test_what_more_is_wanted_of_stays() -> None:
    mix = mix_of([1, 1, 2])
    more = {f"artist:{artist_id(1)}": Opinion.more, f"track:{track_id(2)}": Opinion.more}
    assert shown(mix, more) == mix.tracks


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), max_size=20),
    st.dictionaries(st.integers(0, 5), st.sampled_from(Opinion)),
    st.integers(1, 20),
)
def test_what_is_shown_keeps_to_what_was_said(
    artists: list[int], said: dict[int, Opinion], size: int
) -> None:
    mix = mix_of(artists, size)
    opinions = {f"artist:{artist_id(n)}": opinion for n, opinion in said.items()}
    found = shown(mix, opinions)
    assert len(found) <= size
    assert [track for track in mix.tracks if track in found] == found
    for number, opinion in said.items():
        theirs = sum(artist_id(number) in track.artists for track in found)
        most = {Opinion.hide: 0, Opinion.less: 1, Opinion.more: len(artists)}
        assert theirs <= most[opinion]


async def test_an_opinion_leaves_the_mixes_as_they_are() -> None:
    documents = MemoryDocuments()
    await documents.replace(PATH, {"made_at": 5, "model": "mf_0", "mixes": []})
    await remember(documents, "ada", Uri("track", track_id(1)), Opinion.hide)
    assert documents.kept[PATH] == {
        "made_at": 5,
        "model": "mf_0",
        "mixes": [],
        "said": [{"of": f"track:{track_id(1)}", "opinion": "hide"}],
    }


async def test_an_opinion_can_be_changed_and_taken_back() -> None:
    documents = MemoryDocuments()
    uri = Uri("artist", artist_id(1))
    for opinion in (Opinion.hide, Opinion.less, Opinion.less):
        await remember(documents, "ada", uri, opinion)
    assert documents.kept[PATH]["said"] == [{"of": f"artist:{artist_id(1)}", "opinion": "less"}]
    await remember(documents, "ada", uri, None)
    assert documents.kept[PATH]["said"] == []


async def test_the_oldest_opinions_go() -> None:
    documents = MemoryDocuments()
    old = [{"of": f"track:{track_id(n)}", "opinion": "hide"} for n in range(MOST_OPINIONS)]
    await documents.replace(PATH, {"said": old})
    await remember(documents, "ada", Uri("track", track_id(9999)), Opinion.hide)
    kept = user_mixes((await documents.read([PATH]))[PATH]).opinions
    assert len(kept) == MOST_OPINIONS
    assert f"track:{track_id(0)}" not in kept
    assert f"track:{track_id(9999)}" in kept


async def test_two_opinions_at_once_are_both_kept() -> None:
    documents = MemoryDocuments()

    async def meanwhile() -> None:
        await remember(documents, "ada", Uri("track", track_id(2)), Opinion.hide)

    documents.in_between = meanwhile
    await remember(documents, "ada", Uri("track", track_id(1)), Opinion.hide)
    assert len(documents.kept[PATH]["said"]) == 2


async def test_who_was_erased_says_nothing() -> None:
    documents = MemoryDocuments()
    await documents.replace(PATH, {"erased": True})
    with pytest.raises(Forbidden):
        await remember(documents, "ada", Uri("track", track_id(1)), Opinion.hide)


def test_spares_step_in_for_what_is_explicit() -> None:
    mix = mix_of(list(range(6)), size=3)
    noted = [replace(each, explicit=at in {0, 3}) for at, each in enumerate(mix.tracks)]
    mix = replace(mix, tracks=noted)
    filtered = shown(mix, {}, explicit_filter=True)
    assert [track.id for track in filtered] == [track_id(n) for n in (1, 2, 4)]
    assert shown(mix, {}) == noted[:3]


def test_what_no_night_has_noted_may_be_explicit() -> None:
    stored = {"id": "t", "artists": [], "why": "because", "about": ""}
    mix = replace(mix_of([]), tracks=[from_document(stored, MixTrack)])
    assert shown(mix, {}, explicit_filter=True) == []
    assert shown(mix, {}) == mix.tracks
