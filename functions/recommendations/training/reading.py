"""Plays and tracks out of BigQuery, as arrays."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from functions.recommendations.training.sequences import Plays, ordered
from functions.recommendations.training.tracks import Tracks

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Row = Mapping[str, Any]

_PAGE = 50_000
_WITHIN_S = 3_600.0


class NothingToLearn(Exception):
    """There are no plays, or no tracks; the message says which."""


class Rows(Protocol):
    """Answers of BigQuery that are too large to be held as rows."""

    def of(self, query: str) -> Iterator[Row]:
        """One after the other; raises Google's errors."""
        ...


class BigQueryRows:
    """`Rows`, a page at a time."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def of(self, query: str) -> Iterator[Row]:
        yield from self._client.query(query).result(page_size=_PAGE, timeout=_WITHIN_S)


@dataclass(frozen=True)
class Catalogue:
    """Tracks by their numbers, from 1 on; `ids` begins with that of number 1."""

    ids: list[str]
    tracks: Tracks

    def numbers(self) -> dict[str, int]:
        return {id: number for number, id in enumerate(self.ids, 1)}


@dataclass(frozen=True)
class Listening:
    """Everybody's plays; `users` are named in the order of their numbers."""

    users: list[str]
    plays: Plays

    def numbers(self) -> dict[str, int]:
        return {user: number for number, user in enumerate(self.users)}


def catalogue(rows: Iterable[Row]) -> Catalogue:
    """Of rows of number, track_id, artist_id and embedding, which has 0 or n numbers."""
    found = list(rows)
    if not found:
        raise NothingToLearn("there are no tracks: the night's tables are not made yet")
    if [row["number"] for row in found] != list(range(1, len(found) + 1)):
        raise ValueError("the tracks are not numbered from 1 on")
    size = max(len(row["embedding"] or ()) for row in found)
    sound = np.zeros((len(found) + 1, max(1, size)), np.float32)
    artists = {"": 0}
    artist = np.zeros(len(found) + 1, np.int64)
    for row in found:
        if row["embedding"]:
            sound[row["number"]] = row["embedding"]
        artist[row["number"]] = artists.setdefault(row["artist_id"] or "", len(artists))
    return Catalogue([row["track_id"] for row in found], Tracks(sound, artist))


def listening(rows: Iterable[Row]) -> Listening:
    """Of rows of user_id, number, at_ms, until_ms and liked, in any order."""
    users: dict[str, int] = {}
    user, number, at, until, liked = array("q"), array("q"), array("q"), array("q"), array("b")
    for row in rows:
        user.append(users.setdefault(row["user_id"], len(users)))
        number.append(row["number"])
        at.append(row["at_ms"])
        until.append(row["until_ms"])
        liked.append(bool(row["liked"]))
    if not users:
        raise NothingToLearn("there are no plays of the tracks that there are")
    plays = ordered(
        np.array(user, np.int64),
        np.array(number, np.int64),
        np.array(at, np.float64) / 1000,
        np.array(until, np.float64) / 1000,
        np.array(liked, bool),
    )
    return Listening(list(users), plays)
