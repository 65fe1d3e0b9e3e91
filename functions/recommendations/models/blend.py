"""What several models say of a track, as one score: a choice among tracks is a multinomial logit.

The score is a weighted sum of logarithms, so that exp(score) is in proportion to the chance that
the track is the one that is wanted. The weights were learned from what listeners did choose; the
table `blend` holds those that were learned here, where any were.
"""

import math
from collections.abc import Iterable, Mapping

import msgspec

from functions.recommendations.warehouse import Row

TABLE = "blend"
# What a deep model says of a track: in proportion to a logarithm already. Only where there is one.
DEEP = "deep"
MOST_RANKED = 300

Features = list[float]
Weights = Mapping[str, float]


class Signals(msgspec.Struct, frozen=True):
    """Of one listener and one track; 0 is what a model says that does not know it.

    `factors`: confidence by matrix factorisation, about 0 to 1. `together`: sum over what they
    like of how much it is liked by the same people. `alike`: the same of how much it sounds alike.
    `artists`: chance that the next artist is this one. `share`: the track's part in its artist's
    likes a day, 0 to 1. `popularity`: the artist's part in all likes a day, 0 to 1.
    """

    factors: float
    together: float
    alike: float
    artists: float
    share: float
    popularity: float


NAMES = Signals.__struct_fields__
# Added to each signal before its logarithm is taken: what saying nothing is worth.
FLOORS = Signals(factors=0.02, together=0.01, alike=0.1, artists=1e-6, share=1e-4, popularity=1e-6)
# Learned by the bench on 50,000 listeners; they serve until some are learned here.
DEFAULTS: Weights = {
    "factors": 0.411,
    "together": -0.041,
    "alike": 0.005,
    "artists": 0.821,
    "share": 0.712,
    "popularity": -0.137,
}
# What may speak for a track, rather than for any: the loudest of them says why it is there.
PERSONAL = ("factors", "together", "alike", "artists")

# Of each name the newest; `@model` is the deep model that stands beside, or "".
_WEIGHTS = """\
SELECT name, weight FROM `{d}.blend`
WHERE model = @model
QUALIFY ROW_NUMBER() OVER (PARTITION BY name ORDER BY learned_at DESC) = 1
"""
_RANKED = """\
CREATE OR REPLACE TABLE `{d}.ranked{s}` AS
SELECT user_id, track_id, score, place, loudest
FROM (
  SELECT user_id, track_id, score, loudest,
    ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY score DESC, track_id) AS place
  FROM (
    SELECT s.user_id, s.track_id,
      {score} AS score,
      {loudest} AS loudest
    FROM `{d}.signals{s}` AS s{deep}
  )
)
WHERE place <= {most}
"""
_DEEP_SCORES = """
    LEFT JOIN `{d}.{table}` AS d ON d.user_id = s.user_id AND d.track_id = s.track_id"""
# Of what the deep model does not know it says what it says of that listener's tracks on average.
_DEEP = "COALESCE(d.score, AVG(d.score) OVER (PARTITION BY s.user_id), 0.0)"


def features(signals: Signals) -> Features:
    """In the order of `NAMES`."""
    return [
        math.log(floor + max(value, 0.0))
        for floor, value in zip(
            msgspec.structs.astuple(FLOORS), msgspec.structs.astuple(signals), strict=True
        )
    ]


def score(weights: Weights, of: Features, deep: float = 0.0) -> float:
    """As the statement of `ranked` has it; `of` in the order of `NAMES`."""
    weighed = [weights[name] * value for name, value in zip(NAMES, of, strict=True)]
    return sum(weighed) + weights.get(DEEP, 0.0) * deep


def newest_weights(dataset: str) -> str:
    """Takes `@model`."""
    return _WEIGHTS.format(d=dataset)


def weights_of(rows: Iterable[Row], *, deep: bool = False) -> Weights:
    """Those of the table; the defaults where one is missing, for they were learned together.

    With `deep` the weight of the deep model is asked for too; without its own it has none.
    """
    wanted = {*NAMES, DEEP} if deep else {*NAMES}
    found = {str(row["name"]): float(row["weight"]) for row in rows if row["weight"] is not None}
    if not all(math.isfinite(found.get(name, math.nan)) for name in wanted):
        return DEFAULTS
    return {name: found[name] for name in sorted(wanted)}


def ranked(
    dataset: str, weights: Weights, *, suffix: str = "", deep_scores: str | None = None
) -> str:
    """The best of each listener's candidates, the best first, and which signal spoke loudest.

    From `signals{suffix}`. `deep_scores` names a table of user_id, track_id and score, which counts
    with the weight `DEEP`.
    """
    terms = [f"{_literal(weights[name])} * {_feature(name)}" for name in NAMES]
    if deep_scores is not None:
        terms.append(f"{_literal(weights.get(DEEP, 0.0))} * {_DEEP}")
    join = "" if deep_scores is None else _DEEP_SCORES.format(d=dataset, table=deep_scores)
    return _RANKED.format(
        d=dataset,
        s=suffix,
        score="\n        + ".join(terms),
        loudest=_loudest(weights),
        deep=join,
        most=MOST_RANKED,
    )


def _feature(name: str) -> str:
    return f"LN({_literal(getattr(FLOORS, name))} + GREATEST(s.{name}, 0.0))"


def _loudest(weights: Weights) -> str:
    """By what a signal adds to what saying nothing is worth.

    A track that too few have heard is spoken for by what sounds alike, whatever signal it is by.
    """
    said = {
        name: f"{_literal(weights[name])} * LN(1.0 + GREATEST(s.{name}, 0.0)"
        f" / {_literal(getattr(FLOORS, name))})"
        for name in PERSONAL
    }
    most = f"GREATEST({', '.join(said.values())})"
    cases = "".join(f"\n        WHEN {text} = {most} THEN '{name}'" for name, text in said.items())
    return (
        f"CASE\n        WHEN {most} <= 0.0 THEN 'popularity'"
        f"\n        WHEN NOT s.heard AND s.alike > 0.0 THEN 'alike'{cases}\n      END"
    )


def _literal(value: float) -> str:
    return repr(float(value))
