"""A person's mixes as playlists: the recommendations make them, and the library shows them.

They are nobody's to change; each shows to the person alone for whom it was made.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from functions.library.model import Playlist, is_user_id
from functions.library.sequence import Directory, Entry, Ref
from shared.audience import ANYBODY, Audience, audience_of
from shared.errors import Forbidden, NotFound, Unavailable
from shared.mixes import mix_ids
from shared.protos import recommendations_pb2 as pb
from shared.telemetry import count, fields
from shared.tokens import Caller

OWNER = "cadenza"
OWNER_NAME = "Cadenza"
_REFUSAL = "A mix is made anew for you, and cannot be changed or followed"

log = logging.getLogger(__name__)


class Recommendations(Protocol):
    """What is asked of `shared.recommendations_client.RecommendationsClient`."""

    async def mixes(self, user_id: str, audience: Audience = ANYBODY) -> Sequence[pb.Mix]: ...

    async def mix(self, user_id: str, mix_id: str, audience: Audience = ANYBODY) -> pb.Mix: ...


class Mix(Playlist, frozen=True, kw_only=True):
    """A mix in the shape of a playlist. `listener` is the one to whom it shows.

    `album_cover_id` is an album's, or "". `entries` are none where mixes are only listed.
    """

    listener: str
    album_cover_id: str = ""
    entries: tuple[Entry, ...] = ()

    def shows_to(self, user: str) -> bool:
        return user == self.listener

    def takes_items_of(self, user: str) -> bool:
        return False


class Mixes:
    """Asks for mixes, where there is no playlist of that id and there may be a mix of it."""

    def __init__(self, recommendations: Recommendations) -> None:
        self._recommendations = recommendations

    async def listed(self, caller: Caller) -> list[Mix]:
        """Those of the night; none while the recommendations are not answering."""
        try:
            found = await self._recommendations.mixes(caller.subject, audience_of(caller))
        except Unavailable as error:
            count("library_without_mixes")
            log.warning("no mixes", extra=fields(user_id=caller.subject), exc_info=error)
            return []
        return [mix_of(each, caller.subject) for each in found]

    async def find(self, user: str, audience: Audience, playlist_id: str) -> Mix | None:
        """With its entries; None for what is no mix of theirs. Raises `Unavailable`."""
        if not is_user_id(user) or playlist_id not in mix_ids(user):
            return None
        try:
            found = await self._recommendations.mix(user, playlist_id, audience)
        except NotFound:
            return None
        return mix_of(found, user)

    async def opened(self, caller: Caller, playlist_id: str) -> Mix:
        """Raises `NotFound` for what is no mix of theirs, and `Unavailable`."""
        found = await self.find(caller.subject, audience_of(caller), playlist_id)
        if found is None:
            raise NotFound("Resource not found")
        return found

    @asynccontextmanager
    async def refusing(self, caller: Caller, *playlist_ids: str) -> AsyncIterator[None]:
        """Around a change of playlists: raises `Forbidden` where one of them is a mix of theirs."""
        try:
            yield
        except NotFound:
            for playlist_id in playlist_ids:
                if await self.find(caller.subject, audience_of(caller), playlist_id) is not None:
                    raise Forbidden(_REFUSAL) from None
            raise


def mix_of(found: pb.Mix, listener: str) -> Mix:
    entries = tuple(Entry(track.id, found.made_at, OWNER) for track in found.tracks)
    return Mix(
        id=found.id,
        owner=OWNER,
        name=found.name,
        description=found.description,
        public=False,
        version=found.version,
        created_at=found.made_at,
        directory=Directory((Ref("", found.total),) if found.total else ()),
        listener=listener,
        album_cover_id=found.cover_id,
        entries=entries,
    )
