"""A person's mixes as they are to see them now."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from functions.recommendations.mixes import cold
from functions.recommendations.model import Mix, PopularHere, UserMixes
from functions.recommendations.opinions import user_mixes
from functions.recommendations.store import Documents, mixes_path, popular_path
from shared.clock import Clock, utc_now
from shared.documents import from_document
from shared.tokens import Caller

# What is popular changes once a night.
_TTL_S = 300.0
_MOST = 64


@dataclass(frozen=True)
class Own:
    """`kept` holds the mixes of the night, or those made up for somebody new."""

    kept: UserMixes
    made_at: int

    @property
    def mixes(self) -> Sequence[Mix]:
        return self.kept.mixes


class MixReader:
    """One document for who has listened; who is new gets what is popular."""

    def __init__(self, documents: Documents, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._clock = clock
        self._popular: OrderedDict[str, tuple[float, PopularHere]] = OrderedDict()

    async def of(self, caller: Caller) -> Own:
        path = mixes_path(caller.subject)
        kept = user_mixes((await self._documents.read([path])).get(path))
        if kept.mixes:
            return Own(kept, kept.made_at)
        now = self._clock()
        popular = await self.popular(caller.country)
        mixes = cold.mixes(caller.subject, caller.country, popular, now.date(), kept.opinions)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return Own(UserMixes(mixes=mixes, said=kept.said), int(midnight.timestamp()))

    async def popular(self, country: str) -> PopularHere:
        """In the country, and after that anywhere."""
        known = self._popular.get(country)
        now = self._clock().timestamp()
        if known is not None and known[0] > now:
            return known[1]
        here, world = popular_path(country), popular_path("")
        stored = await self._documents.read([here, world])
        tracks = {
            track.id: track
            for path in dict.fromkeys((here, world))
            if path in stored
            for track in from_document(dict(stored[path].data), PopularHere).tracks
        }
        found = PopularHere(list(tracks.values()))
        self._popular[country] = (now + _TTL_S, found)
        if len(self._popular) > _MOST:
            self._popular.popitem(last=False)
        return found
