"""SQL that makes each night's tables of facts: what tracks there are, who listens to what.

Each table is replaced as a whole, so that a reader sees last night's or tonight's. The names come
from our settings.
"""

# Those who have not listened for longer get no new mixes.
ACTIVE_DAYS = 60
RECENT_DAYS = 30

_TRACKS = """\
CREATE OR REPLACE TABLE `{d}.tracks` AS
SELECT * EXCEPT (seen_at, listed)
FROM (
  SELECT * FROM `{d}.track_facts` WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY seen_at DESC) = 1
)
WHERE listed
"""
# Nothing may lie in it that has no vector: they could not be compared.
_SOUNDS = """\
CREATE OR REPLACE TABLE `{d}.sounds` AS
SELECT track_id, embedding FROM `{d}.tracks` WHERE ARRAY_LENGTH(embedding) = 64
"""
_LISTENERS = """\
CREATE OR REPLACE TABLE `{d}.listeners` AS
SELECT user_id, country
FROM (
  SELECT user_id, country, started_at FROM `{d}.plays_unique`
  WHERE started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {active} DAY)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY started_at DESC) = 1
)
"""
_TASTES = """\
CREATE OR REPLACE TABLE `{d}.tastes` AS
SELECT user_id, track_id, rating, recent,
  ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY rating DESC, track_id) AS place
FROM (
  SELECT p.user_id, p.track_id, COALESCE(MAX(f.rating), 0.0) AS rating,
    COUNTIF(
      p.counted AND p.started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {recent} DAY)
    ) AS recent
  FROM `{d}.plays_unique` AS p
  LEFT JOIN `{d}.feedback` AS f ON f.user_id = p.user_id AND f.track_id = p.track_id
  GROUP BY p.user_id, p.track_id
)
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
    "library_events",
    "listeners",
    "tastes",
    "content",
    "candidates_0",
    "candidates_1",
)


def facts(dataset: str) -> list[str]:
    """In the order in which they need each other."""
    return [
        _TRACKS.format(d=dataset),
        _SOUNDS.format(d=dataset),
        _LISTENERS.format(d=dataset, active=ACTIVE_DAYS),
        _TASTES.format(d=dataset, recent=RECENT_DAYS),
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
