"""SQL that makes each night's tables of facts: what tracks there are, who listens to what.

Each table is replaced as a whole, so that a reader sees last night's or tonight's. Those of the
past, which a training is measured on, bear a suffix and end at `until`, which is GoogleSQL. The
names come from our settings.
"""

from functions.recommendations.features.sound import SIZE
from functions.recommendations.models.signals import HALF_LIFE_DAYS, NOW

# Those who have not listened for longer get no new mixes.
ACTIVE_DAYS = 60
RECENT_DAYS = 30

# Rows from before vectors were as long as they are hold none, until the track is noted again.
_TRACKS = """\
CREATE OR REPLACE TABLE `{d}.tracks` AS
SELECT * EXCEPT (seen_at, listed, embedding),
  IF(ARRAY_LENGTH(embedding) = {size}, embedding, []) AS embedding,
  COALESCE(artist_ids[SAFE_OFFSET(0)], track_id) AS artist_id
FROM (
  SELECT *, MIN(seen_at) OVER (PARTITION BY track_id) AS noted_at
  FROM `{d}.track_facts` WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY seen_at DESC) = 1
)
WHERE listed
"""
# Nothing may lie in it that has no vector: they could not be compared.
_SOUNDS = """\
CREATE OR REPLACE TABLE `{d}.sounds` AS
SELECT track_id, embedding FROM `{d}.tracks` WHERE ARRAY_LENGTH(embedding) > 0
"""
_LISTENERS = """\
CREATE OR REPLACE TABLE `{d}.listeners{s}` AS
SELECT user_id, country
FROM (
  SELECT user_id, country, started_at FROM `{d}.plays_unique`
  WHERE started_at > TIMESTAMP_SUB({until}, INTERVAL {active} DAY) AND started_at < {until}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY started_at DESC) = 1
)
"""
# What was saved and never played is known to them as well.
_TASTES = """\
CREATE OR REPLACE TABLE `{d}.tastes{s}` AS
SELECT user_id, track_id, rating, recent,
  ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY rating DESC, track_id) AS place
FROM (
  SELECT COALESCE(p.user_id, f.user_id) AS user_id, COALESCE(p.track_id, f.track_id) AS track_id,
    COALESCE(f.rating, 0.0) AS rating, COALESCE(p.recent, 0) AS recent
  FROM (
    SELECT user_id, track_id,
      COUNTIF(
        counted AND started_at > TIMESTAMP_SUB({until}, INTERVAL {recent} DAY)
      ) AS recent
    FROM `{d}.plays_unique`
    WHERE started_at < {until}
    GROUP BY user_id, track_id
  ) AS p
  FULL JOIN `{d}.feedback{s}` AS f ON f.user_id = p.user_id AND f.track_id = p.track_id
)
"""
# The view `feedback`, as it was.
_FEEDBACK = """\
CREATE OR REPLACE TABLE `{d}.feedback{s}` AS
SELECT user_id, track_id, LN(1 + SUM(weight)) AS rating
FROM (
  SELECT user_id, track_id,
    weight * IF(fades, POW(0.5, TIMESTAMP_DIFF({until}, liked_at, DAY) / {half_life}), 1.0)
      AS weight
  FROM `{d}.likings`
  WHERE liked_at < {until} AND (ended_at IS NULL OR ended_at > {until})
)
GROUP BY user_id, track_id
HAVING SUM(weight) > 0.02
"""
_POPULAR = """\
WITH plays AS (
  SELECT country, track_id, user_id FROM `{d}.plays_unique`
  WHERE counted
    AND started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {recent} DAY)
), listened AS (
  SELECT country, track_id, COUNT(DISTINCT user_id) AS people FROM plays
  GROUP BY country, track_id
  UNION ALL
  SELECT '' AS country, track_id, COUNT(DISTINCT user_id) AS people FROM plays GROUP BY track_id
), ranked AS (
  SELECT country, track_id,
    ROW_NUMBER() OVER (PARTITION BY country ORDER BY people DESC, track_id) AS place
  FROM listened
)
SELECT r.country, r.track_id, t.artist_ids, t.explicit, t.markets, t.cover_id
FROM ranked AS r JOIN `{d}.tracks` AS t ON t.track_id = r.track_id
WHERE r.place <= {most}
ORDER BY r.country, r.place
"""
_ERASE = "DELETE FROM `{d}.{table}` WHERE user_id = @user_id"
_ERASED = """\
INSERT INTO `{d}.erased` (user_id, erased_at)
SELECT @user_id, CURRENT_TIMESTAMP() FROM (SELECT 1)
WHERE NOT EXISTS (SELECT 1 FROM `{d}.erased` WHERE user_id = @user_id)
"""
# Where people's own lines lie between two nights, and what they saved.
PERSONAL = (
    "listeners",
    "tastes",
    "content",
    "interests",
    "candidates_0",
    "candidates_1",
    "voices",
    "confidences",
    "deep_scores",
    "signals",
    "ranked",
    "library_events",
)


def facts(dataset: str) -> list[str]:
    """In the order in which they need each other."""
    return [
        _TRACKS.format(d=dataset, size=SIZE),
        _SOUNDS.format(d=dataset),
        *_listening(dataset, "", NOW),
    ]


def past(dataset: str, *, suffix: str, until: str) -> list[str]:
    """`feedback`, `listeners` and `tastes` as they were, under names with a suffix."""
    feedback = _FEEDBACK.format(d=dataset, s=suffix, until=until, half_life=HALF_LIFE_DAYS)
    return [feedback, *_listening(dataset, suffix, until)]


def _listening(dataset: str, suffix: str, until: str) -> list[str]:
    names = {"d": dataset, "s": suffix, "until": until}
    return [
        _LISTENERS.format(**names, active=ACTIVE_DAYS),
        _TASTES.format(**names, recent=RECENT_DAYS),
    ]


def popular(dataset: str, most: int) -> str:
    """The most listened to of each country, and of all ("")."""
    return _POPULAR.format(d=dataset, recent=RECENT_DAYS, most=most)


def erased(dataset: str) -> str:
    """Takes `@user_id`: from now on the views leave this person out."""
    return _ERASED.format(d=dataset)


def erase(dataset: str) -> list[str]:
    """Take `@user_id`."""
    return [_ERASE.format(d=dataset, table=table) for table in PERSONAL]
