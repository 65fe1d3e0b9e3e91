"""What people type to find a track: as they go, whole, in fields, and with one typing error."""

import random
from collections.abc import Callable, Iterator, Sequence

import msgspec

from functions.search import text
from functions.search.model import Document

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LEAST_LETTERS = 4
_ALBUM, _YEARS = 0.3, 3


class Asked(msgspec.Struct, frozen=True):
    """A query of one kind, and the id of the track that it is for.

    `fields` are the words of a fielded query, and "from" and "to" the years of its range; of every
    other kind `q` says all. `goes_on`: the last word is being typed.
    """

    kind: str
    q: str
    wanted: str
    goes_on: bool = False
    fields: dict[str, str] = {}


def prefixes(tracks: Sequence[Document], rng: random.Random) -> Asked:
    """A title up to some letter of it."""
    track = rng.choice(tracks)
    title = " ".join(text.words(track.name))
    return Asked("prefix", title[: rng.randint(1, len(title))].strip(), track.id, goes_on=True)


def two_words(tracks: Sequence[Document], rng: random.Random) -> Asked:
    """Two words out of title and artist."""
    while True:
        track = rng.choice(tracks)
        words = [*text.words(track.name), *_artist(track)]
        if len(words) > 1:
            return Asked("two words", " ".join(rng.sample(words, 2)), track.id)


def exact(tracks: Sequence[Document], rng: random.Random) -> Asked:
    """The title and a word of the artist."""
    while True:
        track = rng.choice(tracks)
        words = [*text.words(track.name)[:6], rng.choice(_artist(track) or [""])]
        if any(len(word) >= _LEAST_LETTERS for word in words):
            return Asked("spelled right", " ".join(words).strip(), track.id)


def mistyped(tracks: Sequence[Document], rng: random.Random) -> Asked:
    """The same with one error in one word, of four letters or more."""
    asked = exact(tracks, rng)
    words = asked.q.split()
    place = rng.choice([n for n, word in enumerate(words) if len(word) >= _LEAST_LETTERS])
    words[place] = _mistyped(words[place], rng)
    return Asked("one error", " ".join(words), asked.wanted)


def fielded(tracks: Sequence[Document], rng: random.Random) -> Asked:
    """A word of the artist, in its field, with one of the title or the album, or with years."""
    track = rng.choice(tracks)
    fields = {"artist": rng.choice(_artist(track) or text.words(track.name))}
    if rng.random() < _ALBUM and track.album:
        fields["album"] = rng.choice(text.words(track.album))
    else:
        fields["track"] = rng.choice(text.words(track.name))
    if rng.random() < _ALBUM and track.released:
        year = int(track.released)
        fields |= {"from": str(year - _YEARS), "to": str(year + _YEARS)}
    return Asked("fielded", "", track.id, fields=fields)


KINDS: tuple[Callable[[Sequence[Document], random.Random], Asked], ...] = (
    prefixes,
    two_words,
    fielded,
    exact,
    mistyped,
)


def all_kinds(tracks: Sequence[Document], of_each: int, seed: int = 7) -> Iterator[Asked]:
    """So many of each kind, in turns."""
    rng = random.Random(seed)
    for _ in range(of_each):
        for make in KINDS:
            yield make(tracks, rng)


def _mistyped(word: str, rng: random.Random) -> str:
    """A letter is missing, one too many or wrong, or two are swapped."""
    while True:
        place, letter = rng.randrange(len(word)), rng.choice(_LETTERS)
        before, after = word[:place], word[place + 1 :]
        made = rng.choice(
            [
                before + after,
                before + letter + word[place:],
                before + letter + after,
                before + word[place : place + 2][::-1] + after[1:],
            ]
        )
        if made != word:
            return made


def _artist(track: Document) -> list[str]:
    return [word for name in track.artists for word in text.words(name)]
