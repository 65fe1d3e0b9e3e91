"""A person's mixes as they are to see them now."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cachetools import TTLCache

from functions.recommendations.mixes import cold
from functions.recommendations.model import Mix, MixTrack, PopularHere, Radio, UserMixes
from functions.recommendations.opinions import Opinions, more_of, shown, user_mixes
from functions.recommendations.store import (
    Documents,
    mixes_path,
    popular_path,
    radio_path,
)
from shared.audience import Audience
from shared.clock import Clock, utc_now
from shared.documents import from_document

# What is popular changes once a night.
_TTL_S = 300.0
_MOST = 64
# Of what somebody new has asked for more of, the newest count.
_MOST_CHOSEN = 20


@dataclass(frozen=True)
class ShownMix:
    """A mix with those of its tracks that its person is to see; `made_at` is in seconds."""

    mix: Mix
    tracks: Sequence[MixTrack]
    made_at: int

    @cached_property
    def version(self) -> int:
        """Another number of 48 bits whenever something else is shown."""
        hashed = hashlib.blake2b(f"{self.mix.id}\0{self.made_at}".encode(), digest_size=6)
        for track in self.tracks:
            hashed.update(f"\0{track.id}".encode())
        return int.from_bytes(hashed.digest(), "big")


@dataclass(frozen=True)
class Own:
    """`kept` holds the mixes of the night, or those made up for somebody new.

    With `explicit_filter` nothing explicit is shown of them.
    """

    kept: UserMixes
    made_at: int
    explicit_filter: bool = False

    def listed(self) -> list[ShownMix]:
        """Those of which something is left to be shown."""
        opinions = self.kept.opinions
        found = [self._shown(mix, opinions) for mix in self.kept.mixes]
        return [each for each in found if each.tracks]

    def find(self, mix_id: str) -> ShownMix | None:
        for mix in self.kept.mixes:
            if mix.id == mix_id:
                return self._shown(mix, self.kept.opinions)
        return None

    def _shown(self, mix: Mix, opinions: Opinions) -> ShownMix:
        tracks = shown(mix, opinions, explicit_filter=self.explicit_filter)
        return ShownMix(mix, tracks, self.made_at)


class MixReader:
    """One document for who has listened; who is new gets what they chose, and what is popular."""

    def __init__(self, documents: Documents, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._clock = clock
        self._popular: TTLCache[str, PopularHere] = TTLCache(
            _MOST, _TTL_S, lambda: clock().timestamp()
        )

    async def of(self, user: str, audience: Audience, *, of_a_night: bool = False) -> Own:
        """`of_a_night`: nothing is made up."""
        country, explicit_filter = audience
        path = mixes_path(user)
        kept = user_mixes((await self._documents.read([path])).get(path))
        if kept.mixes or of_a_night or kept.erased:
            return Own(kept, kept.made_at, explicit_filter)
        now = self._clock()
        mixes = cold.mixes(
            user,
            country,
            await self.popular(country),
            now.date(),
            kept.opinions,
            radios=await self._radios(kept.opinions),
            explicit_filter=explicit_filter,
        )
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        made = UserMixes(mixes=mixes, said=kept.said)
        return Own(made, int(midnight.timestamp()), explicit_filter)

    async def popular(self, country: str) -> PopularHere:
        """In the country, and after that anywhere."""
        known = self._popular.get(country)
        if known is not None:
            return known
        here, world = popular_path(country), popular_path("")
        stored = await self._documents.read([here, world])
        tracks = {
            track.id: track
            for path in dict.fromkeys((here, world))
            if path in stored
            for track in from_document(dict(stored[path].data), PopularHere).tracks
        }
        found = PopularHere(list(tracks.values()))
        # Where there is nothing, the first night may be over in a moment.
        if tracks:
            self._popular[country] = found
        return found

    async def _radios(self, opinions: Opinions) -> list[Radio]:
        """Of what was chosen, the newest choice first."""
        chosen = more_of(opinions)[:_MOST_CHOSEN]
        paths = [radio_path(*key.split(":", 1)) for key in chosen]
        stored = await self._documents.read(paths) if paths else {}
        return [from_document(dict(stored[path].data), Radio) for path in paths if path in stored]
