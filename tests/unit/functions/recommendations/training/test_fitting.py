"""The network and its training, where torch is installed: it is in no default group."""

import numpy as np
import pytest

torch = pytest.importorskip(
    "torch", reason="torch is installed with the group recommendations-training only"
)

from functions.recommendations.models.deep import CANDIDATES, ENDED, SKIPPED  # noqa: E402
from functions.recommendations.training import export, fitting  # noqa: E402
from functions.recommendations.training.network import Network, Shape  # noqa: E402
from functions.recommendations.training.sequences import (  # noqa: E402
    NOTHING,
    Plays,
    histories,
    ordered,
)
from functions.recommendations.training.tracks import Tracks  # noqa: E402

LENGTH, CHAINS, LINKS = 12, 12, 5
COUNT = CHAINS * LINKS
SMALL = Shape(length=LENGTH, size=32, heads=2, tastes=2)
QUICK = fitting.Settings(
    shape=SMALL, epochs=12, places=512, negatives=64, learning_rate=1e-2, threads=1
)
RNG = np.random.default_rng(7)


def network(tracks: int = 30) -> Network:
    torch.manual_seed(7)
    made = Network(torch.randn(tracks + 1, 6), torch.randint(0, 5, (tracks + 1,)), SMALL)
    for each in made.parameters():
        torch.nn.init.normal_(each, std=0.2)
    made.eval()
    return made


def scores(made: Network, track: list[list[int]], mark: list[list[int]]) -> np.ndarray:
    given = np.array(track), np.array(mark)
    return np.concatenate([found.numpy() for _, found in fitting.in_parts(made, *given)])


def test_what_comes_later_changes_nothing_before() -> None:
    made = network()
    track = torch.tensor(RNG.integers(1, 31, (1, LENGTH)))
    mark = torch.zeros_like(track)
    with torch.inference_mode():
        vectors, _ = made.tracks()
        before = made.states(vectors, track, mark)
        track[0, -1] = 1 + track[0, -1] % 30
        mark[0, -1] = ENDED | SKIPPED
        after = made.states(vectors, track, mark)
    assert torch.allclose(before[0, :-1], after[0, :-1], atol=1e-5)
    assert not torch.allclose(before[0, -1], after[0, -1], atol=1e-3)


def test_padding_changes_nothing() -> None:
    made = network()
    padded = scores(made, [[0] * 9 + [4, 5, 6]], [[ENDED] * 9 + [0, 0, 0]])
    assert np.allclose(padded, scores(made, [[4, 5, 6]], [[0, 0, 0]]), atol=1e-4)
    beside = scores(
        made, [[0] * 9 + [4, 5, 6], [7] * LENGTH], [[ENDED] * 9 + [0] * 3, [0] * LENGTH]
    )
    assert np.allclose(beside[:1], padded, atol=1e-4)


def test_a_session_that_ended_and_a_skip_are_seen() -> None:
    made = network()
    history = [[1, 2, 3]]
    plain = scores(made, history, [[0, 0, 0]])
    for marks in ([0, 0, ENDED], [ENDED, 0, 0], [0, SKIPPED, 0]):
        assert not np.allclose(plain, scores(made, history, [marks]), atol=1e-3)


def test_somebody_without_plays_is_told_something() -> None:
    found = scores(network(), [[0] * LENGTH], [[ENDED] * LENGTH])
    assert np.isfinite(found[:, 1:]).all()
    assert found[:, 1:].std() > 0


def test_scores_are_logarithms_of_chances_and_what_is_no_track_has_none() -> None:
    scorer = export.scorer(network())
    candidates = np.full((2, CANDIDATES), NOTHING)
    candidates[0, :31] = np.arange(31)
    history = RNG.integers(1, 31, (2, LENGTH))
    found = export.ask(scorer, history, np.zeros_like(history), candidates)
    assert np.exp(found[0, 1:31]).sum() == pytest.approx(1, abs=1e-4)
    assert found[0, 1:31].std() > 0
    assert found[0, 0] == 0
    assert not found[1].any()
    plain = scores(scorer.network, history.tolist(), np.zeros_like(history).tolist())
    assert found[0, 9] - found[0, 3] == pytest.approx(plain[0, 9] - plain[0, 3], abs=1e-3)


def test_the_file_says_what_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = export.scorer(network())
    content = export.to_onnx(scorer)
    assert len(content) < 1_000_000
    # Its own look at what it wrote finds what is wrong.
    monkeypatch.setattr(
        export, "ask", lambda *_, history, **__: np.ones((len(history), CANDIDATES))
    )
    with pytest.raises(export.NotTheSame):
        export.to_onnx(scorer)


def chains() -> tuple[Plays, Tracks]:
    """Tracks come in chains: after one comes the next, and after the last the first."""
    user, track, at = [], [], []
    for number in range(300):
        begin = int(RNG.integers(CHAINS)) * LINKS
        for n in range(LENGTH):
            user.append(number)
            track.append(1 + begin + (number + n) % LINKS)
            at.append(240.0 * n)
    when = np.array(at)
    liked = np.ones(len(user), bool)
    plays = ordered(np.array(user), np.array(track), when, when + 200, liked)
    sound = np.zeros((COUNT + 1, 4), np.float32)
    artist = np.append([0], 1 + np.arange(COUNT) // LINKS)
    return plays, Tracks(sound, artist)


def test_what_follows_what_is_learned() -> None:
    plays, tracks = chains()
    late = plays.at > 240.0 * 10
    said: list[str] = []
    found = fitting.fit(plays, tracks, QUICK, late, said.append)
    # Of 60 tracks one is right: ln 60 is 4.1, to know the artist 1.6.
    assert min(found.losses) < 0.7, found.losses
    # Of few plays there are more epochs than asked for.
    assert QUICK.epochs < len(found.losses)
    assert len(said) == len(found.losses)
    track, mark = histories(plays.where(~late), 300, length=LENGTH)
    mark[:, -1] = 0
    best = scores(found.network, track.tolist(), mark.tolist())[:, 1:].argmax(axis=1) + 1
    last = track[:, -1]
    right = (last - 1) // LINKS * LINKS + 1 + last % LINKS
    assert (best == right).mean() > 0.8


def test_the_same_seed_makes_the_same_model() -> None:
    plays, tracks = chains()
    quick = fitting.with_epochs(QUICK, 1)
    first, again = (fitting.fit(plays, tracks, quick, None, print) for _ in "ab")
    assert first.epochs == 1
    assert first.losses == []
    for one, other in zip(
        first.network.state_dict().values(), again.network.state_dict().values(), strict=True
    ):
        assert torch.equal(one, other)


def test_what_nobody_played_is_not_held_to_be_unloved() -> None:
    plays, tracks = chains()
    more = Tracks(np.concatenate([tracks.sound, tracks.sound[:1]]), np.append(tracks.artist, 1))
    found = fitting.fit(plays, more, fitting.with_epochs(QUICK, 2), None, print)
    assert found.network.tracks.bias.weight[COUNT + 1].item() == 0
