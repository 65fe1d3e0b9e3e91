"""Mixes for somebody of whom nothing is known yet: what they chose, and what is popular.

Who has said of artists or tracks that they want more of them gets what goes with those; the rest,
and a little exploring, is what many people play.
"""

import datetime
from collections.abc import Mapping, Sequence

import msgspec

from functions.recommendations.mixes.build import SIZE, Shelf, make
from functions.recommendations.mixes.chance import generator, shuffled
from functions.recommendations.mixes.diversity import capped, spread
from functions.recommendations.mixes.listening import Fact, Listener, Rules, week_of
from functions.recommendations.model import (
    KnownTrack,
    Mix,
    MixTrack,
    Opinion,
    PopularHere,
    Radio,
    Why,
)
from functions.recommendations.opinions import is_wanted
from shared.mixes import Kind, mix_id

_MOST_OF_ARTIST = 3
# What comes first in a radio counts more, and what comes in several the most.
_FUSION = 20


def mixes(
    user: str,
    country: str,
    popular: PopularHere,
    day: datetime.date,
    opinions: Mapping[str, Opinion],
    *,
    radios: Sequence[Radio] = (),
    explicit_filter: bool = False,
) -> list[Mix]:
    """The same for a whole week, unless they choose anew. `radios`: of what they chose.

    With `explicit_filter` nothing explicit is among it.
    """
    near = {track.id: track for radio in radios for track in radio.near}
    facts = {id: fact_of(each) for id, each in near.items()}
    facts |= {each.id: fact_of(each) for each in popular.tracks}
    everybodys = [each.id for each in popular.tracks]
    wanted = [each.id for each in popular.tracks if is_wanted(each.id, each.artists, opinions)]
    listener = Listener(
        user=user,
        country=country,
        ranked=list(dict.fromkeys([*_fused(radios), *wanted])),
        opinions=opinions,
        explicit_filter=explicit_filter,
    )
    shelf = Shelf(facts=facts, popular=everybodys)
    made = [_told(mix, radios) for mix in make(listener, shelf, day)]
    allowed = capped(Rules(listener, facts).of(everybodys), shelf.artist_of, _MOST_OF_ARTIST)
    week = week_of(day).isoformat()
    drawn = shuffled(allowed, generator(user, Kind.popular.value, week), 0.2)
    order = [*spread(drawn[:SIZE], shelf.artist_of), *drawn[SIZE:]]
    if order:
        made.append(
            Mix(
                id=mix_id(user, Kind.popular),
                kind=Kind.popular,
                period=week,
                cover_id=next((c for each in order if (c := facts[each].cover_id)), ""),
                size=SIZE,
                tracks=[_popular(facts[each]) for each in order],
            )
        )
    return made


def fact_of(track: KnownTrack) -> Fact:
    return Fact(
        id=track.id,
        artists=track.artists,
        artist_names=(),
        cover_id=track.cover_id,
        explicit=track.explicit,
        markets=track.markets,
    )


def _popular(fact: Fact) -> MixTrack:
    return MixTrack(fact.id, list(fact.artists), Why.popular, explicit=fact.explicit)


def _fused(radios: Sequence[Radio]) -> list[str]:
    """Radios as one ranking, in which each of them has its say."""
    worth: dict[str, float] = {}
    for radio in radios:
        for place, track in enumerate(radio.near):
            worth[track.id] = worth.get(track.id, 0.0) + 1 / (_FUSION + place)
    return sorted(worth, key=lambda track: (-worth[track], track))


def _told(mix: Mix, radios: Sequence[Radio]) -> Mix:
    """Each of its tracks that comes of a choice says whose radio it is from."""
    about: dict[str, str] = {}
    for radio in radios:
        for track in radio.near:
            about.setdefault(track.id, radio.about)
    tracks = [
        msgspec.structs.replace(track, about=about.get(track.id, ""))
        if track.why is Why.because
        else track
        for track in mix.tracks
    ]
    return msgspec.structs.replace(mix, tracks=tracks)
