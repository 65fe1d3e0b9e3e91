"""Music to search: a million tracks made up from a Zipf vocabulary, and the real titles of the
Free Music Archive. The same seed makes the same music.
"""

import ast
import bisect
import itertools
import random
from collections.abc import Iterator

from functions.search.model import Document, Kind
from shared import ids
from tests.bench import packages

# Carries 48,311 titles with their artists and genres, as a Python literal that is not run.
_PACKAGE = "discovermidi==26.5.19"
_TITLES = "discovermidi/gas/fma_top_genres_artists_songs.py"

_ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "z",
    "br",
    "ch",
    "cl",
    "cr",
    "dr",
    "fl",
    "gr",
    "pl",
    "pr",
    "sh",
    "sl",
    "st",
    "th",
    "tr",
]
_VOWELS = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ee", "oo", "ou"]
_CODAS = ["", "n", "r", "s", "t", "l", "m", "d", "k", "", "", "ng", "ck", "st"]
_SYLLABLES = (1, 1, 2, 2, 2, 2, 3, 3, 3, 4)
_TITLE_LENGTHS = (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)
_ARTIST_LENGTHS = (1, 1, 2, 2, 2, 2, 3)
_GENRES = 200
_TRACKS_OF_ALBUM = 10


class Zipf:
    """Draws the numbers from 0 to n - 1, the n-th in proportion to 1 / (n + 2)."""

    def __init__(self, n: int, rng: random.Random) -> None:
        self._totals = list(itertools.accumulate(1 / (rank + 2) for rank in range(n)))
        self._rng = rng

    def draw(self) -> int:
        return bisect.bisect_left(self._totals, self._rng.random() * self._totals[-1])


def synthetic(
    count: int, *, words: int = 150_000, artists: int = 60_000, seed: int = 7
) -> Iterator[Document]:
    """So many tracks, the most popular first."""
    rng = random.Random(seed)
    vocabulary = _words(words, rng)
    word, artist = Zipf(words, rng), Zipf(artists, rng)
    # Names are of rarer words than titles are.
    names = [
        " ".join(vocabulary[rng.randrange(words)] for _ in range(rng.choice(_ARTIST_LENGTHS)))
        for _ in range(artists)
    ]
    genres = [f"{vocabulary[rng.randrange(2000)]} genre{number}" for number in range(_GENRES)]
    albums: dict[int, tuple[str, int]] = {}
    for rank in range(count):
        by = artist.draw()
        key = by * 1000 + rng.randrange(1 + 2 * count // (artists * _TRACKS_OF_ALBUM))
        if key not in albums:
            albums[key] = (_title(vocabulary, word, rng), rng.randrange(1950, 2026))
        album, year = albums[key]
        yield Document(
            kind=Kind.track,
            id=ids.derive("bench", str(rank)),
            name=_title(vocabulary, word, rng),
            artists=(names[by],),
            album=album,
            popularity=100 - rank * 100 // count,
            released=str(year),
            genres=(genres[by % _GENRES],),
            isrc=f"XX{rank:010}",
        )


def _title(vocabulary: list[str], word: Zipf, rng: random.Random) -> str:
    return " ".join(vocabulary[word.draw()] for _ in range(rng.choice(_TITLE_LENGTHS)))


def _words(count: int, rng: random.Random) -> list[str]:
    """Frequent words are the shorter ones, by and large."""
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = rng.choice(_SYLLABLES)
        made = "".join(
            rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables)
        )
        if len(made) > 2:
            found[made] = None
    return sorted(found, key=lambda word: len(word) + 8 * rng.random())


def real() -> list[Document]:
    """The Free Music Archive's titles, in the order of the package; raises `packages.NotHere`."""
    genres: dict[str, dict[str, list[str]]] = _literal()
    found: list[tuple[int, str, str, str]] = []
    for genre, artists in genres.items():
        for artist, titles in artists.items():
            for title in titles:
                number = len(found)
                found.append((number, genre, artist, title))
    random.Random(7).shuffle(found)
    return [
        Document(
            kind=Kind.track,
            id=ids.derive("real", str(number)),
            name=title,
            artists=(artist,),
            popularity=100 - place * 100 // len(found),
            genres=(genre,),
        )
        for place, (number, genre, artist, title) in enumerate(found)
    ]


def _literal() -> dict[str, dict[str, list[str]]]:
    [source] = packages.read(_PACKAGE, _TITLES)
    [assignment] = [
        node for node in ast.parse(source.decode()).body if isinstance(node, ast.Assign)
    ]
    value: dict[str, dict[str, list[str]]] = ast.literal_eval(assignment.value)
    return value
