"""SQL of the models: trained, asked what they are worth, and asked for candidates.

Two models take turns: one is in service while the other is trained. What follows from who
listened to what bears a suffix, as in `signals`. The names come from our settings.
"""

from functions.recommendations.models.signals import MOST_ALIKE, MOST_LIKED

FACTORS = 96
# What an artist's id begins with among the items of the factorisation; no track's does.
ARTIST = "artist:"
MOST_CANDIDATES = 200
NEIGHBOURS = 50

# An artist is one more item, liked as much as all their tracks: what is alike about these need not
# be found out from each alone. Who has one track only would be the same item twice. The column
# keeps its name, so that a model from before there were artists is asked in the same way.
_CREATE = """\
CREATE OR REPLACE MODEL `{d}.mf_{slot}{s}`
OPTIONS(
  model_type='MATRIX_FACTORIZATION',
  feedback_type='IMPLICIT',
  user_col='user_id',
  item_col='track_id',
  rating_col='rating',
  num_factors={factors},
  wals_alpha=3,
  l2_reg=12,
  max_iterations=15
) AS
SELECT user_id, track_id, rating FROM `{d}.feedback{s}`
UNION ALL
SELECT f.user_id, CONCAT('{artist}', t.artist_id) AS track_id,
  LN(1 + SUM(EXP(f.rating) - 1)) AS rating
FROM `{d}.feedback{s}` AS f
JOIN `{d}.tracks` AS t ON t.track_id = f.track_id
WHERE t.artist_id IN (
  SELECT artist_id FROM `{d}.tracks` GROUP BY artist_id HAVING COUNT(*) > 1
)
GROUP BY f.user_id, t.artist_id
"""
_EVALUATE = "SELECT * FROM ML.EVALUATE(MODEL `{d}.mf_{slot}{s}`)"
# What somebody has played is no discovery, whatever became of it; artists are no tracks.
_CANDIDATES = """\
CREATE OR REPLACE TABLE `{d}.candidates_{slot}{s}` AS
SELECT user_id, track_id, score, place
FROM (
  SELECT r.user_id, r.track_id, r.predicted_rating_confidence AS score,
    ROW_NUMBER() OVER (
      PARTITION BY r.user_id ORDER BY r.predicted_rating_confidence DESC, r.track_id
    ) AS place
  FROM ML.RECOMMEND(
    MODEL `{d}.mf_{slot}{s}`,
    (SELECT DISTINCT l.user_id FROM `{d}.listeners{s}` AS l
      JOIN `{d}.feedback{s}` AS f ON f.user_id = l.user_id)
  ) AS r
  JOIN `{d}.tracks` AS t ON t.track_id = r.track_id
  LEFT JOIN `{d}.tastes{s}` AS h ON h.user_id = r.user_id AND h.track_id = r.track_id
  WHERE h.track_id IS NULL
)
WHERE place <= {most}
"""
# All about a model that its maker does not say: whom it knows, and whether it tells them apart.
_SANITY = """\
SELECT
  (SELECT COUNT(DISTINCT l.user_id) FROM `{d}.listeners{s}` AS l
    JOIN `{d}.feedback{s}` AS f ON f.user_id = l.user_id) AS listeners,
  (SELECT COUNT(DISTINCT user_id) FROM `{d}.candidates_{slot}{s}`) AS served,
  (SELECT COUNT(DISTINCT track_id) FROM `{d}.candidates_{slot}{s}` WHERE place <= 10) AS tracks,
  (SELECT COUNT(*) FROM `{d}.candidates_{slot}{s}` WHERE score IS NULL OR IS_NAN(score)) AS broken,
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
CREATE OR REPLACE TABLE `{d}.content{s}` AS
SELECT user_id, track_id, score, place
FROM (
  SELECT t.user_id, n.neighbour_id AS track_id, SUM(1 - n.distance) AS score,
    ROW_NUMBER() OVER (
      PARTITION BY t.user_id ORDER BY SUM(1 - n.distance) DESC, n.neighbour_id
    ) AS place
  FROM `{d}.tastes{s}` AS t
  JOIN `{d}.listeners{s}` AS l ON l.user_id = t.user_id
  JOIN `{d}.neighbours` AS n ON n.track_id = t.track_id
  LEFT JOIN `{d}.tastes{s}` AS h ON h.user_id = t.user_id AND h.track_id = n.neighbour_id
  WHERE t.rating > 0 AND t.place <= {liked} AND h.track_id IS NULL
  GROUP BY t.user_id, n.neighbour_id
)
WHERE place <= {most}
"""


def create(dataset: str, slot: int, *, suffix: str = "") -> str:
    """Items are tracks and, with the prefix `ARTIST`, artists of several tracks."""
    return _CREATE.format(d=dataset, slot=slot, s=suffix, factors=FACTORS, artist=ARTIST)


def evaluate(dataset: str, slot: int, *, suffix: str = "") -> str:
    return _EVALUATE.format(d=dataset, slot=slot, s=suffix)


def candidates(dataset: str, slot: int, *, suffix: str = "") -> str:
    """What everybody may like that they have not played, the best first."""
    return _CANDIDATES.format(d=dataset, slot=slot, s=suffix, most=MOST_CANDIDATES)


def sanity(dataset: str, slot: int) -> str:
    return _SANITY.format(d=dataset, slot=slot, s="")


def neighbours(dataset: str) -> str:
    """What sounds like what."""
    return _NEIGHBOURS.format(d=dataset, most=NEIGHBOURS + 1)


def content(dataset: str, *, suffix: str = "") -> str:
    """What sounds like what somebody likes, and they have not played."""
    return _CONTENT.format(d=dataset, s=suffix, liked=MOST_LIKED, most=MOST_ALIKE)
