"""Which tracks are played to whom."""

import itertools
from collections.abc import Iterable

from functions.playback import errors
from functions.playback.players.contexts import Contexts
from functions.playback.players.model import Entry
from functions.playback.players.moves import Candidate
from shared.errors import NotFound
from shared.protos.catalog_pb2 import Track
from shared.tokens import Caller

# How many tracks are looked at, round by round, for one that can be played.
_LOOKS = (1, 20, 80, 400)

Found = tuple[Candidate, Track]


def is_filtered(track: Track, caller: Caller) -> bool:
    """Whether it is explicit, and the caller wants nothing of that kind."""
    return caller.explicit_filter and track.explicit


def is_playable(track: Track, caller: Caller) -> bool:
    """Whether there is something to hear, where they are, that they want to hear."""
    return _is_offered(track, caller) and not is_filtered(track, caller)


class Playable:
    """Looks for tracks that can be played; raises what `Contexts` raises."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts

    async def first(self, caller: Caller, candidates: Iterable[Candidate]) -> Found | None:
        """Looks at the next ones, more at once the more cannot be played here."""
        found, _ = await self._look(caller, candidates)
        return found

    async def start(self, caller: Caller, candidates: Iterable[Candidate]) -> Found:
        """As `first`; raises `Refused`, with the caller's filter as the reason where it is that."""
        found, were_filtered = await self._look(caller, candidates)
        if found is None:
            raise errors.filtered() if were_filtered else errors.nothing_to_play()
        return found

    async def check(self, caller: Caller, track_id: str) -> None:
        """Raises `Refused` for what the caller filters, `NotFound` for what cannot be played."""
        found, was_filtered = await self._look(caller, [Candidate(track_id, -1)])
        if found is None:
            raise errors.filtered() if was_filtered else NotFound("Resource not found")

    async def may_go_on(self, caller: Caller, entry: Entry | None) -> bool:
        """Whether what was begun may be gone on with: the filter may have come after it."""
        if entry is None or not caller.explicit_filter:
            return True
        track = (await self._contexts.tracks([entry.track_id])).get(entry.track_id)
        return track is None or not is_filtered(track, caller)

    async def _look(
        self, caller: Caller, candidates: Iterable[Candidate]
    ) -> tuple[Found | None, bool]:
        """The first that can be played, and whether but for the filter one before it could be."""
        left = iter(candidates)
        filtered = False
        for most in _LOOKS:
            looked_at = list(itertools.islice(left, most))
            if not looked_at:
                break
            tracks = await self._contexts.tracks(each.track_id for each in looked_at)
            for each in looked_at:
                track = tracks.get(each.track_id)
                if track is not None and is_playable(track, caller):
                    return (each, track), filtered
                filtered = filtered or (track is not None and _is_offered(track, caller))
        return None, filtered


def _is_offered(track: Track, caller: Caller) -> bool:
    offered = not track.markets or caller.country in {"", *track.markets}
    return track.HasField("media") and offered
