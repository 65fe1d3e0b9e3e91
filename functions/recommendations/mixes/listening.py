"""What is known of one listener when their mixes are made, and of the tracks to choose from."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functions.recommendations.model import Opinion
from functions.recommendations.opinions import is_hidden, is_wanted

# Fewer tracks say nothing of whether somebody wants explicit ones.
_TELLING = 20


@dataclass(frozen=True)
class Fact:
    """A track as it is tonight. `vector` is empty where nothing was measured."""

    id: str
    artists: Sequence[str]
    artist_names: Sequence[str]
    album_id: str = ""
    cover_id: str = ""
    release_date: str = ""
    explicit: bool = False
    markets: Sequence[str] = ()
    genres: Sequence[str] = ()
    vector: Sequence[float] = ()

    @property
    def artist(self) -> str:
        """The first of its artists; a track without any stands for itself."""
        return self.artists[0] if self.artists else f"track:{self.id}"

    @property
    def artist_name(self) -> str:
        return self.artist_names[0] if self.artist_names else ""


@dataclass(frozen=True)
class Taste:
    """A track that was played: how much it is liked, and how often it was heard of late."""

    track_id: str
    rating: float
    recent: int = 0


@dataclass(frozen=True)
class Listener:
    """Lists are best first. `ranked` are candidates, of which nothing was ever played.

    `by_sound` are those of them of which their sound speaks loudest. With `explicit_filter`
    nothing explicit is for them.
    """

    user: str
    country: str = ""
    tastes: Sequence[Taste] = ()
    ranked: Sequence[str] = ()
    by_sound: frozenset[str] = frozenset()
    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    explicit_filter: bool = False

    def liked(self, facts: Mapping[str, Fact]) -> list[str]:
        """Of what they have played, that which they like: first what they want more of."""
        liked = [each.track_id for each in self.tastes if each.rating > 0]

        def is_less(track_id: str) -> bool:
            fact = facts.get(track_id)
            return fact is None or not is_wanted(track_id, fact.artists, self.opinions)

        return sorted(liked, key=is_less)

    @property
    def wanted_artists(self) -> set[str]:
        """Those they have asked for more of."""
        return {
            key.removeprefix("artist:")
            for key, opinion in self.opinions.items()
            if opinion is Opinion.more and key.startswith("artist:")
        }


class Rules:
    """What a listener may be given at all."""

    def __init__(self, listener: Listener, facts: Mapping[str, Fact]) -> None:
        self._listener = listener
        self._facts = facts
        known = [facts[each.track_id] for each in listener.tastes if each.track_id in facts]
        is_bold = len(known) < _TELLING or any(each.explicit for each in known)
        self.explicit = is_bold and not listener.explicit_filter

    def allow(self, track_id: str) -> bool:
        """In the catalogue, offered in their country, not hidden, and no bolder than they are."""
        fact = self._facts.get(track_id)
        if fact is None or is_hidden(track_id, fact.artists, self._listener.opinions):
            return False
        country = self._listener.country
        if fact.markets and country and country not in fact.markets:
            return False
        return self.explicit or not fact.explicit

    def of(self, track_ids: Sequence[str]) -> list[str]:
        """Those that are allowed, each once, in their order."""
        return [each for each in dict.fromkeys(track_ids) if self.allow(each)]


def week_of(day: datetime.date) -> datetime.date:
    """The Monday that its week began with."""
    return day - datetime.timedelta(days=day.weekday())
