"""Plain cases have to come out on the right side of each other; more is not promised."""

import msgspec
import pytest

from functions.media.analysis.estimates import mix, ramp
from shared.events import Features
from tests.unit.functions.media.analysis import made


@pytest.fixture(scope="module")
def of() -> dict[str, Features]:
    sounds = {
        "noise": (made.noise(20), -8.0),
        "quiet chord": (0.1 * made.chord(made.C_MAJOR, 20), -40.0),
        "major": (made.chord(made.C_MAJOR, 20), -20.0),
        "minor": (made.chord(made.A_MINOR, 20), -20.0),
        "beat": (made.clicks(118, 30, accent_every=4), -14.0),
        "slow beat": (made.clicks(50, 30), -14.0),
        "speech": (made.speech(30), -20.0),
    }
    return {
        name: made.heard(samples, lufs=lufs).features for name, (samples, lufs) in sounds.items()
    }


def test_energy(of: dict[str, Features]) -> None:
    assert of["noise"].energy > of["beat"].energy > of["quiet chord"].energy


def test_danceability(of: dict[str, Features]) -> None:
    assert of["beat"].danceability > 0.7
    assert of["beat"].danceability > of["slow beat"].danceability
    assert of["major"].danceability == of["noise"].danceability == 0


def test_valence(of: dict[str, Features]) -> None:
    assert of["major"].valence > 0.5 > of["minor"].valence


def test_acousticness(of: dict[str, Features]) -> None:
    assert of["quiet chord"].acousticness > 0.5 > of["noise"].acousticness


def test_speechiness_and_instrumentalness(of: dict[str, Features]) -> None:
    assert of["speech"].speechiness > 0.66
    assert of["speech"].instrumentalness < 0.34
    for music in ("major", "minor", "beat", "noise"):
        assert of[music].speechiness < 0.33
        assert of[music].instrumentalness > 0.5


def test_liveness(of: dict[str, Features]) -> None:
    assert of["beat"].liveness < 0.5
    assert of["major"].liveness == 0


def test_silence_is_nothing_at_all() -> None:
    found = made.heard(made.silence(5), lufs=made.SILENCE_LUFS).features
    assert found == Features(loudness=made.SILENCE_LUFS)
    assert found != Features()


def test_all_are_shares(of: dict[str, Features]) -> None:
    for features in of.values():
        shares = msgspec.structs.asdict(features)
        for name in ("tempo", "key", "mode", "time_signature", "loudness"):
            del shares[name]
        assert all(0 <= share <= 1 for share in shares.values())


def test_ramp_and_mix() -> None:
    assert [ramp(x, 0, 10) for x in (-1, 0, 5, 10, 11)] == [0, 0, 0.5, 1, 1]
    assert ramp(5, 10, 0) == 0.5
    assert mix((1.0, 3), (0.0, 1)) == 0.75
