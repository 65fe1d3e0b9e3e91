"""The network with the packaged weights, held to what the original says with TensorFlow 2.15."""

import numpy as np
import pytest

from functions.media.network.musicnn import FEATURES, TAGS, Musicnn
from functions.media.network.spectrogram import BANDS, HOP, log_mel
from functions.media.network.tagger import packaged
from tests.unit.functions.media.network.signals import golden

FIRST = [
    *(-0.1772, -0.1270, -0.2848, -0.2751, -0.3532, 0.6705, -0.2574, 1.0493, 1.6020, -0.2899),
    *(0.2757, 0.3186),
]
LENGTH = 12.381054
TOP = {
    "blues": 0.4050,
    "experimental": 0.1121,
    "electronic": 0.1112,
    "jazz": 0.0767,
    "instrumental": 0.0548,
    "female vocalists": 0.0364,
}


@pytest.fixture(scope="module")
def network() -> Musicnn:
    return packaged()


def test_it_says_what_the_original_says(network: Musicnn) -> None:
    features, chances = network(log_mel(np.pad(golden(), HOP))[:187])
    assert features.shape == (FEATURES,)
    assert features[: len(FIRST)] == pytest.approx(np.array(FIRST), abs=5e-3)
    assert np.linalg.norm(features) == pytest.approx(LENGTH, rel=1e-3)
    by_tag = dict(zip(TAGS, chances, strict=True))
    assert sorted(TAGS, key=lambda tag: -by_tag[tag])[: len(TOP)] == list(TOP)
    for tag, chance in TOP.items():
        assert by_tag[tag] == pytest.approx(chance, abs=1e-3), tag


def test_the_same_patch_is_the_same_vector(network: Musicnn) -> None:
    patch = np.random.default_rng(1).random((187, BANDS), np.float32)
    assert np.array_equal(network(patch)[0], network(patch)[0])


def test_patches_may_be_of_any_length(network: Musicnn) -> None:
    features, chances = network(np.ones((40, BANDS), np.float32))
    assert np.isfinite(features).all()
    assert ((chances > 0) & (chances < 1)).all()
