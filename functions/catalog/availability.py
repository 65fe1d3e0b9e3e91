"""Whether something may be played: in which market, and when."""

import datetime
from enum import Enum

from functions.catalog.markets import MARKETS
from functions.catalog.model import Album, AlbumTrack, Terms
from shared.audience import Audience
from shared.clock import utc_now

# Beyond any time that terms name.
NEVER = "9999-12-31T23:59:59Z"


class Reason(str, Enum):
    """Why something may not be played.

    `market`: not here, or not now; `product`: there is no recording of it; `explicit`: whoever
    asks filters what is.
    """

    market = "market"
    product = "product"
    explicit = "explicit"


def now_text() -> str:
    """The time as terms write it; such texts sort as the times do."""
    return text_of(utc_now())


def text_of(time: datetime.datetime) -> str:
    """Raises `OverflowError` for a time that is not within the years 1 to 9999 in UTC."""
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def restriction_of(track: AlbumTrack, album: Album, audience: Audience, now: str) -> Reason | None:
    """Why the track may not be played to them.

    What they could lift themselves comes last: it is told where nothing else is in the way.
    """
    if not track.playable:
        return Reason.product
    if not all(is_open(terms, audience.market, now) for terms in (track.terms, album.terms)):
        return Reason.market
    return Reason.explicit if audience.explicit_filter and track.explicit else None


def album_restriction(album: Album, audience: Audience, now: str) -> Reason | None:
    """An album is explicit if all its tracks are."""
    if not is_open(album.terms, audience.market, now):
        return Reason.market
    if audience.explicit_filter and album.tracks and all(each.explicit for each in album.tracks):
        return Reason.explicit
    return None


def available_markets(*terms: Terms, now: str) -> list[str]:
    """Where all of the terms hold now, in alphabetical order."""
    if not all(is_open(each, "", now) for each in terms):
        return []
    limited = [set(each.markets) for each in terms if each.markets]
    return sorted(set.intersection(*limited)) if limited else MARKETS


def common_markets(*terms: Terms) -> list[str]:
    """As `available_markets`, whenever that is; none stands for everywhere."""
    limited = [set(each.markets) for each in terms if each.markets]
    return sorted(set.intersection(*limited)) if limited else []


def holds_until(*terms: Terms, now: str) -> str:
    """When what the terms allow changes next."""
    times = (time for each in terms for time in (each.available_from, each.available_until))
    return min((time for time in times if time > now), default=NEVER)


def is_open(terms: Terms, market: str, now: str) -> bool:
    """Whether the terms hold in the market, "" being any, at that time."""
    if market and terms.markets and market not in terms.markets:
        return False
    return terms.available_from <= now and not (
        terms.available_until and terms.available_until <= now
    )
