"""Real music, heard as the job hears it; what is true of all music has to be true of it."""

import io
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile

from functions.media.analysis.document import Interval
from functions.media.analysis.listener import Heard, hear, listen
from functions.media.encode import MONO_RATE
from tests.integration.functions.media.listening import ffmpeg

TRACKS = 12
ORCHESTRA_LUFS = -18.0


@pytest.fixture(scope="module")
def heard(music: Path) -> dict[str, Heard]:
    return {path.stem: of(path) for path in sorted(music.glob("*.ogg"))}


def of(path: Path) -> Heard:
    options = ("-ac", "1", "-ar", str(MONO_RATE), "-f", "f32le", "pipe:1")
    return hear(listen(io.BytesIO(ffmpeg("-i", path, *options).stdout)), ORCHESTRA_LUFS)


def test_all_of_each_track_is_heard(heard: dict[str, Heard], music: Path) -> None:
    assert len(heard) == TRACKS
    for name, each in heard.items():
        info = soundfile.info(music / f"{name}.ogg")
        assert each.analysis.track.duration == pytest.approx(info.duration, abs=0.01)


def test_every_track_has_segments_sections_and_a_key(heard: dict[str, Heard]) -> None:
    for name, each in heard.items():
        assert each.features.key >= 0, name
        assert len(each.analysis.segments) > len(each.analysis.sections) > 0, name
        assert any(each.vector), name


def test_orchestras_neither_sing_nor_talk(heard: dict[str, Heard]) -> None:
    for name, each in heard.items():
        assert each.features.instrumentalness > 0.5, name
        assert each.features.speechiness < 0.33, name


def test_a_march_has_a_beat_and_an_adagio_has_none(heard: dict[str, Heard]) -> None:
    assert heard["loyalists"].features.tempo == pytest.approx(115, abs=1)
    assert heard["loyalists"].features.tempo_confidence > 0.7
    assert heard["main_menu"].features.tempo == pytest.approx(120, abs=1)
    assert heard["sad"].features.tempo == 0


def test_beats_and_bars_are_even(heard: dict[str, Heard]) -> None:
    steady = heard["loyalists"].analysis
    for intervals in (steady.beats, steady.bars):
        assert _largest_change(intervals) < 0.25


def _largest_change(intervals: list[Interval]) -> float:
    """Between neighbours, as a share of the longer one."""
    inner = intervals[:-1]
    lengths = ((one.duration, other.duration) for one, other in pairwise(inner))
    return max(1 - min(pair) / max(pair) for pair in lengths)


def test_tracks_are_told_apart(heard: dict[str, Heard]) -> None:
    vectors = {tuple(each.vector) for each in heard.values()}
    assert len(vectors) == TRACKS
