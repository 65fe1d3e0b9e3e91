"""The whole for all at once is what the platform's own code says of one listener and track."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("implicit")

from functions.recommendations.models import blend, signals, statements
from tests.bench.recommending import colistening, metrics, models, whole
from tests.bench.recommending import interests as mixture
from tests.bench.recommending.compare import FLOOR, WHOLE, Result, compare, report
from tests.bench.recommending.data import Data, Known, Part, asked, hide, of_log
from tests.bench.recommending.listening import listen
from tests.bench.recommending.world import Shape, World, make

SHAPE = Shape(users=200, tracks=240, plays=20_000, genres=6, seed=3)


@pytest.fixture(scope="module")
def world() -> World:
    return make(SHAPE)


@pytest.fixture(scope="module")
def data(world: World) -> Data:
    return of_log(world, listen(world))


@pytest.fixture(scope="module")
def known(data: Data) -> Known:
    return data.before(Part.test)


@pytest.fixture(scope="module")
def compared(world: World, data: Data) -> tuple[list[Result], blend.Weights]:
    return compare(data, world.oracle, 300, seed=3)


def _id(item: int) -> str:
    return f"{item:03}"  # in the order of the numbers


def histories(known: Known) -> list[dict[str, float]]:
    rows = (known.liked[user] for user in range(known.liked.shape[0]))
    return [
        {_id(item): float(much) for item, much in zip(row.indices, row.data, strict=True)}
        for row in rows
    ]


def test_nothing_of_the_test_is_known_before_it(data: Data, known: Known) -> None:
    assert known.heard.sum() == (data.day < SHAPE.split).sum()
    assert data.before(Part.validation).heard.sum() < known.heard.sum()
    later = dataclasses.replace(data, liked=data.liked & (data.part < Part.test))
    assert (later.before(Part.test).ratings != known.ratings).nnz == 0


def test_ratings_are_as_in_the_platforms_feedback(data: Data) -> None:
    three = dataclasses.replace(
        data,
        user=np.array([0, 1, 2]),
        item=np.array([0, 0, 0]),
        day=np.array([SHAPE.split, SHAPE.split, SHAPE.split - 90], np.float32),
        liked=np.array([True, False, True]),
        part=np.zeros(3, np.int64),
    )
    found = three.before(Part.test).ratings
    assert found[:3, 0].toarray().ravel() == pytest.approx(np.log1p([1.0, 0.0, 0.5]))


def test_those_asked_want_only_what_is_new_to_them_and_out(data: Data, known: Known) -> None:
    chosen = asked(known, data.wanted(Part.test), 100)
    assert 50 < len(chosen.users) <= 100
    scores = hide(np.zeros((len(chosen.users), data.items), np.float32), chosen.users, known)
    for row, wanted in enumerate(chosen.wanted):
        assert len(wanted)
        assert np.isfinite(scores[row, wanted]).all()


def test_the_neighbours_are_the_same_as_the_platforms(known: Known) -> None:
    ours = models.together(known.liked)
    theirs = colistening.nearest(histories(known))
    for one in range(0, known.liked.shape[1], 17):
        row = ours[one]
        found = dict(zip(map(_id, row.indices), row.data, strict=True))
        expected = theirs.get(_id(one), {})
        assert sorted(found.values()) == pytest.approx(sorted(expected.values()), abs=1e-5)


def test_the_steps_and_interests_are_the_same_as_the_platforms(known: Known) -> None:
    rng = np.random.default_rng(3)
    count = known.liked.shape[1]
    popularity = rng.random(count, np.float32)
    sounds = rng.standard_normal((count, 8), np.float32)
    ours = mixture.steps(known.liked, popularity, sounds)
    many = {_id(item): float(each) for item, each in enumerate(popularity)}
    heard = {_id(item): list(map(float, each)) for item, each in enumerate(sounds)}
    theirs = colistening.weighed(colistening.steps(histories(known)), many, heard)
    for one in range(0, count, 17):
        found = {_id(other): way for other, way in enumerate(ours[one]) if way > 0}
        assert found == pytest.approx(theirs.get(_id(one), {}), rel=1e-3, abs=1e-5)
    mine = mixture.interests(known.liked, ours)
    for user, history in enumerate(histories(known)):
        row = mine[user]
        found = dict(zip(map(_id, row.indices), map(float, row.data), strict=True))
        expected = colistening.interests(history, theirs) if history else {}
        assert found == pytest.approx(expected, rel=1e-2, abs=1e-4)


def test_the_scores_are_the_same_as_the_platforms(data: Data, known: Known) -> None:
    factors = models.factorisation(known.ratings, data.artist, models.in_statement())
    made = whole.sources(data, known, factors, whole.alike(data.embedding))
    weights = dict(zip(blend.NAMES, (0.5, 0.25, -0.1, 1.0, 0.7, 0.2), strict=True))
    users = np.array([3, 5])
    ours = made.scores(weights)(users)
    offered = made.candidates(users)
    found = made.signals(users)
    for user in (0, 1):
        for item in np.flatnonzero(offered[user])[::17]:
            said = blend.Signals(*(float(each[user, item]) for each in found))
            score = blend.score(weights, blend.features(said))
            assert score == pytest.approx(ours[user, item], abs=1e-3)
        assert ours[user, ~offered[user]].max() < ours[user, offered[user]].min()


def test_candidates_are_what_some_source_puts_first(
    data: Data, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    factors = models.factorisation(known.ratings, data.artist, models.in_statement())
    made = whole.sources(data, known, factors, whole.alike(data.embedding))
    users = np.arange(20)
    for module, name in (
        (statements, "MOST_CANDIDATES"),
        (signals, "MOST_SPOKEN_FOR"),
        (signals, "MOST_TOGETHER"),
        (signals, "MOST_ALIKE"),
    ):
        monkeypatch.setattr(module, name, 2)
    found = made.candidates(users)
    assert not found[known.heard[users].toarray() > 0].any()
    assert found.sum(axis=1).max() <= 8
    learned = hide(factors(users), users, known)
    assert np.take_along_axis(found, metrics.best(learned, 2), axis=1).all()
    unheard = np.flatnonzero(np.asarray(known.heard.sum(axis=0)).ravel() == 0)
    assert found[:, unheard].any()


def test_a_heavy_listener_counts_by_what_they_like_most() -> None:
    ratings = models.matrix(
        np.array([0, 0, 0, 1]),
        np.array([0, 1, 2, 0]),
        np.array([1.0, 3.0, 2.0, 1.0], np.float32),
        (2, 3),
    )
    assert mixture.most(ratings, 2).toarray().tolist() == [[0, 3, 2], [1, 0, 0]]


def test_what_nobody_has_heard_is_spoken_for_by_what_sounds_alike(data: Data, known: Known) -> None:
    factors = models.factorisation(known.ratings, data.artist, models.in_statement())
    made = whole.sources(data, known, factors, whole.alike(data.embedding))
    new = np.flatnonzero(np.asarray(known.heard.sum(axis=0)).ravel() == 0)
    assert len(new)
    spoken = made.signals(np.arange(20))[0]
    assert (abs(spoken[:, new]).sum(axis=0) > 0).all()


def test_the_statement_says_which_options_are_measured() -> None:
    options = models.in_statement()
    assert options.num_factors == statements.FACTORS
    assert options.max_iterations > 0


def test_artists_of_several_items_are_learned_beside_them() -> None:
    much = np.array([1.0, 3.0, 2.0, 1.0], np.float32)
    ratings = models.matrix(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0]), np.log1p(much), (2, 3))
    both = models.beside_artists(ratings, np.array([1, 1, 0]))
    assert both.toarray()[:, :3] == pytest.approx(ratings.toarray())
    # The other has one item only, and would be the same again.
    assert both.toarray()[:, 3:] == pytest.approx(np.log1p([[4.0], [1.0]]))
    alone = models.beside_artists(ratings, np.array([0, 1, 2]))
    assert alone.toarray() == pytest.approx(ratings.toarray())


def test_only_items_are_scored(data: Data, known: Known) -> None:
    found = models.factorisation(known.ratings, data.artist, models.in_statement())
    assert found(np.arange(3)).shape == (3, data.items)


def test_every_model_is_between_chance_and_the_oracle(
    compared: tuple[list[Result], blend.Weights],
) -> None:
    results = {each.name: each for each in compared[0]}
    ceiling = results["oracle"].ndcg
    for name, each in results.items():
        assert each.ndcg.shape == ceiling.shape
        if name != "oracle":
            assert metrics.ahead(ceiling, each.ndcg).low > 0, name
    assert metrics.ahead(results[WHOLE].ndcg, results[FLOOR].ndcg).low > 0


def test_without_structure_nobody_is_ahead_of_popularity() -> None:
    world = make(SHAPE.without_structure())
    results, _ = compare(of_log(world, listen(world)), world.oracle, 300)
    for each in results[1:]:
        assert metrics.ahead(each.ndcg, results[0].ndcg).low <= 0.01, each.name


def test_the_report_names_all_and_measures_no_way_between_equals(
    compared: tuple[list[Result], blend.Weights], capsys: pytest.CaptureFixture[str]
) -> None:
    results, weights = compared
    report("all", results, weights)
    printed = capsys.readouterr().out
    assert all(each.name in printed for each in results)
    assert "1.000 [1.000, 1.000]" in printed
    same = dataclasses.replace(results[0], name="oracle")
    report("none", [results[0], same, results[-1]], weights)
    assert "1.000 [1.000, 1.000]" not in capsys.readouterr().out
