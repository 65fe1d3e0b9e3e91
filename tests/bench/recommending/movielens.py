"""ML-100k, which the `recbole` wheel carries: 100,000 ratings of films by 943 people.

Liked is what got four stars or five. People rate all their films in one sitting or a few, so that
a cut at one moment would leave hardly anybody on both sides of it: each person's own ratings are
cut by their time, the last fifth for the test.
"""

import csv
import io

import numpy as np

from tests.bench import packages
from tests.bench.recommending.data import Data, Part
from tests.bench.recommending.metrics import Doubles
from tests.bench.recommending.world import Floats, Ints

_PACKAGE = "recbole==1.2.1"
_FOLDER = "recbole/dataset_example/ml-100k/ml-100k"
_LIKED = 4.0
# Of each person's own ratings.
_VALIDATION_FROM = 0.7
_TEST_FROM = 0.8


def load() -> Data:
    """Raises `packages.NotHere`."""
    ratings, films = _files()
    return parse(ratings, films)


def parse(ratings: str, films: str) -> Data:
    """Of RecBole's atomic files: a heading, then fields between tabs."""
    rows = _rows(ratings)
    users, user = np.unique([row["user_id:token"] for row in rows], return_inverse=True)
    items, item = np.unique([row["item_id:token"] for row in rows], return_inverse=True)
    stamp = np.array([float(row["timestamp:float"]) for row in rows])
    rating = np.array([float(row["rating:float"]) for row in rows])
    return Data(
        users=len(users),
        items=len(items),
        user=user.astype(np.int64),
        item=item.astype(np.int64),
        # Nothing ages or comes out: of a person's own order only the three parts are used.
        day=np.zeros(len(rows), np.float32),
        liked=rating >= _LIKED,
        part=_parts(user.astype(np.int64), stamp),
        begins=(0.0, 0.0, 0.0),
        artist=np.arange(len(items)),
        released=np.full(len(items), -365.0, np.float32),
        embedding=_genres(films, list(items)),
    )


def _parts(user: Ints, stamp: Doubles) -> Ints:
    order = np.lexsort((stamp, user))
    counts = np.bincount(user)
    begins = np.cumsum(counts) - counts
    of = user[order]
    place = (np.arange(len(user)) - begins[of]) / counts[of]
    part = np.full(len(user), int(Part.train))
    part[order[place >= _VALIDATION_FROM]] = Part.validation
    part[order[place >= _TEST_FROM]] = Part.test
    return part


def _genres(films: str, items: list[str]) -> Floats:
    """Which genres a film is of and which decade, of length 1."""
    rows = {row["item_id:token"]: row for row in _rows(films)}
    said = [_words(rows.get(item, {})) for item in items]
    words = {word: number for number, word in enumerate(sorted({w for ws in said for w in ws}))}
    found = np.zeros((len(items), max(1, len(words))), np.float32)
    for row, of in enumerate(said):
        found[row, [words[word] for word in of]] = 1
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    out: Floats = found / np.maximum(lengths, 1e-9)
    return out


def _words(row: dict[str, str]) -> list[str]:
    genres = row.get("class:token_seq", "").split()
    year = row.get("release_year:token", "")
    return [*genres, f"{year[:3]}0s"] if year.isdigit() else genres


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def _files() -> tuple[str, str]:
    ratings, films = packages.read(_PACKAGE, f"{_FOLDER}.inter", f"{_FOLDER}.item")
    return ratings.decode(), films.decode(errors="replace")
