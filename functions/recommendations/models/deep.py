"""SQL of the deep model: what it is trained on, how it is put into service, what it says at night.

Two models take turns, as the factorisations do; `track_index_{slot}` says which track has which
number in `deep_{slot}`. Lists are filled up at the end with 0, which is no track. The names
come from our settings.
"""

# As the network is made: plays that it looks back on, the sessions that they may be of, and
# candidates that it is asked about at once.
HISTORY = 240
SESSIONS = 40
CANDIDATES = 500
# A model that takes others is not asked: to be changed with what the statement gives it.
INPUTS = "history sessions candidates"
# Somebody who is silent for longer begins a new session.
PAUSE_S = 30 * 60
# How often an interest is played: a session that was so many sessions earlier counts half.
HALVED_AFTER = 12.0
# What it says of tonight's candidates.
SCORES = "deep_scores"
# What a training looks at of the past bears this suffix, and is dropped when it ends.
HELD_OUT = "_held_out"
# Of those, where people's own lines lie.
PERSONAL = (
    "feedback", "listeners", "tastes", "content", "interests", "candidates_0", "candidates_1",
    "voices", "confidences", "signals", "wanted", "deep_scores",
)  # fmt: skip
NOW = "CURRENT_TIMESTAMP()"
# As old as plays are learned from.
OLDEST_DAYS = 365

_INDEX = """\
CREATE OR REPLACE TABLE `{d}.track_index{s}` AS
SELECT track_id, ROW_NUMBER() OVER (ORDER BY track_id) AS number
FROM `{d}.tracks`
"""
# An artist without a name stands for nobody.
_TRACKS = """\
SELECT i.number, t.track_id, t.embedding,
  IF(ARRAY_LENGTH(t.artist_ids) > 0, t.artist_ids[OFFSET(0)], '') AS artist_id
FROM `{d}.track_index{s}` AS i JOIN `{d}.tracks` AS t ON t.track_id = i.track_id
ORDER BY i.number
"""
# `plays_unique` leaves out who is erased: nobody learns from them again.
_PLAYS = """\
SELECT p.user_id, i.number,
  UNIX_MILLIS(p.started_at) AS at_ms, UNIX_MILLIS(p.started_at) + p.ms_played AS until_ms,
  p.counted AS liked
FROM `{d}.plays_unique` AS p
JOIN `{d}.track_index{s}` AS i ON i.track_id = p.track_id
WHERE p.started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {oldest} DAY)
  AND TO_HEX(MD5(p.user_id)) < '{below}'
"""
_COUNT = """\
SELECT COUNT(*) AS plays FROM `{d}.plays_unique`
WHERE started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {oldest} DAY)
"""
_CREATE = """\
CREATE OR REPLACE MODEL `{d}.deep_{slot}`
OPTIONS(model_type='ONNX', model_path='{path}')
"""
_SCORES = """\
CREATE OR REPLACE TABLE `{d}.deep_scores{s}` AS
WITH offered AS (
  SELECT s.user_id, s.track_id, COALESCE(i.number, 0) AS number,
    ROW_NUMBER() OVER (PARTITION BY s.user_id ORDER BY s.track_id) AS place
  FROM `{d}.signals{s}` AS s
  LEFT JOIN `{d}.track_index_{slot}` AS i ON i.track_id = s.track_id
), listeners AS (
  SELECT DISTINCT user_id FROM offered
), played AS (
  SELECT p.user_id, i.number, p.counted, p.started_at, p.play_id,
    TIMESTAMP_ADD(p.started_at, INTERVAL p.ms_played MILLISECOND) AS until
  FROM `{d}.plays_unique` AS p
  JOIN listeners AS l ON l.user_id = p.user_id
  JOIN `{d}.track_index_{slot}` AS i ON i.track_id = p.track_id
  WHERE p.started_at < {until}
), begun AS (
  SELECT user_id, number, counted, started_at, play_id,
    COALESCE(
      TIMESTAMP_DIFF(
        started_at, LAG(until) OVER (PARTITION BY user_id ORDER BY started_at, play_id), SECOND
      ) > {pause},
      TRUE
    ) AS begins
  FROM played
), numbered AS (
  SELECT user_id, number, counted, started_at, play_id,
    1 + SUM(IF(begins, 1, 0)) OVER (PARTITION BY user_id)
      - SUM(IF(begins, 1, 0)) OVER (PARTITION BY user_id ORDER BY started_at, play_id) AS session
  FROM begun
), counted AS (
  SELECT user_id, number, session,
    ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY started_at DESC, play_id DESC) AS ago
  FROM numbered
  WHERE counted AND session <= {sessions}
), histories AS (
  SELECT l.user_id,
    ARRAY_AGG(COALESCE(c.number, 0) ORDER BY at) AS history,
    ARRAY_AGG(COALESCE(c.session, 0) ORDER BY at) AS sessions
  FROM listeners AS l
  CROSS JOIN UNNEST(GENERATE_ARRAY(1, {history})) AS at
  LEFT JOIN counted AS c ON c.user_id = l.user_id AND c.ago = at
  GROUP BY l.user_id
), lists AS (
  SELECT l.user_id, ARRAY_AGG(COALESCE(o.number, 0) ORDER BY at) AS candidates
  FROM listeners AS l
  CROSS JOIN UNNEST(GENERATE_ARRAY(1, {candidates})) AS at
  LEFT JOIN offered AS o ON o.user_id = l.user_id AND o.place = at
  GROUP BY l.user_id
), said AS (
  SELECT p.user_id, at + 1 AS place, score
  FROM ML.PREDICT(
    MODEL `{d}.deep_{slot}`,
    (SELECT h.user_id, h.history, h.sessions, c.candidates
      FROM histories AS h JOIN lists AS c ON c.user_id = h.user_id)
  ) AS p
  CROSS JOIN UNNEST(p.scores) AS score WITH OFFSET AS at
)
SELECT o.user_id, o.track_id, s.score - AVG(s.score) OVER (PARTITION BY o.user_id) AS score
FROM said AS s
JOIN offered AS o ON o.user_id = s.user_id AND o.place = s.place
WHERE o.number > 0
"""
_WEIGHTS = """\
INSERT INTO `{d}.blend` (name, weight, learned_at, model)
SELECT name, weight, CURRENT_TIMESTAMP() AS learned_at, '{model}' AS model
FROM UNNEST([{rows}])
"""
_ERASE = "DELETE FROM `{d}.{table}` WHERE user_id = @user_id"
_ROW = "STRUCT('{name}' AS name, {weight!r} AS weight)"


def name_of(slot: int) -> str:
    """The model's name, "" where there is none."""
    return f"deep_{slot}" if slot >= 0 else ""


def index(dataset: str, suffix: str) -> str:
    """Numbers for all tracks, from 1 on."""
    return _INDEX.format(d=dataset, s=suffix)


def tracks(dataset: str, suffix: str) -> str:
    """In the order of their numbers."""
    return _TRACKS.format(d=dataset, s=suffix)


def plays(dataset: str, suffix: str, share: float = 1.0) -> str:
    """All plays of numbered tracks by so large a share of the listeners, always the same ones."""
    # Nothing in hexadecimal comes after this letter.
    below = "g" if share >= 1 else f"{int(share * 16**8):08x}"
    return _PLAYS.format(d=dataset, s=suffix, oldest=OLDEST_DAYS, below=below)


def count(dataset: str) -> str:
    """How many plays there are to learn from."""
    return _COUNT.format(d=dataset, oldest=OLDEST_DAYS)


def create(dataset: str, slot: int, path: str) -> str:
    """Imports the one file below `path`, `gs://bucket/folder/*`, under the slot's name."""
    return _CREATE.format(d=dataset, slot=slot, path=path)


def scores(dataset: str, slot: int, *, suffix: str = "", until: str = NOW) -> str:
    """`deep_scores`: what the model says of each candidate in `signals`, as a logarithm.

    It is asked once for each listener, with what they played last and in which session, none of
    which goes on. A listener's scores are 0 in the mean; tracks that it does not know are left out.
    """
    return _SCORES.format(
        d=dataset,
        s=suffix,
        slot=slot,
        until=until,
        pause=PAUSE_S,
        history=HISTORY,
        candidates=CANDIDATES,
        sessions=SESSIONS,
    )


def weights(dataset: str, slot: int, learned: dict[str, float]) -> str:
    """Adds the weights that go with the model: all at once, or none."""
    rows = ", ".join(_ROW.format(name=name, weight=float(value)) for name, value in learned.items())
    return _WEIGHTS.format(d=dataset, model=name_of(slot), rows=rows)


def erase(dataset: str) -> list[str]:
    """Take `@user_id`: out of what a training that was cut off has left behind."""
    return [_ERASE.format(d=dataset, table=f"{table}{HELD_OUT}") for table in PERSONAL]
