"""Editing a playlist's items while others do."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from functions.library.access import check_edits
from functions.library.activity import Activity, Deed, Note
from functions.library.announce import Announcer
from functions.library.chunks import Chunks, packed, path_of
from functions.library.edits import Add, Edit, Planned, Replace, Sheet
from functions.library.journal import Known
from functions.library.model import (
    FIRST_ITEMS,
    PLAYLIST_CHUNK,
    Kind,
    Playlist,
    list_of,
    list_path,
    playlist_document,
    playlist_path,
)
from functions.library.reader import PlaylistReader
from functions.library.retry import Turns, retried
from functions.library.sequence import Directory, Entry, Written, spliced, touched
from functions.library.splices import Since, Splice
from functions.library.store import Documents
from shared.errors import ApiError, BadRequest, Forbidden
from shared.firestore import Stored, Write
from shared.snapshots import snapshot_id, version_of
from shared.tokens import Caller


class TooOld(ApiError):
    """The snapshot is older than what is remembered of edits."""

    status = 409


class Request(NamedTuple):
    """A request that must not be carried out twice: its key, and what it asks for."""

    key: bytes
    content: bytes


class Items:
    """Edits are worked out anew until they meet the newest state.

    `activity` hears of what people add to their own playlists.
    """

    def __init__(
        self, documents: Documents, chunks: Chunks, announcer: Announcer, activity: Activity
    ) -> None:
        self._documents = documents
        self._chunks = chunks
        self._reader = PlaylistReader(documents, chunks)
        self._announcer = announcer
        self._activity = activity
        self._turns = Turns()

    async def edit(
        self,
        caller: Caller,
        playlist_id: str,
        edit: Edit,
        *,
        seen: str | None = None,
        request: Request | None = None,
    ) -> str:
        """The snapshot id after the edit; of a request that is known, that after its first time.

        `seen`: the snapshot id that the client's positions are of. Raises `BadRequest`, `TooOld`.
        """

        async def attempt() -> tuple[int, dict[str, object] | None, Note | None]:
            playlist, stored = await self._reader.opened(playlist_id)
            await self._check_edits(caller, playlist)
            if (version := _version_of_known(playlist, request)) is not None:
                return version, None, None
            since = _since(playlist, seen)
            entries = await self._reader.entries(playlist) if edit.reads_entries else []
            planned = edit.planned(Sheet(playlist.directory.total, since, entries))
            after, written = await self._planned(playlist, planned, request)
            writes = _writes(after, written, stored)
            writes.append(self._announcer.note(playlist_id))
            note = self._noted(caller, playlist, edit)
            if note is not None:
                writes.append(note.write)
            return after.version, dict(await self._documents.commit(writes)), note

        async with self._turns.of(playlist_id):
            version, versions, note = await retried(attempt)
        if note is not None:
            self._activity.tell(note)
        if versions is not None:
            await self._announcer.tell(playlist_id, versions)
        return snapshot_id(playlist_id, version)

    async def disown(self, playlist_id: str, user: str) -> None:
        """Makes what the person added to somebody else's playlist nobody's."""

        async def attempt() -> None:
            playlist, stored = await self._reader.opened(playlist_id)
            entries = [
                entry._replace(by="") if entry.by == user else entry
                for entry in await self._reader.entries(playlist)
            ]
            total = playlist.directory.total
            planned = Replace(entries).planned(Sheet(total, Since((), total)))
            after, written = await self._planned(playlist, planned, None)
            others = tuple(each for each in playlist.contributors if each != user)
            # Every item is where it was, and what named the person is not kept for readers.
            after = msgspec.structs.replace(
                after,
                contributors=others,
                directory=Directory(written.directory.chunks),
                journal=playlist.journal.noting(Splice(), None),
            )
            gone = [*playlist.directory.keys, *playlist.directory.stale]
            written = Written(after.directory, written.chunks, tuple(gone))
            await self._documents.commit(_writes(after, written, stored))

        await retried(attempt)

    def _noted(self, caller: Caller, playlist: Playlist, edit: Edit) -> Note | None:
        """What the edit says of its maker's taste: what others collect says nothing of theirs."""
        is_own = caller.subject == playlist.owner
        if not is_own or not isinstance(edit, Add | Replace) or not edit.entries:
            return None
        return self._activity.note(caller.subject, Deed.added, [each.id for each in edit.entries])

    async def _check_edits(self, caller: Caller, playlist: Playlist) -> None:
        check_edits(caller, playlist)
        if caller.subject != playlist.owner:
            path = list_path(caller.subject, Kind.playlists)
            theirs = (await self._documents.read([path])).get(path)
            if theirs is not None and list_of(theirs.data).erased:
                raise Forbidden("This account was deleted")

    async def _planned(
        self, playlist: Playlist, planned: Planned, request: Request | None
    ) -> tuple[Playlist, Written]:
        path, directory = playlist_path(playlist.id), playlist.directory
        keys = touched(directory, planned.splice, PLAYLIST_CHUNK)
        version = playlist.version + 1
        written = spliced(
            directory,
            await self._chunks.load(path, keys),
            planned.splice,
            planned.entries,
            version=version,
            most=PLAYLIST_CHUNK,
        )
        adders = {entry.by for entry in planned.entries if entry.by} - {playlist.owner}
        known = Known(request.key, request.content, version) if request else None
        after = msgspec.structs.replace(
            playlist,
            version=version,
            contributors=tuple(dict.fromkeys([*playlist.contributors, *sorted(adders)])),
            first=await self._first(path, written),
            directory=written.directory,
            journal=playlist.journal.noting(planned.splice, known),
        )
        return after, written

    async def _first(self, path: str, written: Written) -> tuple[str, ...]:
        """The ids of the first items."""
        found: list[str] = []
        for ref in written.directory.chunks:
            entries: Sequence[Entry] | None = written.chunks.get(ref.key)
            if entries is None:
                entries = (await self._chunks.load(path, [ref.key]))[ref.key]
            found += (entry.id for entry in entries[: FIRST_ITEMS - len(found)])
            if len(found) == FIRST_ITEMS:
                break
        return tuple(found)


def _version_of_known(playlist: Playlist, request: Request | None) -> int | None:
    known = playlist.journal.known(request.key) if request else None
    if known is None or request is None:
        return None
    if known.request != request.content:
        raise BadRequest("Invalid Idempotency-Key: it was used for another request")
    return known.version


def _since(playlist: Playlist, seen: str | None) -> Since:
    total = playlist.directory.total
    if not seen:
        return Since((), total)
    since = playlist.journal.since(version_of(playlist.id, seen), playlist.version, total)
    if since is None:
        raise TooOld("Invalid snapshot_id: it is too old; read the playlist again")
    return since


def _writes(after: Playlist, written: Written, stored: Stored) -> list[Write]:
    path = playlist_path(after.id)
    return [
        Write(path, playlist_document(after), stored.version),
        *(
            Write(path_of(path, key), {"entries": packed(entries)})
            for key, entries in written.chunks.items()
        ),
        *(Write(path_of(path, key)) for key in written.deleted),
    ]
