"""The network with the packaged weights, held to what the original says with TensorFlow 2.15."""

import numpy as np
import pytest

from functions.media.network.musicnn import FEATURES, TAGS, Musicnn
from functions.media.network.spectrogram import BANDS, HOP, log_mel
from functions.media.network.tagger import packaged
from tests.unit.functions.media.network.signals import golden

FIRST = [
    *(1.8217, 0.2840, -0.0689, -0.1098, -0.0787, 1.5137, 0.6030, -0.2253, -0.0242, -0.6351),
    *(-0.0592, 1.5272),
]
LENGTH = 13.648774
TOP = {"flute": 0.2153, "solo": 0.0487, "slow": 0.0417, "no vocals": 0.0200, "no vocal": 0.0188}


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
