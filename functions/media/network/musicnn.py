"""musicnn's forward pass (Pons and Serra, 2019): three seconds of music as 200 numbers and 50 tags.

The layers are those of the package's `models.py`, the weights those it learned from the Million
Song Dataset, the tags those of its listeners. Arrays are one patch's:
time first, then mel bands or channels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from functions.media.network.checkpoint import Checkpoint, Floats

FEATURES = 200
TAGS = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists"),
    *("classic rock", "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s"),
    *("chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic"),
    *("experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock"),
    *("60s", "rnb", "indie pop", "sad", "House", "happy"),
)

_EPSILON = 1e-3


@dataclass(frozen=True)
class _Scaling:
    """A batch normalisation, with the means and variances of the training."""

    factor: Floats
    shift: Floats

    def __call__(self, x: Floats) -> Floats:
        return x * self.factor + self.shift

    def of_highest(self, x: Floats) -> Floats:
        """The highest along axis 1 after scaling, without scaling them all."""
        return self(np.where(self.factor < 0, x.min(axis=1), x.max(axis=1)))


@dataclass(frozen=True)
class _Layer:
    """`kernel`: (inputs, outputs). What comes out is rectified, then scaled."""

    kernel: Floats
    bias: Floats
    scaling: _Scaling

    def rectified(self, x: Floats) -> Floats:
        found: Floats = x @ self.kernel
        found += self.bias
        return np.maximum(found, 0, out=found)

    def __call__(self, x: Floats) -> Floats:
        return self.scaling(self.rectified(x))


@dataclass(frozen=True)
class Musicnn:
    """The network; `shapes` are those of the front end's filters, in frames and bands."""

    input_scaling: _Scaling
    shapes: tuple[tuple[int, int], ...]
    front: tuple[_Layer, ...]
    middle: tuple[_Layer, ...]
    pooled_scaling: _Scaling
    dense: _Layer
    output_kernel: Floats
    output_bias: Floats

    @classmethod
    def read(cls, folder: Path) -> Self:
        """From a checkpoint of the package. Raises `InvalidCheckpointError` and `OSError`."""
        floats = Checkpoint(folder, "").floats
        front = tuple(_name("conv2d", number) for number in range(5))
        return cls(
            input_scaling=_scaling(floats, 0),
            shapes=tuple(_filter_shape(floats(f"{name}/kernel")) for name in front),
            front=tuple(_layer(floats, name, 1 + n) for n, name in enumerate(front)),
            middle=tuple(_layer(floats, _name("conv2d", n), 1 + n) for n in range(5, 8)),
            pooled_scaling=_scaling(floats, 9),
            dense=_layer(floats, "dense", 10),
            output_kernel=floats("dense_1/kernel"),
            output_bias=floats("dense_1/bias"),
        )

    def __call__(self, patch: Floats) -> tuple[Floats, Floats]:
        """Of (frames, bands): the penultimate layer's `FEATURES` numbers, and each tag's chance.

        Features are what the network's last layer weighs to tell tags.
        """
        x = self.input_scaling(patch)
        low = np.concatenate(
            [
                _convolved(x, layer, shape)
                for layer, shape in zip(self.front, self.shapes, strict=True)
            ],
            axis=1,
        )
        layers = [low]
        for layer in self.middle:
            found = layer(_windows(layers[-1], layer))
            layers.append(found if len(layers) == 1 else found + layers[-1])
        every = np.concatenate(layers, axis=1)
        pooled = np.stack([every.max(axis=0), every.mean(axis=0)], axis=1).ravel()
        hidden = self.dense.rectified(self.pooled_scaling(pooled))
        features = self.dense.scaling(hidden)
        logits = features @ self.output_kernel + self.output_bias
        return features, 1 / (1 + np.exp(-logits))


def _convolved(x: Floats, layer: _Layer, shape: tuple[int, int]) -> Floats:
    """(frames, outputs): a convolution, padded in time only, and the highest of its bands."""
    frames, bands = shape
    padded = np.pad(x, (((frames - 1) // 2, frames // 2), (0, 0)))
    windows = sliding_window_view(padded, shape)
    flat = windows.reshape(-1, frames * bands)
    return layer.scaling.of_highest(
        layer.rectified(flat).reshape(len(x), -1, layer.kernel.shape[1])
    )


def _filter_shape(kernel: Floats) -> tuple[int, int]:
    frames, bands, *_ = kernel.shape
    return frames, bands


def _windows(x: Floats, layer: _Layer) -> Floats:
    """(frames, inputs of the layer): each frame with those around it, padded with zeros."""
    frames = len(layer.kernel) // x.shape[1]
    padded = np.pad(x, (((frames - 1) // 2, frames // 2), (0, 0)))
    return sliding_window_view(padded, frames, axis=0).transpose(0, 2, 1).reshape(len(x), -1)


def _layer(floats: Callable[[str], Floats], name: str, scaling: int) -> _Layer:
    kernel = floats(f"{name}/kernel")
    return _Layer(
        kernel.reshape(-1, kernel.shape[-1]), floats(f"{name}/bias"), _scaling(floats, scaling)
    )


def _scaling(floats: Callable[[str], Floats], number: int) -> _Scaling:
    name = _name("batch_normalization", number)
    factor = floats(f"{name}/gamma") / np.sqrt(floats(f"{name}/moving_variance") + _EPSILON)
    return _Scaling(factor, floats(f"{name}/beta") - floats(f"{name}/moving_mean") * factor)


def _name(kind: str, number: int) -> str:
    """As TensorFlow names the layers of a kind, in the order in which they were made."""
    return f"{kind}_{number}" if number else kind
