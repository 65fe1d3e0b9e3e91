"""`playlist-changed`: said after each change, and again by the next tick where that went wrong.

A note goes with each change in the same batch, and is taken away once the event is out.
"""

import logging
from collections.abc import Mapping
from typing import Any

from functions.library.covers import Covers
from functions.library.model import Playlist, playlist_of, playlist_path
from functions.library.store import Documents
from shared import ids
from shared.clock import Clock, utc_now
from shared.events import PlaylistChanged
from shared.firestore import Conflict, Stored, Write
from shared.messaging import Publisher
from shared.telemetry import count, fields

OUTBOX = "playlist-outbox"
# A request that is still under way says so itself.
_OVERDUE_S = 60
_AT_ONCE = 100

log = logging.getLogger(__name__)


def followers_path(playlist_id: str) -> str:
    """A document of its own: who follows does not stand in the way of who edits."""
    return f"{playlist_path(playlist_id)}/counts/followers"


def followers_of(stored: Mapping[str, Stored], playlist_id: str) -> int:
    found = stored.get(followers_path(playlist_id))
    return int(found.data["count"]) if found else 0


class Announcer:
    """Tells what became of playlists. A deleted one's covers go first."""

    def __init__(
        self,
        documents: Documents,
        publisher: Publisher,
        topic: str,
        covers: Covers,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._topic = topic
        self._covers = covers
        self._clock = clock

    def note(self, playlist_id: str) -> Write:
        """Belongs in the batch that changes the playlist."""
        return Write(_note_path(playlist_id), {"at": int(self._clock().timestamp())})

    async def tell(self, playlist_id: str, versions: Mapping[str, Any]) -> None:
        """`versions` are those of the batch. The change is made: what goes wrong here is told by
        the next tick."""
        try:
            await self._tell(playlist_id, versions[_note_path(playlist_id)])
        except Exception as error:  # whatever it is, the change holds
            count("library_untold")
            log.warning("untold", extra=fields(playlist_id=playlist_id), exc_info=error)

    async def tell_overdue(self) -> int:
        """How many were told."""
        before = int(self._clock().timestamp()) - _OVERDUE_S
        names = await self._documents.find(OUTBOX, "at", "<=", before, _AT_ONCE)
        notes = await self._documents.read([_note_path(name) for name in names])
        for path, note in notes.items():
            await self._tell(path.rpartition("/")[2], note.version)
        return len(notes)

    async def _tell(self, playlist_id: str, note: Any) -> None:
        path = playlist_path(playlist_id)
        stored = await self._documents.read([path, followers_path(playlist_id)])
        if path in stored:
            playlist = playlist_of(playlist_id, stored[path].data)
            if playlist.deleted:
                await self._covers.delete_all_of(playlist_id)
            event = _event(playlist, stored)
            await self._publisher.publish(self._topic, event, event_id=event.event_id)
        try:
            await self._documents.commit([Write(_note_path(playlist_id), None, note)])
        except Conflict:
            # Changed again: whoever did that tells it.
            return


def _event(playlist: Playlist, stored: Mapping[str, Stored]) -> PlaylistChanged:
    """Its version grows with the playlist's and with each change of who follows."""
    follows = stored.get(followers_path(playlist.id))
    version = playlist.version + (int(follows.data["changes"]) if follows else 0)
    return PlaylistChanged(
        event_id=ids.derive("playlist-changed", playlist.id, str(version)),
        playlist_id=playlist.id,
        owner=playlist.owner,
        name=playlist.name,
        description=playlist.description,
        public=playlist.public,
        collaborative=playlist.collaborative,
        deleted=playlist.deleted,
        cover_id=playlist.cover_id,
        tracks=playlist.directory.total,
        followers=followers_of(stored, playlist.id),
        version=version,
    )


def _note_path(playlist_id: str) -> str:
    return f"{OUTBOX}/{playlist_id}"
