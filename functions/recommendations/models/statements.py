"""SQL of the models: trained, asked what they are worth, and asked for candidates.

Two models take turns: one is in service while the other is trained. The names come from our
settings.
"""

FACTORS = 64
MOST_CANDIDATES = 200
MOST_CONTENT = 100
NEIGHBOURS = 50
# So many of what somebody likes best say what they may like the sound of.
_SEEDS = 50

_CREATE = """\
CREATE OR REPLACE MODEL `{d}.mf_{slot}`
OPTIONS(
  model_type='MATRIX_FACTORIZATION',
  feedback_type='IMPLICIT',
  user_col='user_id',
  item_col='track_id',
  rating_col='rating',
  num_factors={factors},
  wals_alpha=40,
  l2_reg=0.1,
  max_iterations=15
) AS
SELECT user_id, track_id, rating FROM `{d}.feedback`
"""
_EVALUATE = "SELECT * FROM ML.EVALUATE(MODEL `{d}.mf_{slot}`)"
# What somebody has played is no discovery, whatever became of it.
_CANDIDATES = """\
CREATE OR REPLACE TABLE `{d}.candidates_{slot}` AS
SELECT user_id, track_id, score, place
FROM (
  SELECT r.user_id, r.track_id, r.predicted_rating_confidence AS score,
    ROW_NUMBER() OVER (
      PARTITION BY r.user_id ORDER BY r.predicted_rating_confidence DESC, r.track_id
    ) AS place
  FROM ML.RECOMMEND(
    MODEL `{d}.mf_{slot}`,
    (SELECT DISTINCT l.user_id FROM `{d}.listeners` AS l
      JOIN `{d}.feedback` AS f ON f.user_id = l.user_id)
  ) AS r
  JOIN `{d}.tracks` AS t ON t.track_id = r.track_id
  LEFT JOIN `{d}.tastes` AS h ON h.user_id = r.user_id AND h.track_id = r.track_id
  WHERE h.track_id IS NULL
)
WHERE place <= {most}
"""
# All about a model that its maker does not say: whom it knows, and whether it tells them apart.
_SANITY = """\
SELECT
  (SELECT COUNT(DISTINCT l.user_id) FROM `{d}.listeners` AS l
    JOIN `{d}.feedback` AS f ON f.user_id = l.user_id) AS listeners,
  (SELECT COUNT(DISTINCT user_id) FROM `{d}.candidates_{slot}`) AS served,
  (SELECT COUNT(DISTINCT track_id) FROM `{d}.candidates_{slot}` WHERE place <= 10) AS tracks,
  (SELECT COUNT(*) FROM `{d}.candidates_{slot}` WHERE score IS NULL OR IS_NAN(score)) AS broken,
  (SELECT COUNT(*) FROM `{d}.tracks`) AS catalogue
"""
_NEIGHBOURS = """\
CREATE OR REPLACE TABLE `{d}.neighbours` AS
SELECT track_id, neighbour_id, distance
FROM (
  SELECT query.track_id AS track_id, base.track_id AS neighbour_id, distance
  FROM VECTOR_SEARCH(
    TABLE `{d}.sounds`,
    'embedding',
    (SELECT track_id, embedding FROM `{d}.sounds`),
    top_k => {most},
    distance_type => 'COSINE'
  )
)
WHERE track_id != neighbour_id
"""
_CONTENT = """\
CREATE OR REPLACE TABLE `{d}.content` AS
SELECT user_id, track_id, score, place
FROM (
  SELECT t.user_id, n.neighbour_id AS track_id, SUM(t.rating * (1 - n.distance)) AS score,
    ROW_NUMBER() OVER (
      PARTITION BY t.user_id ORDER BY SUM(t.rating * (1 - n.distance)) DESC, n.neighbour_id
    ) AS place
  FROM `{d}.tastes` AS t
  JOIN `{d}.listeners` AS l ON l.user_id = t.user_id
  JOIN `{d}.neighbours` AS n ON n.track_id = t.track_id
  LEFT JOIN `{d}.tastes` AS h ON h.user_id = t.user_id AND h.track_id = n.neighbour_id
  WHERE t.place <= {seeds} AND h.track_id IS NULL
  GROUP BY t.user_id, n.neighbour_id
)
WHERE place <= {most}
"""


def create(dataset: str, slot: int) -> str:
    return _CREATE.format(d=dataset, slot=slot, factors=FACTORS)


def evaluate(dataset: str, slot: int) -> str:
    return _EVALUATE.format(d=dataset, slot=slot)


def candidates(dataset: str, slot: int) -> str:
    """What everybody may like that they have not played, the best first."""
    return _CANDIDATES.format(d=dataset, slot=slot, most=MOST_CANDIDATES)


def sanity(dataset: str, slot: int) -> str:
    return _SANITY.format(d=dataset, slot=slot)


def content(dataset: str) -> list[str]:
    """What sounds like what, and what sounds like what somebody plays."""
    return [
        _NEIGHBOURS.format(d=dataset, most=NEIGHBOURS + 1),
        _CONTENT.format(d=dataset, seeds=_SEEDS, most=MOST_CONTENT),
    ]
