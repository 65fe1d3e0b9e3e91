"""`library-events`: what people do with tracks, for who learns from it.

A note goes with each change in the same batch, and is taken away once its events are out. They are
told beside the request, which does not wait; what goes wrong there is told by the next tick.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from functions.library.store import Documents
from shared import ids
from shared.clock import Clock, utc_now
from shared.events import LibraryEvent
from shared.firestore import Stored, Write
from shared.messaging import Publisher
from shared.telemetry import count, fields

OUTBOX = "library-outbox"
# A request that is still under way tells its own.
_OVERDUE_S = 60
_AT_ONCE = 100

log = logging.getLogger(__name__)


class Deed(str, Enum):
    """Saved, removed from what was saved, or put into a playlist of one's own."""

    saved = "saved"
    removed = "removed"
    added = "added"


@dataclass(frozen=True)
class Note:
    """What somebody did with some tracks; `at` in seconds since the epoch."""

    id: str
    user: str
    deed: Deed
    tracks: Sequence[str]
    at: int

    @property
    def path(self) -> str:
        return f"{OUTBOX}/{self.id}"

    @property
    def write(self) -> Write:
        """Belongs in the batch that makes the change."""
        document = {
            "user_id": self.user,
            "kind": self.deed.value,
            "tracks": list(self.tracks),
            "at": self.at,
        }
        return Write(self.path, document)

    def events(self) -> list[LibraryEvent]:
        """The same however often they are told."""
        return [
            LibraryEvent(
                event_id=ids.derive("library-event", self.id, track),
                user_id=self.user,
                track_id=track,
                kind=self.deed.value,
                at=self.at * 1_000_000,
            )
            for track in self.tracks
        ]


class Activity:
    """Notes what people do, and tells it."""

    def __init__(
        self, documents: Documents, publisher: Publisher, topic: str, clock: Clock = utc_now
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._topic = topic
        self._clock = clock
        self._telling: set[asyncio.Task[None]] = set()

    def note(self, user: str, deed: Deed, tracks: Collection[str]) -> Note:
        """Of tracks, each once."""
        now = int(self._clock().timestamp())
        return Note(ids.random(), user, deed, list(dict.fromkeys(tracks)), now)

    def tell(self, note: Note) -> None:
        """Once the change is made; nobody waits for it."""
        task = asyncio.create_task(self._try_to_tell(note))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def tell_overdue(self) -> int:
        """How many changes were told."""
        before = int(self._clock().timestamp()) - _OVERDUE_S
        names = await self._documents.find(OUTBOX, "at", "<=", before, _AT_ONCE)
        stored = await self._documents.read([f"{OUTBOX}/{name}" for name in names])
        for path, each in stored.items():
            await self._tell(_note_of(path.rpartition("/")[2], each))
        return len(stored)

    async def forget(self, user: str) -> None:
        """Whatever is not told yet is told to nobody."""
        while names := await self._documents.find(OUTBOX, "user_id", "==", user, _AT_ONCE):
            await self._documents.commit([Write(f"{OUTBOX}/{name}") for name in names])

    async def _try_to_tell(self, note: Note) -> None:
        try:
            await self._tell(note)
        except Exception as error:  # whatever it is, the change holds
            count("library_untold")
            log.warning("untold", extra=fields(note=note.id), exc_info=error)

    async def _tell(self, note: Note) -> None:
        await asyncio.gather(
            *(
                self._publisher.publish(self._topic, event, event_id=event.event_id)
                for event in note.events()
            )
        )
        # Without a condition: whoever else tells it as well tells the same.
        await self._documents.commit([Write(note.path)])


def _note_of(id: str, stored: Stored) -> Note:
    data: dict[str, Any] = stored.data
    return Note(id, data["user_id"], Deed(data["kind"]), data["tracks"], data["at"])
