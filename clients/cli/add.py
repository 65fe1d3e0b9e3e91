"""Adding music: from files on disk to tracks that can be played."""

import asyncio
import enum
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from clients.cli.api import MAX_IDS, Api, ApiError, Kind, Status, Upload, UploadRequest
from clients.cli.concurrency import run_all
from clients.cli.files import FileChanged, LocalFile, Song, pin
from clients.cli.retry import Patience
from clients.cli.upload import SessionLost, Uploader, UploadFailed

FIRST_POLL_S = 0.3
SLOWEST_POLL_S = 2.0
_SESSIONS = 3
_LONGEST_NAME = 255
# These are about the caller, not about one file: the whole run ends.
_FATAL_STATUSES = {401, 403}


class Fate(enum.StrEnum):
    """What became of a file. The last four are not what was hoped for."""

    ready = "ready"
    already = "already there"
    same = "same as another"
    sent = "sent"
    processing = "still processing"
    rejected = "rejected"
    failed = "failed"
    unreadable = "unreadable"


UNHAPPY = frozenset({Fate.processing, Fate.rejected, Fate.failed, Fate.unreadable})


class Outcome(msgspec.Struct, frozen=True):
    """A file and its fate; `detail` says why, `track_id` names what it became."""

    path: Path
    kind: Kind
    fate: Fate
    detail: str = ""
    track_id: str = ""
    warnings: list[str] = []


class Watcher(Protocol):
    """Is told how things go."""

    def moved(self, path: Path, sent: int, size: int) -> None:
        """`sent` of the file's `size` bytes have arrived."""

    def settled(self, outcome: Outcome) -> None:
        """A file's fate is known."""


class Adder:
    """Sends songs and their covers, then waits until they are tracks."""

    def __init__(
        self,
        api: Api,
        uploader: Uploader,
        watcher: Watcher,
        *,
        parallel: int = 4,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._uploader = uploader
        self._watcher = watcher
        self._slots = asyncio.Semaphore(parallel)
        self._patience = patience or Patience()
        self._clock = clock
        self._outcomes: dict[Path, Outcome] = {}
        self._waiting: dict[str, tuple[Path, Kind]] = {}
        self._first_with: dict[str, Path] = {}
        self._upload_ids: dict[Path, str] = {}

    async def add(self, songs: Sequence[Song], *, timeout_s: float | None = 600) -> list[Outcome]:
        """The fates of all covers, then of all songs, each in order.

        Waits `timeout_s` for the tracks to be made; with None, not at all. Raises `ApiError`
        (401 or 403) and `Unreachable`: nothing more can be done then.
        """
        covers = list(dict.fromkeys(song.cover for song in songs if song.cover is not None))
        # Covers first: a song names its cover's upload, which has to be there.
        await run_all(self._send(cover, Kind.image) for cover in covers)
        await run_all(self._send(song.path, Kind.audio, song) for song in songs)
        if timeout_s is not None:
            await self._wait(timeout_s)
        left_as = Fate.sent if timeout_s is None else Fate.processing
        for path, kind in list(self._waiting.values()):
            self._settle(Outcome(path, kind, left_as))
        return [self._outcomes[path] for path in (*covers, *(song.path for song in songs))]

    async def _send(self, path: Path, kind: Kind, song: Song | None = None) -> None:
        async with self._slots:
            try:
                file = await asyncio.to_thread(pin, path)
                if file.size == 0:
                    self._settle(Outcome(path, kind, Fate.unreadable, "the file is empty"))
                elif (twin := self._first_with.setdefault(file.sha256, path)) != path:
                    self._settle(Outcome(path, kind, Fate.same, str(twin)))
                else:
                    self._take(path, *await self._deliver(file, self._request(file, kind, song)))
            except OSError as error:
                self._settle(Outcome(path, kind, Fate.unreadable, error.strerror or str(error)))
            except (FileChanged, UploadFailed) as error:
                self._settle(Outcome(path, kind, Fate.failed, str(error)))
            except ApiError as error:
                if error.status in _FATAL_STATUSES:
                    raise
                self._settle(Outcome(path, kind, Fate.failed, error.message))

    def _request(self, file: LocalFile, kind: Kind, song: Song | None) -> UploadRequest:
        cover = song.cover if song else None
        return UploadRequest(
            filename=_sendable(file.path.name),
            size=file.size,
            sha256=file.sha256,
            kind=kind,
            group=song.group if song else "",
            cover_upload_id=self._upload_ids.get(cover, "") if cover else "",
        )

    async def _deliver(self, file: LocalFile, request: UploadRequest) -> tuple[Upload, bool]:
        """The upload with all its bytes delivered, and whether they were sent just now."""
        for attempt in range(_SESSIONS):
            upload, is_new = await self._api.create_upload(request)
            if upload.status is not Status.pending:
                return upload, attempt > 0
            try:
                await self._uploader.send(
                    file,
                    upload.upload_url,
                    resume=not is_new and attempt == 0,
                    moved=lambda sent: self._watcher.moved(file.path, sent, file.size),
                )
            except SessionLost:
                continue
            return upload, True
        raise UploadFailed(f"its upload session was lost {_SESSIONS} times")

    def _take(self, path: Path, upload: Upload, was_sent: bool) -> None:
        self._upload_ids[path] = upload.id
        if upload.status is Status.ready and not was_sent:
            self._settle(_outcome(path, upload, Fate.already))
        elif upload.status in {Status.ready, Status.rejected}:
            self._settle(_outcome(path, upload, Fate(upload.status.value)))
        else:
            self._waiting[upload.id] = (path, upload.kind)

    async def _wait(self, timeout_s: float) -> None:
        deadline = self._clock() + timeout_s
        pause = FIRST_POLL_S
        while self._waiting and (left := deadline - self._clock()) > 0:
            await self._patience.sleep(min(pause, left))
            pause = min(SLOWEST_POLL_S, pause * 1.5)
            ids = list(self._waiting)
            for start in range(0, len(ids), MAX_IDS):
                for upload in await self._api.uploads(ids[start : start + MAX_IDS]):
                    if upload is not None and upload.status in {Status.ready, Status.rejected}:
                        path, _ = self._waiting.pop(upload.id)
                        self._settle(_outcome(path, upload, Fate(upload.status.value)))

    def _settle(self, outcome: Outcome) -> None:
        self._outcomes[outcome.path] = outcome
        self._watcher.settled(outcome)


def _outcome(path: Path, upload: Upload, fate: Fate) -> Outcome:
    detail = upload.reason.message if upload.reason else ""
    return Outcome(path, upload.kind, fate, detail, upload.track_id, upload.warnings)


def _sendable(name: str) -> str:
    """A file's name that JSON can carry: not every name on disk is valid Unicode."""
    return name.encode("utf-8", "replace").decode()[-_LONGEST_NAME:]
