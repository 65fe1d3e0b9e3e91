"""SQL of what is known of a listener and a track they have not played: candidates and signals.

All that follows from who listened to what bears a suffix: the night's tables have none, and a
training that looks at the past has tables of its own, made by the same statements. `tracks` and
`neighbours` are the same for both. `until` is when the tables end, as GoogleSQL. The names come
from our settings.
"""

from functions.recommendations.models import interests

NOW = "CURRENT_TIMESTAMP()"

# Of each source of candidates.
MOST_TOGETHER = 100
MOST_ALIKE = 100
MOST_SPOKEN_FOR = 50
# Liked by fewer, a track is spoken for by those that sound alike.
KNOWN_LIKES = 3
# Who likes more than this is heard by what they like most: what likes are joined with likes by
# grows with the square of how many somebody has.
MOST_LIKED = 200
MOST_NEAR = 100
# As old as plays are counted; and younger than so many days a track is as popular as others.
OLDEST_DAYS = 730
KNOWN_DAYS = 4
# Of `feedback`: what is liked is counted for less the longer ago.
HALF_LIFE_DAYS = 90.0

# How similar two tracks are: the cosine of who likes them, however much.
_TOGETHER = """\
CREATE OR REPLACE TABLE `{d}.together{s}` AS
WITH liked AS (
  SELECT user_id, track_id FROM `{d}.tastes{s}` WHERE rating > 0 AND place <= {liked}
), people AS (
  SELECT track_id, COUNT(*) AS people FROM liked GROUP BY track_id
), met AS (
  SELECT a.track_id, b.track_id AS neighbour_id, COUNT(*) AS people
  FROM liked AS a JOIN liked AS b ON b.user_id = a.user_id
  WHERE a.track_id != b.track_id
  GROUP BY a.track_id, b.track_id
)
SELECT track_id, neighbour_id, similarity
FROM (
  SELECT track_id, neighbour_id, similarity,
    ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY similarity DESC, neighbour_id) AS place
  FROM (
    SELECT m.track_id, m.neighbour_id, m.people / SQRT(p.people * q.people) AS similarity
    FROM met AS m
    JOIN people AS p ON p.track_id = m.track_id
    JOIN people AS q ON q.track_id = m.neighbour_id
  )
)
WHERE place <= {near}
"""
# By likes a day since it came out, so that the new are not held to be unloved. Likes fade, so that
# of a rate that stays the same only so many days are left.
_WORTHS = """\
CREATE OR REPLACE TABLE `{d}.worths{s}` AS
WITH liked AS (
  SELECT track_id, COUNT(*) AS people, SUM(EXP(rating) - 1) AS likes
  FROM `{d}.tastes{s}` WHERE rating > 0 GROUP BY track_id
), known AS (
  SELECT t.track_id, t.artist_id,
    COALESCE(l.people, 0) AS people,
    COALESCE(l.likes, 0.0) AS likes,
    GREATEST(
      COALESCE(
        SAFE_CAST(
          CONCAT(t.release_date, SUBSTR('0000-01-01', LENGTH(t.release_date) + 1)) AS DATE
        ),
        DATE '1900-01-01'
      ),
      DATE(t.noted_at)
    ) AS out_at
  FROM `{d}.tracks` AS t LEFT JOIN liked AS l ON l.track_id = t.track_id
), aged AS (
  SELECT track_id, artist_id, people, likes,
    LEAST(GREATEST(DATE_DIFF(DATE({until}), out_at, DAY), 0), {oldest}) AS days
  FROM known
  -- What was not out then, nobody could choose.
  WHERE out_at <= DATE({until}) OR people > 0
), rated AS (
  SELECT track_id, artist_id, people, days >= {known_days} AS old,
    (likes + 1) / ({half_life} / LN(2) * (1 - POW(0.5, days / {half_life})) + 2) AS rate
  FROM aged
), usual AS (
  SELECT track_id, artist_id, people,
    IF(
      old, rate, COALESCE(AVG(IF(old, rate, NULL)) OVER (PARTITION BY artist_id), rate)
    ) AS rate
  FROM rated
)
SELECT track_id, artist_id, people, people >= {known_likes} AS heard,
  rate / SUM(rate) OVER (PARTITION BY artist_id) AS share,
  SUM(rate) OVER (PARTITION BY artist_id) / SUM(rate) OVER () AS popularity
FROM usual
"""
# Of what too few have heard, the models of listening say what they say of what sounds alike.
_SPEAKERS = """\
CREATE OR REPLACE TABLE `{d}.speakers{s}` AS
SELECT track_id, neighbour_id AS speaker_id,
  similarity / SUM(similarity) OVER (PARTITION BY track_id) AS weight
FROM (
  SELECT w.track_id, n.neighbour_id, 1 - n.distance AS similarity
  FROM `{d}.worths{s}` AS w
  JOIN `{d}.neighbours` AS n ON n.track_id = w.track_id
  JOIN `{d}.worths{s}` AS o ON o.track_id = n.neighbour_id
  WHERE NOT w.heard AND o.heard AND n.distance < 1
)
"""
_LIKED = """\
liked AS (
  SELECT t.user_id, t.track_id
  FROM `{d}.tastes{s}` AS t JOIN `{d}.listeners{s}` AS l ON l.user_id = t.user_id
  WHERE t.rating > 0 AND t.place <= {liked}
), near AS (
  SELECT l.user_id, n.neighbour_id AS track_id, SUM(n.similarity) AS together
  FROM liked AS l JOIN `{d}.together{s}` AS n ON n.track_id = l.track_id
  GROUP BY l.user_id, n.neighbour_id
)"""
_OF_THE_MODEL = """
  SELECT user_id, track_id FROM `{d}.candidates_{slot}{s}`
  UNION DISTINCT
  SELECT user_id, track_id FROM (
    SELECT c.user_id, k.track_id,
      ROW_NUMBER() OVER (
        PARTITION BY c.user_id ORDER BY SUM(k.weight * c.score) DESC, k.track_id
      ) AS place
    FROM `{d}.candidates_{slot}{s}` AS c JOIN `{d}.speakers{s}` AS k ON k.speaker_id = c.track_id
    GROUP BY c.user_id, k.track_id
  )
  WHERE place <= {spoken_for}
  UNION DISTINCT"""
# Each candidate with the tracks that speak for it: itself, where enough have heard it.
_VOICES = """\
CREATE OR REPLACE TABLE `{d}.voices{s}` AS
WITH {likes}, offered AS ({of_the_model}
  SELECT user_id, track_id FROM (
    SELECT user_id, track_id,
      ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY together DESC, track_id) AS place
    FROM near
    -- What they have heard is no discovery, and takes no other's place.
    WHERE NOT EXISTS (
      SELECT 1 FROM `{d}.tastes{s}` AS h
      WHERE h.user_id = near.user_id AND h.track_id = near.track_id
    )
  )
  WHERE place <= {together}
  UNION DISTINCT
  SELECT user_id, track_id FROM `{d}.content{s}` WHERE place <= {alike}
), candidates AS (
  SELECT o.user_id, o.track_id, w.heard
  FROM offered AS o
  JOIN `{d}.worths{s}` AS w ON w.track_id = o.track_id
  LEFT JOIN `{d}.tastes{s}` AS h ON h.user_id = o.user_id AND h.track_id = o.track_id
  WHERE h.track_id IS NULL
)
SELECT c.user_id, c.track_id, IF(c.heard, c.track_id, k.speaker_id) AS speaker_id,
  IF(c.heard, 1.0, COALESCE(k.weight, 0.0)) AS weight
FROM candidates AS c
LEFT JOIN `{d}.speakers{s}` AS k ON k.track_id = c.track_id AND NOT c.heard
"""
_CONFIDENCES = """\
CREATE OR REPLACE TABLE `{d}.confidences{s}` AS
SELECT r.user_id, r.track_id, r.predicted_rating_confidence AS confidence
FROM ML.RECOMMEND(
  MODEL `{d}.mf_{slot}{s}`,
  (SELECT DISTINCT user_id, speaker_id AS track_id FROM `{d}.voices{s}`
    WHERE speaker_id IS NOT NULL)
) AS r
"""
_SIGNALS = """\
CREATE OR REPLACE TABLE `{d}.signals{s}` AS
WITH {likes}, alike AS (
  SELECT l.user_id, n.neighbour_id AS track_id, SUM(1 - n.distance) AS alike
  FROM liked AS l JOIN `{d}.neighbours` AS n ON n.track_id = l.track_id
  GROUP BY l.user_id, n.neighbour_id
), reached AS (
  SELECT i.user_id, a.other_id AS artist_id, SUM(i.chance * a.chance) AS chance
  FROM `{d}.interests{s}` AS i JOIN `{d}.artist_steps{s}` AS a ON a.artist_id = i.artist_id
  GROUP BY i.user_id, a.other_id
), spoken AS (
  SELECT v.user_id, v.track_id,
    SUM(v.weight * {confidence}) AS factors,
    SUM(v.weight * COALESCE(n.together, 0.0)) AS together
  FROM `{d}.voices{s}` AS v{confidences}
  LEFT JOIN near AS n ON n.user_id = v.user_id AND n.track_id = v.speaker_id
  GROUP BY v.user_id, v.track_id
)
SELECT p.user_id, p.track_id, w.heard, p.factors, p.together,
  COALESCE(a.alike, 0.0) AS alike,
  COALESCE(r.chance, 0.0) AS artists,
  w.share, w.popularity
FROM spoken AS p
JOIN `{d}.worths{s}` AS w ON w.track_id = p.track_id
LEFT JOIN alike AS a ON a.user_id = p.user_id AND a.track_id = p.track_id
LEFT JOIN reached AS r ON r.user_id = p.user_id AND r.artist_id = w.artist_id
"""
_JOIN_CONFIDENCES = """
  LEFT JOIN `{d}.confidences{s}` AS c ON c.user_id = v.user_id AND c.track_id = v.speaker_id"""


def relations(dataset: str, *, suffix: str = "", until: str = NOW) -> list[str]:
    """What goes with what: from `tastes`, `listeners`, `tracks`, `sounds` and `neighbours`.

    `together`, `worths`, `speakers`, `artist_steps` and `interests`, in the order in which they
    need each other.
    """
    names = {"d": dataset, "s": suffix}
    return [
        _TOGETHER.format(**names, liked=MOST_LIKED, near=MOST_NEAR),
        _WORTHS.format(
            **names,
            until=until,
            oldest=OLDEST_DAYS,
            known_days=KNOWN_DAYS,
            known_likes=KNOWN_LIKES,
            half_life=HALF_LIFE_DAYS,
        ),
        _SPEAKERS.format(**names),
        interests.steps(dataset, suffix=suffix),
        interests.interests(dataset, suffix=suffix),
    ]


def signals(dataset: str, slot: int, *, suffix: str = "") -> list[str]:
    """`voices`, `confidences` and `signals`: of everybody's candidates, a row each.

    From `relations`, `content`, and `candidates_{slot}` and the model `mf_{slot}`; `slot` -1: there
    is no model, and `factors` is 0.
    """
    names = {"d": dataset, "s": suffix, "slot": slot}
    likes = _LIKED.format(**names, liked=MOST_LIKED)
    learned = slot >= 0
    voices = _VOICES.format(
        **names,
        likes=likes,
        of_the_model=_OF_THE_MODEL.format(**names, spoken_for=MOST_SPOKEN_FOR) if learned else "",
        together=MOST_TOGETHER,
        alike=MOST_ALIKE,
    )
    made = _SIGNALS.format(
        **names,
        likes=likes,
        confidence="COALESCE(c.confidence, 0.0)" if learned else "0.0",
        confidences=_JOIN_CONFIDENCES.format(**names) if learned else "",
    )
    return [voices, *([_CONFIDENCES.format(**names)] if learned else []), made]
