"""Whether something may be played: in which market, and when."""

import datetime
from enum import Enum

from functions.catalog.markets import MARKETS
from functions.catalog.model import Album, AlbumTrack, Terms
from shared.clock import utc_now

# Beyond any time that terms name.
NEVER = "9999-12-31T23:59:59Z"


class Reason(str, Enum):
    """Why something may not be played: not here or not now; or there is no recording of it."""

    market = "market"
    product = "product"


def now_text() -> str:
    """The time as terms write it; such texts sort as the times do."""
    return text_of(utc_now())


def text_of(time: datetime.datetime) -> str:
    """Raises `OverflowError` for a time that is not within the years 1 to 9999 in UTC."""
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def restriction_of(track: AlbumTrack, album: Album, market: str, now: str) -> Reason | None:
    """Why the track may not be played in the market; "" is no market in particular."""
    if not track.playable:
        return Reason.product
    if is_open(track.terms, market, now) and is_open(album.terms, market, now):
        return None
    return Reason.market


def album_restriction(album: Album, market: str, now: str) -> Reason | None:
    return None if is_open(album.terms, market, now) else Reason.market


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
