import json
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest

from functions.media.network import tagger
from functions.media.network.checkpoint import Floats, InvalidCheckpointError
from functions.media.network.musicnn import FEATURES, TAGS, Musicnn
from functions.media.network.patches import RATE, PatchPicker
from functions.media.network.tagger import MOST_PATCHES, Impression, Tagger, packaged, spread
from tests.unit.functions.media.analysis import made


def impression(samples: Floats) -> Impression | None:
    listener = Tagger()
    listener.add(samples)
    return listener.impression()


def unit(found: Impression | None) -> Floats:
    assert found is not None
    vector = np.array(found.vector, np.float32)
    return vector / np.linalg.norm(vector)


def test_a_track_has_a_vector_and_its_likeliest_tags() -> None:
    found = impression(made.chord(made.C_MAJOR, 7))
    assert found is not None
    assert found.model == tagger.MODEL
    assert len(found.vector) == FEATURES
    chances = list(found.tags.values())
    assert set(found.tags) < set(TAGS)
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


def test_the_same_samples_are_the_same_bytes() -> None:
    one, other = (msgspec.json.encode(impression(made.noise(7))) for _ in range(2))
    assert one == other
    assert json.loads(one)["model"] == tagger.MODEL


def test_what_sounds_alike_lies_close() -> None:
    chord, other_chord = (unit(impression(made.chord(notes, 7))) for notes in ((60, 64, 67),) * 2)
    other_chord = unit(impression(made.chord((62, 66, 69), 7)))
    beat, noise = unit(impression(made.clicks(120, 7))), unit(impression(made.noise(7)))
    assert chord @ other_chord > max(chord @ beat, chord @ noise, beat @ noise)


def test_silence_has_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Musicnn:
        pytest.fail("there was nothing to read the weights for")

    listener = Tagger(read)
    listener.add(made.silence(10))
    assert listener.impression() is None
    assert not caplog.records


def metrics(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = (getattr(record, "fields", {}).get("metric") for record in caplog.records)
    return [metric for metric in found if metric]


def test_weights_that_cannot_be_read_are_told_and_no_error(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    listener = Tagger(partial(Musicnn.read, tmp_path))
    listener.add(made.noise(4))
    assert listener.impression() is None
    assert metrics(caplog) == ["media_network_failed"]


def test_a_failure_while_it_listens_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(PatchPicker, "add", fail)
    listener = Tagger()
    for _ in range(3):
        listener.add(made.noise(4))
    assert listener.impression() is None
    assert metrics(caplog) == ["media_network_failed"]


def test_numbers_that_are_none_are_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Musicnn:
        network = packaged()
        return replace(network, output_bias=network.output_bias * np.float32(np.nan))

    caplog.set_level(logging.INFO)
    listener = Tagger(read)
    listener.add(made.noise(4))
    assert listener.impression() is None
    assert metrics(caplog) == ["media_network_failed"]


@pytest.mark.parametrize("count", [0, 1, MOST_PATCHES, MOST_PATCHES + 1, 64])
def test_patches_are_spread_over_the_track(count: int) -> None:
    every = [np.full(1, number, np.float32) for number in range(count)]
    found = [int(each[0]) for each in spread(every, MOST_PATCHES)]
    assert len(found) == min(count, MOST_PATCHES)
    assert found == sorted(set(found))
    if count:
        assert (found[0], found[-1]) == (0, count - 1)


def test_a_long_track_costs_no_more_than_so_many_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    class Counting(Musicnn):
        def __call__(self, patch: Floats) -> tuple[Floats, Floats]:
            heard.append(patch)
            return np.zeros(FEATURES, np.float32), np.zeros(len(TAGS), np.float32)

    def read() -> Musicnn:
        network = packaged()
        return Counting(**{name: getattr(network, name) for name in network.__dataclass_fields__})

    listener = Tagger(read)
    for _ in range(10):
        listener.add(np.tile(made.noise(2), 30)[: 60 * RATE])
    assert listener.impression() is not None
    assert len(heard) == MOST_PATCHES


def test_a_missing_checkpoint_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises((InvalidCheckpointError, OSError)):
        Musicnn.read(tmp_path)
