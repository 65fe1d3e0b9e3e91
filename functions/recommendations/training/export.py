"""The trained model as a file that BigQuery ML imports.

`history` and `sessions` are INT64[n, length], as `Histories` makes them, `candidates` INT64[n, m];
`scores` FLOAT[n, m].
"""

import io
import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from functions.recommendations.models.deep import CANDIDATES, SESSIONS
from functions.recommendations.training.network import Network
from functions.recommendations.training.sequences import NOTHING, Floats, Ints

# BigQuery ML imports these, and newer ones not everywhere.
OPSET = 15
# How far what the file says may lie from what was trained.
_TOLERANCE = 1e-3
_TRIED = 16
_NEAR = 20
# Of the examples. Where plays can be explained in two ways, rounding may decide for either.
_LEAST_ALIKE = 0.9


class NotTheSame(Exception):
    """The file says something else than the model that it was made of."""


class Scorer(nn.Module):
    """The network with the tracks' vectors as they are now.

    Scores are logarithms of the chances among all tracks. What is no track has 0.
    """

    vectors: Tensor
    biases: Tensor

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        vectors, biases = network.tracks()
        self.register_buffer("vectors", vectors.detach().clone())
        self.register_buffer("biases", biases.detach().clone())

    def forward(self, history: Tensor, sessions: Tensor, candidates: Tensor) -> Tensor:
        listened = self.network.listened(self.vectors, self.biases, history, sessions)
        # Number 0 is no track, and has no part in the sum.
        mixture = self.network.mixture(listened, self.vectors[1:], self.biases[1:])
        scores = self.network.scores_of_each(
            self.network.now(mixture, listened), self.vectors[candidates], self.biases[candidates]
        )
        return scores * (candidates != NOTHING).to(scores.dtype)


def scorer(network: Network) -> Scorer:
    made: Scorer = Scorer(network).eval()
    return made


def ask(of: Scorer, history: Ints, sessions: Ints, candidates: Ints) -> Floats:
    """n x m, as the file would say."""
    with torch.inference_mode():
        given = (torch.from_numpy(each) for each in (history, sessions, candidates))
        found: Floats = of(*given).numpy()
    return found


def to_onnx(of: Scorer) -> bytes:
    """The file's content; raises `NotTheSame` if it does not say what the model says."""
    length = of.network.shape.length
    given = _examples(of, length)
    written = io.BytesIO()
    names = ("history", "sessions", "candidates")
    with warnings.catch_warnings(), torch.inference_mode():
        # Of its being the older exporter: the newer writes opsets that BigQuery may not know.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            of,
            tuple(torch.from_numpy(given[name]) for name in names),
            written,
            input_names=list(names),
            output_names=["scores"],
            dynamic_axes={name: {0: "n"} for name in (*names, "scores")},
            opset_version=OPSET,
            dynamo=False,
        )
    content = written.getvalue()
    _compare(of, content, given)
    return content


def _examples(of: Scorer, length: int) -> dict[str, Ints]:
    """Histories of all lengths, none among them, and lists that are not full.

    They are as listeners' are: each session is of tracks that lie near one of two.
    """
    rng = np.random.default_rng(7)
    known = of.vectors.numpy()[1:]
    unit = known - known.mean(axis=0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True) + 1e-9
    liked = unit[rng.integers(0, len(unit), (_TRIED, 2))]
    near = 1 + np.argsort(-liked @ unit.T, axis=2)[:, :, :_NEAR]
    sessions = np.sort(rng.integers(0, SESSIONS + 1, (_TRIED, length)), axis=1)
    rows = np.arange(_TRIED)[:, None]
    which = rng.integers(0, 2, (_TRIED, SESSIONS + 1))[rows, sessions]
    history = near[rows, which, rng.integers(0, near.shape[2], sessions.shape)]
    candidates = rng.integers(1, len(unit) + 1, (_TRIED, CANDIDATES))
    for row, plays in enumerate(np.linspace(0, length, _TRIED).astype(int)):
        history[row, plays:] = NOTHING
        sessions[row, plays:] = 0
        candidates[row, CANDIDATES - 10 * row :] = NOTHING
    return {"history": history, "sessions": sessions, "candidates": candidates}


def _compare(of: Scorer, content: bytes, given: dict[str, Ints]) -> None:
    import onnxruntime

    session: Any = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    expected = ask(of, **given)
    # Other numbers of rows than the example's, too.
    for rows in (slice(None), slice(0, 1)):
        [found] = session.run(None, {name: each[rows] for name, each in given.items()})
        worst = np.abs(found - expected[rows]).max(axis=1)
        # What is no number is not alike, either.
        if not (worst <= _TOLERANCE).mean() >= _LEAST_ALIKE:
            raise NotTheSame(f"a score differs by {worst.max():.3g}")
