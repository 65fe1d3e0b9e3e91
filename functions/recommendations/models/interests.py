"""SQL of what a listener is interested in: a mixture of few of the artists that they listen to.

What somebody plays is explained as steps from their own artists. How much each is stepped from is
found by expectation and maximisation: an artist that others explain better loses its part to them.
The names come from our settings; a suffix says of when the tables are, as in `signals`.
"""

# What likes are joined with likes by grows with the square of how many somebody has.
MOST_ARTISTS = 50
MOST_STEPS = 300
# So many of their own artists may be a listener's interests.
MOST_INTERESTS = 20
# How a step is weighed: by those who took it, by how popular it is where it leads to, and by how
# alike both artists sound.
WAY, POPULARITY, SOUND = 0.7, 0.3, 4.2
ROUNDS = 5
# Each round goes so much farther than expectation and maximisation would, which needs as many more.
HASTE = 2.0
# How often each interest was played so far says only half of how often it will be played: to its
# chance is added what it would be if all interests were alike, so many times.
ALIKE = 1.0
# Two artists stand for one interest as far as each leads to the other.
LIKENESS = 0.25

# From an artist to one of its listeners, to an artist they listen to; to stay is one of the ways.
_STEPS = """\
CREATE OR REPLACE TABLE `{d}.artist_steps{s}` AS
WITH listened AS (
  SELECT user_id, artist_id, much / SUM(much) OVER (PARTITION BY user_id) AS part, much
  FROM (
    SELECT user_id, artist_id, much,
      ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY much DESC, artist_id) AS place
    FROM (
      SELECT t.user_id, w.artist_id, SUM(EXP(t.rating) - 1) AS much
      FROM `{d}.tastes{s}` AS t JOIN `{d}.worths{s}` AS w ON w.track_id = t.track_id
      WHERE t.rating > 0
      GROUP BY t.user_id, w.artist_id
    )
  )
  WHERE place <= {artists}
), ways AS (
  SELECT a.artist_id, b.artist_id AS other_id, SUM(a.much * b.part) AS way
  FROM listened AS a JOIN listened AS b ON b.user_id = a.user_id
  GROUP BY a.artist_id, b.artist_id
), parts AS (
  SELECT artist_id, other_id, way / SUM(way) OVER (PARTITION BY artist_id) AS part FROM ways
), heard AS (
  SELECT artist_id, ARRAY_AGG(value ORDER BY dimension) AS sound
  FROM (
    SELECT t.artist_id, at AS dimension, AVG(value) AS value
    FROM `{d}.sounds` AS e
    JOIN `{d}.tracks` AS t ON t.track_id = e.track_id
    CROSS JOIN UNNEST(e.embedding) AS value WITH OFFSET AS at
    GROUP BY t.artist_id, at
  )
  GROUP BY artist_id
), known AS (
  SELECT artist_id, ANY_VALUE(popularity) AS popularity FROM `{d}.worths{s}` GROUP BY artist_id
), weighed AS (
  SELECT p.artist_id, p.other_id,
    POW(p.part, {way}) * POW(k.popularity, {popularity})
      * EXP({sound} * COALESCE(1 - COSINE_DISTANCE(a.sound, b.sound), 0.0)) AS weight
  FROM parts AS p
  JOIN known AS k ON k.artist_id = p.other_id
  LEFT JOIN heard AS a ON a.artist_id = p.artist_id
  LEFT JOIN heard AS b ON b.artist_id = p.other_id
)
SELECT artist_id, other_id, chance, stay
FROM (
  SELECT artist_id, other_id, weight / SUM(weight) OVER (PARTITION BY artist_id) AS chance,
    MAX(IF(other_id = artist_id, weight, 0.0)) OVER (PARTITION BY artist_id)
      / SUM(weight) OVER (PARTITION BY artist_id) AS stay,
    ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY weight DESC, other_id) AS place
  FROM weighed
)
WHERE place <= {steps}
"""
# Of each of a listener's artists, how much it explains of what they play.
_INTERESTS = """\
CREATE OR REPLACE TABLE `{d}.interests{s}` AS
WITH liked AS (
  SELECT t.user_id, w.artist_id, SUM(EXP(t.rating) - 1) AS much
  FROM `{d}.tastes{s}` AS t
  JOIN `{d}.listeners{s}` AS l ON l.user_id = t.user_id
  JOIN `{d}.worths{s}` AS w ON w.track_id = t.track_id
  WHERE t.rating > 0
  GROUP BY t.user_id, w.artist_id
), listened AS (
  SELECT user_id, artist_id, much / SUM(much) OVER (PARTITION BY user_id) AS part
  FROM (
    SELECT user_id, artist_id, much,
      ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY much DESC, artist_id) AS place
    FROM liked
  )
  WHERE place <= {interests}
), round_0 AS (
  SELECT a.user_id, a.artist_id, b.artist_id AS other_id, b.part, s.chance AS step,
    LEAST(1.0, POW(s.chance * COALESCE(r.chance / r.stay, 0.0) / s.stay, {likeness})) AS likeness,
    a.part AS chance
  FROM listened AS a
  JOIN listened AS b ON b.user_id = a.user_id
  JOIN `{d}.artist_steps{s}` AS s ON s.artist_id = a.artist_id AND s.other_id = b.artist_id
  LEFT JOIN `{d}.artist_steps{s}` AS r ON r.artist_id = s.other_id AND r.other_id = s.artist_id
){rounds}, shared AS (
  SELECT user_id, other_id AS artist_id, SUM(chance * likeness) AS mass,
    SUM(IF(artist_id = other_id, chance, 0.0)) AS chance
  FROM round_{last}
  GROUP BY user_id, other_id
), weighed AS (
  SELECT user_id, artist_id,
    chance / SUM(chance) OVER (PARTITION BY user_id) + {alike} * chance / mass AS weight
  FROM shared
)
SELECT user_id, artist_id, weight / SUM(weight) OVER (PARTITION BY user_id) AS chance
FROM weighed
"""
# No round need make the chances 1 in sum: only what they are to each other counts.
_ROUND = """, expected_{this} AS (
  SELECT *, SUM(chance * step) OVER (PARTITION BY user_id, other_id) AS expected
  FROM round_{before}
), round_{this} AS (
  SELECT user_id, artist_id, other_id, part, step, likeness,
    chance * POW(SUM(part * step / expected) OVER (PARTITION BY user_id, artist_id), {haste})
      AS chance
  FROM expected_{this}
)"""


def steps(dataset: str, *, suffix: str = "") -> str:
    """`artist_steps`: `chance` of a step from an artist to another, and `stay`, to itself.

    From `tastes`, `worths`, `tracks` and `sounds`.
    """
    return _STEPS.format(
        d=dataset,
        s=suffix,
        artists=MOST_ARTISTS,
        steps=MOST_STEPS,
        way=WAY,
        popularity=POPULARITY,
        sound=SOUND,
    )


def interests(dataset: str, *, suffix: str = "") -> str:
    """`interests`: of each listener some of their artists, with chances that are 1 in sum.

    From `tastes`, `listeners`, `worths` and `artist_steps`.
    """
    rounds = (
        _ROUND.format(before=before, this=before + 1, haste=HASTE) for before in range(ROUNDS)
    )
    return _INTERESTS.format(
        d=dataset,
        s=suffix,
        interests=MOST_INTERESTS,
        likeness=LIKENESS,
        alike=ALIKE,
        rounds="".join(rounds),
        last=ROUNDS,
    )
