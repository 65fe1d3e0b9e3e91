import numpy as np
import pytest

from functions.media.analysis.frames import FRAMES_PER_S, Floats
from functions.media.analysis.rhythm import Rhythm, rhythm
from tests.unit.functions.media.analysis import made


def of(samples: Floats) -> Rhythm:
    return rhythm(made.frames(samples))


@pytest.mark.parametrize("tempo", [60, 75, 90, 120, 133.3, 150])
def test_clicks_have_their_tempo(tempo: float) -> None:
    found = of(made.clicks(tempo, 20))
    assert found.tempo == pytest.approx(tempo, rel=0.002)
    assert found.tempo_confidence > 0.9


def test_beats_lie_on_the_clicks() -> None:
    found = of(made.clicks(120, 20))
    clicks = np.arange(0.1, 19.9, 0.5)
    assert len(found.beats) == len(clicks)
    # Seen as soon as the window reaches it, and never later than a frame after.
    assert np.abs(found.beats / FRAMES_PER_S - clicks).max() < 0.06
    assert found.beat_confidence.min() > 0.5


@pytest.mark.parametrize("metre", [3, 4, 5])
def test_accents_make_the_metre(metre: int) -> None:
    found = of(made.clicks(110, 40, accent_every=metre))
    assert (found.metre, found.downbeat) == (metre, 0)
    assert found.metre_confidence > 0.2


def test_the_first_downbeat_need_not_be_the_first_beat() -> None:
    samples = made.clicks(110, 40, accent_every=3)
    found = of(samples[round(0.5 * 60 / 110 * 22_050) :])
    assert (found.metre, found.downbeat) == (3, 2)


def test_halves_and_thirds_of_beats() -> None:
    def between(parts: int) -> int:
        loud = made.clicks(100, 20)
        quiet = made.clicks(100 * parts, 20)
        return of(loud + 0.4 * quiet).subdivision

    assert (between(1), between(2), between(3)) == (1, 2, 3)


@pytest.mark.parametrize(
    "samples",
    [
        made.silence(10),
        made.chord(made.C_MAJOR, 10),
        made.noise(20),
        made.clicks(120, 1.5),
        made.silence(0),
    ],
    ids=["silence", "a steady chord", "noise", "too short", "nothing"],
)
def test_what_has_no_beat(samples: Floats) -> None:
    found = of(samples)
    assert (found.tempo, found.tempo_confidence, len(found.beats)) == (0.0, 0.0, 0)
    assert (found.metre, found.metre_confidence) == (4, 0.0)


def test_silence_before_and_after_has_no_beats() -> None:
    samples = np.concatenate([made.silence(5), made.clicks(120, 15), made.silence(5)])
    beats = of(samples).beats / FRAMES_PER_S
    assert beats[0] > 4.9
    assert beats[-1] < 20.1


def test_speech_has_no_sure_tempo() -> None:
    assert of(made.speech(20)).tempo_confidence < 0.2
