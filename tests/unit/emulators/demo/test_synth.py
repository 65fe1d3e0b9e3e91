import numpy as np
import pytest

from emulators.demo import synth
from emulators.demo.score import Part, Score
from emulators.demo.synth import Instrument, Voice

INSTRUMENTS = [
    synth.electric_piano, synth.harp, synth.bell, synth.flute, synth.pad, synth.bass,
    synth.kick, synth.brush, synth.hat,
]  # fmt: skip
SHORT = Score(
    tonic=60, mode="ionian", beats_a_bar=4, tempo=240, chords=(0, 3), melody_bars=range(2),
    drum_bars=range(2), kick=(0,), snare=(2,), seed=1,
)  # fmt: skip


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_instruments_are_of_unit_size_and_end_softly(instrument: Instrument) -> None:
    sound = instrument(440.0, 0.4)
    assert sound.dtype == np.float32
    assert 0.05 < np.abs(sound).max() < 3.5
    assert np.abs(sound[0]).max() < 0.01
    assert np.abs(sound[-1]).max() < 0.01


@pytest.mark.parametrize("instrument", [synth.electric_piano, synth.harp, synth.bell, synth.flute])
def test_instruments_are_in_tune(instrument: Instrument) -> None:
    sound = instrument(440.0, 1.0)
    spectrum = np.abs(np.fft.rfft(sound, 4 * synth.RATE))
    assert np.argmax(spectrum) / 4 == pytest.approx(440, abs=2)


def test_a_mix_is_the_same_each_time_and_does_not_clip() -> None:
    voices = {
        Part.melody: Voice(synth.bell, 0.3, pan=0.5),
        Part.chords: Voice(synth.pad, 0.1),
        Part.kick: Voice(synth.kick, 0.5),
    }
    first = synth.render(SHORT, voices, room_s=0.3)
    synth._played.cache_clear()
    second = synth.render(SHORT, voices, room_s=0.3)
    assert np.array_equal(first, second)
    assert first.shape == (round((2 + synth.TAIL_S) * synth.RATE), 2)
    assert np.abs(first).max() < 0.85
    assert not np.array_equal(first[:, 0], first[:, 1])
