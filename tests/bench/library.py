"""A library of songs for benches: seeded, with names as frequent as names are."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from shared import ids

_SYLLABLES = (
    "ka", "lo", "mi", "ran", "tor", "vel", "su", "ne", "dri", "fa", "go", "hul", "is", "jar",
    "ke", "lum", "nor", "pe", "qui", "sta",
)  # fmt: skip
_GENRES = ("rock", "jazz", "folk", "electronic", "classical", "metal", "pop", "ambient")
TRACKS_AN_ALBUM = 10
ALBUMS_AN_ARTIST = 5


@dataclass(frozen=True)
class Song:
    """One tagged track."""

    title: str
    artist: str
    album: str
    number: int
    genre: str
    year: str

    @property
    def id(self) -> str:
        return ids.derive("bench-track", self.artist, self.album, str(self.number))

    @property
    def album_id(self) -> str:
        return ids.derive("bench-album", self.artist, self.album)

    @property
    def artist_id(self) -> str:
        return ids.derive("bench-artist", self.artist)


def songs(count: int, seed: int = 1) -> Iterator[Song]:
    """So many songs, album by album."""
    chosen = random.Random(seed)
    made = 0
    while made < count:
        artist = f"{_name(chosen, 2)} {made}"
        for _ in range(ALBUMS_AN_ARTIST):
            album, genre = _name(chosen, 3), chosen.choice(_GENRES)
            year = str(chosen.randint(1960, 2025))
            for number in range(1, TRACKS_AN_ALBUM + 1):
                if made == count:
                    return
                yield Song(_name(chosen, 3), artist, album, number, genre, year)
                made += 1


def _name(chosen: random.Random, words: int) -> str:
    return " ".join(
        "".join(chosen.choices(_SYLLABLES, k=chosen.randint(2, 3))).title() for _ in range(words)
    )
