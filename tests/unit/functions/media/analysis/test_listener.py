import io
import math
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.media.analysis.document import Analysis, Interval
from functions.media.analysis.frames import RATE, Floats, FrameMeter
from functions.media.analysis.listener import Heard, hear, listen
from tests.unit.functions.media.analysis import made

SOUNDS = {
    "clicks": made.clicks(120, 12, accent_every=4),
    "chord": made.chord(made.A_MINOR, 5),
    "silence": made.silence(3),
    "noise": made.noise(5),
    "short": made.chord(made.C_MAJOR, 0.2),
    "one sample": np.ones(1, np.float32),
    "nothing": made.silence(0),
}


@pytest.fixture(scope="module", params=SOUNDS)
def heard(request: pytest.FixtureRequest) -> Heard:
    return made.heard(SOUNDS[request.param])


def test_what_is_heard_is_json_that_reads_back(heard: Heard) -> None:
    assert msgspec.json.decode(msgspec.json.encode(heard.analysis), type=Analysis) == heard.analysis


def test_segments_and_sections_cover_the_track(heard: Heard) -> None:
    duration = heard.analysis.track.duration
    for parts in (heard.analysis.segments, heard.analysis.sections):
        assert parts[0].start == 0
        ends = [part.start + part.duration for part in parts]
        assert ends[:-1] == pytest.approx([part.start for part in parts[1:]], abs=1e-4)
        assert ends[-1] == pytest.approx(duration, abs=2e-3)
        assert all(part.duration > 0 for part in parts)


def test_segments_keep_their_bounds(heard: Heard) -> None:
    for segment in heard.analysis.segments:
        assert len(segment.pitches) == len(segment.timbre) == 12
        assert max(segment.pitches) in {0.0, 1.0}
        assert segment.loudness_max >= max(segment.loudness_start, -60)
        assert 0 <= segment.loudness_max_time <= segment.duration + 1e-5


def test_intervals_follow_each_other(heard: Heard) -> None:
    analysis = heard.analysis
    for intervals in (analysis.bars, analysis.beats, analysis.tatums):
        assert all(interval.duration > 0 for interval in intervals)
        assert _ends(intervals)[:-1] == pytest.approx([i.start for i in intervals[1:]], abs=1e-4)
    assert len(analysis.bars) <= len(analysis.beats) <= len(analysis.tatums)


def _ends(intervals: list[Interval]) -> list[float]:
    return [interval.start + interval.duration for interval in intervals]


def test_bars_are_of_four_beats() -> None:
    analysis = made.heard(SOUNDS["clicks"]).analysis
    assert analysis.track.time_signature == 4
    assert [bar.start for bar in analysis.bars] == [beat.start for beat in analysis.beats[::4]]
    assert analysis.bars[0].duration == pytest.approx(2, abs=0.03)


def test_the_pitches_of_a_chord() -> None:
    [segment] = made.heard(made.chord(made.C_MAJOR, 3)).analysis.segments
    strongest = sorted(range(12), key=lambda pitch: -segment.pitches[pitch])[:3]
    assert sorted(strongest) == [0, 4, 7]


def test_hearing_twice_is_the_same() -> None:
    one, other = (msgspec.json.encode(made.heard(made.noise(5))) for _ in range(2))
    assert one == other


samples_of_any_kind = st.lists(
    st.floats(width=32, allow_nan=True, allow_infinity=True), max_size=400
).flatmap(lambda values: st.integers(1, 200).map(lambda n: np.tile(np.array(values, "<f4"), n)))


@given(samples_of_any_kind, st.floats(-70, 5))
@settings(max_examples=60, deadline=None)
@example(np.full(RATE, 1e38, "<f4"), -70.0)
@example(np.tile(np.array([1, -1], "<f4"), RATE), 3.0)
def test_whatever_comes_the_numbers_are_finite(samples: Floats, lufs: float) -> None:
    heard = hear(listen(io.BytesIO(samples.tobytes())), lufs)
    assert all(math.isfinite(number) for number in _numbers(msgspec.to_builtins(heard)))
    assert heard.analysis.track.num_samples == len(samples)


def _numbers(value: Any) -> Iterator[float]:
    match value:
        case dict():
            for each in value.values():
                yield from _numbers(each)
        case list():
            for each in value:
                yield from _numbers(each)
        case float() | int():
            yield value


class Trickle(io.BytesIO):
    """Gives at most seven bytes at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(7)


def test_samples_may_arrive_in_pieces() -> None:
    data = made.noise(0.05).tobytes()
    assert listen(Trickle(data)).samples == len(data) // 4


def test_the_stream_is_read_to_its_end_even_if_hearing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("deaf")

    monkeypatch.setattr(FrameMeter, "add", fail)
    stream = io.BytesIO(made.noise(10).tobytes())
    drained = []
    monkeypatch.setattr(stream, "close", lambda: drained.append(stream.tell()))
    with pytest.raises(ValueError, match="deaf"):
        listen(stream)
    assert drained == [10 * RATE * 4]
