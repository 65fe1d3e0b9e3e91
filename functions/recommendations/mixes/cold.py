"""Mixes for somebody of whom nothing is known yet: what is popular, and a little exploring."""

import datetime
from collections.abc import Mapping

from functions.recommendations.mixes.build import SIZE, Shelf, make
from functions.recommendations.mixes.chance import generator, shuffled
from functions.recommendations.mixes.diversity import capped, spread
from functions.recommendations.mixes.listening import Fact, Listener, Rules, week_of
from functions.recommendations.model import (
    Kind,
    Mix,
    MixTrack,
    Opinion,
    PopularHere,
    PopularTrack,
    Why,
    mix_id,
)

_MOST_OF_ARTIST = 3


def mixes(
    user: str,
    country: str,
    popular: PopularHere,
    day: datetime.date,
    opinions: Mapping[str, Opinion],
) -> list[Mix]:
    """The same for a whole week. None where nobody has played anything."""
    facts = {each.id: fact_of(each) for each in popular.tracks}
    listener = Listener(user=user, country=country, opinions=opinions)
    shelf = Shelf(facts=facts, popular=list(facts))
    made = make(listener, shelf, day)
    allowed = capped(Rules(listener, facts).of(list(facts)), shelf.artist_of, _MOST_OF_ARTIST)
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
                tracks=[MixTrack(each, list(facts[each].artists), Why.popular) for each in order],
            )
        )
    return made


def fact_of(track: PopularTrack) -> Fact:
    return Fact(
        id=track.id,
        artists=track.artists,
        artist_names=(),
        cover_id=track.cover_id,
        explicit=track.explicit,
        markets=track.markets,
    )
