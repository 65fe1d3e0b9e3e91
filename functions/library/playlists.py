"""Playlists without their items: made, described, followed, deleted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from functions.library.access import check_modifies, check_owns
from functions.library.announce import Announcer, followers_of, followers_path
from functions.library.chunks import path_of
from functions.library.lists import Lists
from functions.library.model import (
    HIDDEN,
    SHOWN,
    Kind,
    Playlist,
    playlist_document,
    playlist_of,
    playlist_path,
)
from functions.library.retry import retried
from functions.library.sequence import Entry
from functions.library.splices import Splice
from functions.library.store import Documents
from shared.clock import Clock, utc_now
from shared.errors import BadRequest, NotFound
from shared.firestore import ABSENT, Write
from shared.tokens import Caller


class Details(NamedTuple):
    """What is to be changed of a playlist; None stays."""

    name: str | None = None
    description: str | None = None
    public: bool | None = None
    collaborative: bool | None = None


class Playlists:
    """Each change is one batch: the playlist, the lists that it is in, and the note to tell it."""

    def __init__(
        self, documents: Documents, lists: Lists, announcer: Announcer, clock: Clock = utc_now
    ) -> None:
        self._documents = documents
        self._lists = lists
        self._announcer = announcer
        self._clock = clock

    async def found(self, playlist_ids: Iterable[str]) -> dict[str, Playlist]:
        """Those that exist and are not deleted."""
        paths = {playlist_path(id): id for id in playlist_ids}
        stored = await self._documents.read(paths)
        found = {paths[path]: playlist_of(paths[path], each.data) for path, each in stored.items()}
        return {id: playlist for id, playlist in found.items() if not playlist.deleted}

    async def followers(self, playlist_id: str) -> int:
        path = followers_path(playlist_id)
        return followers_of(await self._documents.read([path]), playlist_id)

    async def create(self, caller: Caller, playlist: Playlist) -> Playlist:
        """One that is there already, by the same owner, is left as it is."""
        check_modifies(caller, public=playlist.public)
        new = msgspec.structs.replace(playlist, created_at=self._now())
        path = playlist_path(new.id)

        async def attempt() -> tuple[Playlist, Mapping[str, Any] | None]:
            if (stored := (await self._documents.read([path])).get(path)) is not None:
                there = playlist_of(new.id, stored.data)
                if there.deleted or there.owner != new.owner:
                    raise BadRequest("Invalid Idempotency-Key: it was used for another request")
                return there, None
            entry = Entry(new.id, new.created_at, _mark(new.public))
            listed = await self._lists.adding(new.owner, Kind.playlists, [entry])
            writes = [Write(path, playlist_document(new), ABSENT), *listed.writes]
            return new, await self._documents.commit([*writes, self._announcer.note(new.id)])

        made, versions = await retried(attempt)
        if versions is not None:
            await self._announcer.tell(new.id, versions)
        return made

    async def change(self, caller: Caller, playlist_id: str, details: Details) -> None:
        """Raises `BadRequest` for a playlist that would be public and collaborative."""

        async def attempt() -> Mapping[str, Any]:
            before, condition = await self._opened(playlist_id)
            check_owns(caller, before)
            after = _changed(before, details)
            check_modifies(caller, public=after.public)
            writes = [Write(playlist_path(playlist_id), playlist_document(after), condition)]
            if after.public != before.public:
                mark = _mark(after.public)
                listed = await self._lists.marking(before.owner, Kind.playlists, playlist_id, mark)
                writes += listed.writes
            return await self._documents.commit([*writes, self._announcer.note(playlist_id)])

        await self._announcer.tell(playlist_id, await retried(attempt))

    async def set_cover(self, caller: Caller, playlist_id: str, cover_id: str) -> str:
        """The id of the cover that this one replaces, or ""."""

        async def attempt() -> tuple[str, Mapping[str, Any]]:
            before, condition = await self._opened(playlist_id)
            check_owns(caller, before)
            after = _next(before, cover_id=cover_id)
            write = Write(playlist_path(playlist_id), playlist_document(after), condition)
            note = self._announcer.note(playlist_id)
            return before.cover_id, await self._documents.commit([write, note])

        replaced, versions = await retried(attempt)
        await self._announcer.tell(playlist_id, versions)
        return replaced if replaced != cover_id else ""

    async def follow(self, user: str, playlist_id: str, *, shown: bool = True) -> None:
        """Into the person's list, once. One's own playlist is there already."""

        async def attempt() -> Mapping[str, Any] | None:
            playlist, _ = await self._opened(playlist_id)
            if not playlist.shows_to(user):
                raise NotFound("Resource not found")
            if playlist.owner == user:
                return None
            entry = Entry(playlist_id, self._now(), _mark(shown))
            listed = await self._lists.adding(user, Kind.playlists, [entry])
            if not listed.ids:
                marked = await self._lists.marking(user, Kind.playlists, playlist_id, _mark(shown))
                if marked.writes:
                    await self._documents.commit(marked.writes)
                return None
            return await self._documents.commit([*listed.writes, *self._counted(playlist_id, 1)])

        versions = await retried(attempt)
        if versions is not None:
            await self._announcer.tell(playlist_id, versions)

    async def unfollow(self, caller: Caller, playlist_id: str) -> None:
        """Whoever owns the playlist deletes it thereby."""
        found = (await self.found([playlist_id])).get(playlist_id)
        if found is not None and found.owner == caller.subject:
            check_owns(caller, found)
            await self.delete(playlist_id)
            return
        left = await self.leave(caller.subject, playlist_id)
        if not left and (found is None or not found.shows_to(caller.subject)):
            raise NotFound("Resource not found")

    async def leave(self, user: str, playlist_id: str) -> bool:
        """Out of the person's list; whether it was in there."""

        async def attempt() -> tuple[bool, Mapping[str, Any] | None]:
            listed = await self._lists.removing(user, Kind.playlists, {playlist_id})
            if not listed.ids:
                return False, None
            if playlist_id not in await self.found([playlist_id]):
                await self._documents.commit(listed.writes)
                return True, None
            counted = self._counted(playlist_id, -1)
            return True, await self._documents.commit([*listed.writes, *counted])

        was_there, versions = await retried(attempt)
        if versions is not None:
            await self._announcer.tell(playlist_id, versions)
        return was_there

    async def delete(self, playlist_id: str, *, listed: bool = True) -> None:
        """For everybody: what is left says only that there was one. Doing it twice is once.

        `listed` False: the owner's list is gone already.
        """

        async def attempt() -> Mapping[str, Any] | None:
            path = playlist_path(playlist_id)
            stored = (await self._documents.read([path])).get(path)
            if stored is None or stored.data["deleted"]:
                return None
            before = playlist_of(playlist_id, stored.data)
            version = before.version + 1
            after = Playlist(
                id=playlist_id, owner="", name="", public=False, deleted=True, version=version
            )
            writes = [
                Write(path, playlist_document(after), stored.version),
                *(
                    Write(path_of(path, key))
                    for key in (*before.directory.keys, *before.directory.stale)
                ),
                self._announcer.note(playlist_id),
            ]
            if listed:
                removed = await self._lists.removing(before.owner, Kind.playlists, {playlist_id})
                writes += removed.writes
            return await self._documents.commit(writes)

        versions = await retried(attempt)
        if versions is not None:
            await self._announcer.tell(playlist_id, versions)

    async def forget(self, user: str, playlist_ids: Sequence[str]) -> None:
        """Takes playlists that are gone out of a person's list."""
        await self._lists.remove(user, Kind.playlists, set(playlist_ids))

    async def _opened(self, playlist_id: str) -> tuple[Playlist, Any]:
        path = playlist_path(playlist_id)
        stored = (await self._documents.read([path])).get(path)
        if stored is None or stored.data["deleted"]:
            raise NotFound("Resource not found")
        return playlist_of(playlist_id, stored.data), stored.version

    def _counted(self, playlist_id: str, more: int) -> list[Write]:
        add = {"count": more, "changes": 1}
        return [Write(followers_path(playlist_id), add=add), self._announcer.note(playlist_id)]

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _mark(shown: bool) -> str:
    return SHOWN if shown else HIDDEN


def _changed(before: Playlist, details: Details) -> Playlist:
    given = {name: value for name, value in details._asdict().items() if value is not None}
    after = _next(before, **given)
    if after.public and after.collaborative:
        raise BadRequest("Invalid collaborative: a public playlist cannot be collaborative")
    return after


def _next(before: Playlist, **changes: Any) -> Playlist:
    """The next version, in which every item is where it was."""
    return msgspec.structs.replace(
        before,
        version=before.version + 1,
        journal=before.journal.noting(Splice(), None),
        **changes,
    )
