"""SQL of what goes with what, the same for everybody: radios, and artists beside each other.

The names come from our settings.
"""

# Of so many tracks, those that most people play, there are radios.
_RADIOS = 1000
# Of so many artists, those with the most listeners, it is known who goes with them.
_ARTISTS = 5000
MOST_RELATED = 20
# Of a listener the artists that they like best: who likes a thousand would make a million pairs.
_MOST_OF_LISTENER = 50
# What one person alone plays together is that person's own affair.
_LEAST_PEOPLE = 2

_RADIO = """\
SELECT n.track_id AS seed, n.neighbour_id, n.distance, t.artist_ids, t.artist_names,
  k.artist_ids AS near_artists, k.explicit, k.markets, k.cover_id
FROM `{d}.neighbours` AS n
JOIN (
  SELECT track_id, COUNT(*) AS plays FROM `{d}.tastes`
  GROUP BY track_id ORDER BY plays DESC, track_id LIMIT {radios}
) AS p ON p.track_id = n.track_id
JOIN `{d}.tracks` AS t ON t.track_id = n.track_id
JOIN `{d}.tracks` AS k ON k.track_id = n.neighbour_id
ORDER BY n.track_id, n.distance, n.neighbour_id
"""
# The cosine of who listens to one and who to the other.
_RELATED = """\
WITH liked AS (
  SELECT t.user_id, named AS artist_id, SUM(t.rating) AS rating
  FROM `{d}.tastes` AS t
  JOIN `{d}.tracks` AS k ON k.track_id = t.track_id
  CROSS JOIN UNNEST(k.artist_ids) AS named
  WHERE t.rating > 0
  GROUP BY t.user_id, named
), best AS (
  SELECT user_id, artist_id
  FROM (
    SELECT user_id, artist_id,
      ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY rating DESC, artist_id) AS place
    FROM liked
  )
  WHERE place <= {most}
), known AS (
  SELECT artist_id, COUNT(*) AS fans FROM best
  GROUP BY artist_id ORDER BY fans DESC, artist_id LIMIT {artists}
), pairs AS (
  SELECT a.artist_id, b.artist_id AS other_id, COUNT(*) AS fans
  FROM best AS a
  JOIN best AS b ON b.user_id = a.user_id
  WHERE a.artist_id != b.artist_id
  GROUP BY a.artist_id, b.artist_id
  HAVING COUNT(*) >= {least}
)
SELECT artist_id, other_id
FROM (
  SELECT p.artist_id, p.other_id,
    ROW_NUMBER() OVER (
      PARTITION BY p.artist_id
      ORDER BY p.fans / SQRT(a.fans * o.fans) DESC, p.other_id
    ) AS place
  FROM pairs AS p
  JOIN known AS a ON a.artist_id = p.artist_id
  JOIN known AS o ON o.artist_id = p.other_id
)
WHERE place <= {related}
ORDER BY artist_id, place
"""


def radio(dataset: str) -> str:
    """The neighbours of what is listened to, each with what is needed to choose among them."""
    return _RADIO.format(d=dataset, radios=_RADIOS)


def related(dataset: str) -> str:
    """Whom the same people listen to, the nearest first."""
    return _RELATED.format(
        d=dataset,
        most=_MOST_OF_LISTENER,
        artists=_ARTISTS,
        least=_LEAST_PEOPLE,
        related=MOST_RELATED,
    )
