"""The upload store, the job and Pub/Sub, in memory."""

import datetime
import itertools
from collections.abc import Sequence

import msgspec

from functions.media.model import Kind, Status, Upload
from functions.media.store import Stored

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SHA256 = "ab" * 32


class FakeStore:
    """Refuses writes on older versions, as Firestore does."""

    def __init__(self, *uploads: Upload) -> None:
        self._versions = itertools.count(1)
        self._stored = {upload.id: Stored(upload, next(self._versions)) for upload in uploads}
        self.conflicts = 0
        self.erased: set[str] = set()

    def __getitem__(self, upload_id: str) -> Upload:
        return self._stored[upload_id].upload

    async def get(self, upload_id: str) -> Stored | None:
        return self._stored.get(upload_id)

    async def get_many(self, upload_ids: Sequence[str]) -> dict[str, Stored]:
        return {i: self._stored[i] for i in upload_ids if i in self._stored}

    async def create(self, upload: Upload) -> bool:
        if upload.id in self._stored:
            return False
        self._stored[upload.id] = Stored(upload, next(self._versions))
        return True

    async def replace(self, stored: Stored, upload: Upload) -> bool:
        if self.conflicts > 0:
            self.conflicts -= 1
            return False
        if self._stored[upload.id].version != stored.version:
            return False
        self._stored[upload.id] = Stored(upload, next(self._versions))
        return True

    async def unfinished_since(self, moment: datetime.datetime, limit: int) -> list[Stored]:
        unfinished = {Status.processing, Status.encoded}
        return [
            stored
            for stored in self._stored.values()
            if stored.upload.status in unfinished and stored.upload.updated_at < moment
        ][:limit]

    async def of_owner(self, owner: str, *, after: str = "", limit: int) -> list[Stored]:
        mine = [
            stored
            for id, stored in sorted(self._stored.items())
            if stored.upload.owner == owner and id > after
        ]
        return mine[:limit]

    async def delete(self, stored: Stored) -> bool:
        if self.conflicts > 0:
            self.conflicts -= 1
            return False
        return self._stored.pop(stored.upload.id, None) is not None

    async def shows_cover(self, cover_id: str, *, besides: str) -> bool:
        return any(
            (stored.upload.event or {}).get("cover_id") == cover_id
            for stored in self._stored.values()
            if stored.upload.owner != besides
        )

    async def mark_erased(self, owner: str) -> None:
        self.erased.add(owner)

    async def is_erased(self, owner: str) -> bool:
        return owner in self.erased

    def __len__(self) -> int:
        return len(self._stored)


class FakeObjects:
    """Keeps what was deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete_upload(self, upload_id: str) -> None:
        self.deleted.append(f"uploads/{upload_id}")

    async def delete_track(self, track_id: str) -> None:
        self.deleted.append(f"media/{track_id}")

    async def delete_cover(self, cover_id: str) -> None:
        self.deleted.append(f"images/{cover_id}")


class FakeJob:
    def __init__(self) -> None:
        self.runs: list[tuple[str, int]] = []
        self.away = False

    async def run(self, upload_id: str, generation: int) -> str:
        if self.away:
            raise ConnectionError("away")
        self.runs.append((upload_id, generation))
        return f"executions/{len(self.runs)}"


class FakePublisher:
    def __init__(self) -> None:
        self.published: list[tuple[str, msgspec.Struct]] = []

    async def publish(self, topic: str, event: msgspec.Struct, *, event_id: str) -> None:
        self.published.append((topic, event))


class FakeSessions:
    def __init__(self) -> None:
        self.opened = 0
        self.alive = True
        self.cancelled: list[str] = []

    async def open(self, upload: Upload, origin: str | None) -> str:
        self.opened += 1
        return f"https://storage.example/session/{self.opened}"

    async def is_open(self, upload: Upload) -> bool:
        return self.alive and upload.session_url != ""

    async def cancel(self, upload: Upload) -> None:
        self.cancelled.append(upload.id)


def an_upload(
    upload_id: str,
    *,
    owner: str = "anna",
    kind: Kind = Kind.audio,
    status: Status = Status.pending,
    generation: int = 0,
    execution: str = "",
    attempts: int = 0,
    updated_at: datetime.datetime = NOW,
    event: dict[str, object] | None = None,
) -> Upload:
    return Upload(
        id=upload_id,
        owner=owner,
        filename="song.flac",
        size=100,
        sha256=SHA256,
        kind=kind,
        status=status,
        generation=generation,
        execution=execution,
        attempts=attempts,
        session_url="https://storage.example/session/0",
        event=event,
        created_at=NOW,
        updated_at=updated_at,
    )
