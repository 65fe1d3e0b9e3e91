"""The network and its training, where torch is installed: it is in no default group."""

import numpy as np
import pytest

torch = pytest.importorskip(
    "torch", reason="torch is installed with the group recommendations-training only"
)

from functions.recommendations.models.deep import CANDIDATES, SESSIONS  # noqa: E402
from functions.recommendations.training import export, fitting  # noqa: E402
from functions.recommendations.training.histories import Histories  # noqa: E402
from functions.recommendations.training.network import Network, Shape  # noqa: E402
from functions.recommendations.training.sequences import (  # noqa: E402
    NOTHING,
    Plays,
    ordered,
)
from functions.recommendations.training.tracks import Tracks  # noqa: E402

LENGTH, STYLES, OF_STYLE = 30, 6, 10
COUNT = STYLES * OF_STYLE
SMALL = Shape(length=LENGTH, size=12)
QUICK = fitting.Settings(shape=SMALL, least_steps=200, threads=1)
RNG = np.random.default_rng(7)
DAY = 86_400.0


def network(tracks: int = 30) -> Network:
    torch.manual_seed(7)
    made = Network(torch.randn(tracks + 1, 6), torch.randint(0, 5, (tracks + 1,)), SMALL)
    torch.nn.init.normal_(made.tracks.own.weight, std=0.5)
    torch.nn.init.normal_(made.tracks.bias.weight, std=0.5)
    made.eval()
    return made


def scores(made: Network, history: list[list[int]], session: list[list[int]]) -> np.ndarray:
    given = np.array(history), np.array(session)
    return np.concatenate([found.numpy() for _, found in fitting.in_parts(made, *given)])


def test_padding_and_who_else_is_asked_change_nothing() -> None:
    made = network()
    plain = scores(made, [[4, 5, 6]], [[1, 1, 2]])
    assert np.allclose(scores(made, [[4, 5, 6] + [0] * 9], [[1, 1, 2] + [0] * 9]), plain, atol=1e-4)
    beside = scores(made, [[4, 5, 6], [7, 8, 9]], [[1, 1, 2], [1, 2, 3]])
    assert np.allclose(beside[:1], plain, atol=1e-4)


def test_sessions_make_interests_and_the_order_within_them_does_not() -> None:
    made = network()
    plain = scores(made, [[4, 5, 6, 7]], [[1, 1, 2, 2]])
    assert np.allclose(plain, scores(made, [[5, 4, 7, 6]], [[1, 1, 2, 2]]), atol=1e-4)
    assert not np.allclose(plain, scores(made, [[4, 6, 5, 7]], [[1, 1, 2, 2]]), atol=1e-2)


def test_a_session_that_goes_on_says_which_interest_it_is() -> None:
    made = network()
    near = (made.tracks()[0] @ made.tracks()[0].T).detach()
    one = 1
    other = int(near[one, 1:].argmin()) + 1
    history = [[one] * 3 + [other] * 3]
    over = scores(made, history, [[1, 1, 1, 2, 2, 2]])
    goes_on = scores(made, history, [[0, 0, 0, 1, 1, 1]])
    # Both are its interests; the one of now is the likelier while it lasts.
    assert over[0, other] > scores(made, [[one] * 6], [[1, 1, 1, 2, 2, 2]])[0, other]
    assert goes_on[0, one] > over[0, one]
    assert goes_on[0, other] < over[0, other]


def test_the_newer_interest_counts_more() -> None:
    made = network()
    near = (made.tracks()[0] @ made.tracks()[0].T).detach()
    one = 1
    other = int(near[one, 1:].argmin()) + 1
    history = [[one] * 3 + [other] * 3]
    late = scores(made, history, [[1, 2, 3, 28, 29, 30]])
    early = scores(made, history, [[28, 29, 30, 1, 2, 3]])
    assert late[0, one] > early[0, one]
    assert late[0, other] < early[0, other]


def test_somebody_without_plays_is_told_something() -> None:
    found = scores(network(), [[0] * LENGTH], [[0] * LENGTH])
    assert np.isfinite(found[:, 1:]).all()
    assert found[:, 1:].std() > 0


def test_scores_are_logarithms_of_chances_and_what_is_no_track_has_none() -> None:
    scorer = export.scorer(network())
    candidates = np.full((2, CANDIDATES), NOTHING)
    candidates[0, :31] = np.arange(31)
    history = RNG.integers(1, 31, (2, LENGTH))
    session = np.tile(1 + np.arange(LENGTH) // 3, (2, 1))
    found = export.ask(scorer, history, session, candidates)
    assert np.exp(found[0, 1:31]).sum() == pytest.approx(1, abs=1e-4)
    assert found[0, 1:31].std() > 0
    assert found[0, 0] == 0
    assert not found[1].any()
    plain = scores(scorer.network, history.tolist(), session.tolist())
    assert found[0, 1:31] == pytest.approx(plain[0, 1:], abs=1e-3)


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


def listening() -> tuple[Plays, Tracks]:
    """Everybody has two styles, and a session of three plays is of one; the last ten tracks are
    as the others of their styles in sound, and nobody has played them."""
    user, track, at = [], [], []
    for listener in range(200):
        mine = RNG.choice(STYLES, 2, replace=False)
        for day in range(20):
            style = RNG.choice(mine)
            for n in range(3):
                user.append(listener)
                track.append(1 + style + STYLES * int(RNG.integers(OF_STYLE)))
                at.append(DAY * day + 240.0 * n)
    when = np.array(at)
    plays = ordered(np.array(user), np.array(track), when, when + 200, np.ones(len(user), bool))
    style_of = np.arange(COUNT + 10) % STYLES
    sound = np.eye(STYLES, dtype=np.float32)[style_of]
    sound += 0.1 * RNG.standard_normal(sound.shape).astype(np.float32)
    artist = np.append([0], 1 + np.arange(COUNT + 10) % 20)
    return plays, Tracks(np.concatenate([np.zeros((1, STYLES), np.float32), sound]), artist)


def test_interests_are_learned_and_found() -> None:
    plays, tracks = listening()
    late = plays.at >= DAY * 18
    said: list[str] = []
    found = fitting.fit(plays, tracks, QUICK, late, said.append)
    # Of 70 tracks twelve are of a style: with two styles ln 24 is 3.2, and ln 70 is 4.2.
    assert min(found.losses) < 3.4, found.losses
    assert found.losses[found.epochs - 1] == min(found.losses)
    assert len(said) == len(found.losses) > QUICK.epochs, "of few listeners there are more epochs"
    listeners = np.arange(200)
    history, session = Histories(plays.where(~late), length=LENGTH).last(listeners)
    assert session.max() == 10 < SESSIONS
    chances = np.exp(scores(found.network, history.tolist(), session.tolist())[:, 1:])
    by_style = np.stack([chances[:, style::STYLES].sum(axis=1) for style in range(STYLES)], axis=1)
    style = (plays.track - 1) % STYLES
    heard = np.zeros((200, STYLES), bool)
    for listener in listeners:
        seen = history[listener][history[listener] > 0]
        heard[listener, (seen - 1) % STYLES] = True
    assert set(style.tolist()) == set(range(STYLES))
    assert (by_style * heard).sum(axis=1).mean() > 0.85
    # What nobody has played is found by how it sounds.
    fresh = chances[:, COUNT:]
    matching = heard[:, np.arange(COUNT, COUNT + 10) % STYLES]
    assert fresh[matching].mean() > 4 * fresh[~matching].mean()


def test_the_same_seed_makes_the_same_model() -> None:
    plays, tracks = listening()
    quick = fitting.with_epochs(QUICK, 1)
    first, again = (fitting.fit(plays, tracks, quick, None, print) for _ in "ab")
    assert first.epochs == 1
    assert first.losses == []
    for one, other in zip(
        first.network.state_dict().values(), again.network.state_dict().values(), strict=True
    ):
        assert torch.equal(one, other)


def test_what_nobody_played_is_not_held_to_be_unloved() -> None:
    plays, tracks = listening()
    found = fitting.fit(plays, tracks, fitting.with_epochs(QUICK, 2), None, print)
    assert not found.network.tracks.bias.weight[COUNT + 1 :].any()
    assert found.network.tracks.bias.weight[1:COUNT].any()


def test_listeners_of_one_session_teach_nothing_and_break_nothing() -> None:
    plays, tracks = listening()
    found = fitting.fit(
        plays.where(plays.at < 2_000), tracks, fitting.with_epochs(QUICK, 1), None, print
    )
    history, session = Histories(plays, length=LENGTH).last(np.arange(3))
    assert np.isfinite(scores(found.network, history.tolist(), session.tolist())).all()
