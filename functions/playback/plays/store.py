"""Plays in Firestore: listeners' days, how often things were played, and who is to be forgotten.

Each write holds only if its document is as it was read. Transactions are not used: they hold
locks, and a listener's plays arrive together.
"""

import datetime
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.playback.plays.journal import Entry, Key, pack, unpack, untold
from shared.firestore import Conflict, InFirestore

DAYS = "listening"
ERASED = "erased-listeners"

# Recently played and the tops of a year need no more.
_KEPT_DAYS = 400
# The index of what waits is spread over so many places, or all writes would meet at one.
_PLACES = 64
# Most pages of recent plays need a day or two, a year's tops all of them.
_FIRST_PAGE = 3
_NEXT_PAGE = 60
_FIRST_DAY = "0001-01-01"
_LAST_DAY = "9999-12-31"


@dataclass(frozen=True)
class StoredDay:
    """A day and the state of its document that it was read from; None: there is none yet."""

    key: Key
    entries: list[Entry]
    version: Any = None


class PlayStore(InFirestore):
    """The documents."""

    async def days(self, keys: Iterable[Key]) -> dict[Key, StoredDay]:
        """Each of them, in one read; those that are not there yet are empty."""
        by_name = {key.name: key for key in keys}
        found = {key: StoredDay(key, []) for key in by_name.values()}
        references = [self.client.document(DAYS, name) for name in by_name]
        async for snapshot in self.client.get_all(references):
            if snapshot.exists:
                key = by_name[snapshot.id]
                found[key] = _stored(snapshot)
        return found

    async def write(self, day: StoredDay, entries: list[Entry]) -> StoredDay:
        """The day as it is now; raises `Conflict`."""
        from google.api_core.exceptions import (
            Aborted,
            AlreadyExists,
            FailedPrecondition,
            NotFound,
        )

        reference = self.client.document(DAYS, day.key.name)
        document = document_of(day.key, entries)
        try:
            if day.version is None:
                result = await reference.create(document)
            else:
                result = await reference.update(
                    document | _no_longer_waiting(entries),
                    option=self.client.write_option(last_update_time=day.version),
                )
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error
        return StoredDay(day.key, entries, result.update_time)

    async def waiting(self, limit: int) -> list[StoredDay]:
        """Days with plays that are not in the numbers yet."""
        from google.cloud.firestore import FieldFilter

        query = self.client.collection(DAYS).where(filter=FieldFilter("waiting", ">=", 0))
        return [_stored(snapshot) async for snapshot in query.limit(limit).stream()]

    async def latest(
        self, user_id: str, *, first_day: str = _FIRST_DAY, last_day: str = _LAST_DAY
    ) -> AsyncIterator[StoredDay]:
        """A listener's days, newest first, each read only when it is asked for."""
        from google.cloud.firestore import FieldFilter

        name = "__name__"
        newest, oldest = (
            self.client.document(DAYS, Key(user_id, day).name) for day in (last_day, first_day)
        )
        query = (
            self.client.collection(DAYS)
            .where(filter=FieldFilter(name, ">=", newest))
            .where(filter=FieldFilter(name, "<=", oldest))
            .order_by(name)
        )
        page, after = _FIRST_PAGE, None
        while True:
            asked = query.limit(page) if after is None else query.start_after(after).limit(page)
            snapshots = [snapshot async for snapshot in asked.stream()]
            for snapshot in snapshots:
                yield _stored(snapshot)
            if len(snapshots) < page:
                return
            page, after = _NEXT_PAGE, snapshots[-1]

    async def forget(self, user_id: str, *, at_once: int = 200) -> None:
        """Deletes all of a listener's days."""
        while True:
            batch, found = self.client.batch(), 0
            async for day in self.latest(user_id):
                batch.delete(self.client.document(DAYS, day.key.name))
                found += 1
                if found == at_once:
                    break
            if not found:
                return
            await batch.commit()

    async def mark_erased(self, user_id: str, now: datetime.datetime) -> None:
        """For good: nothing of theirs is to be kept again."""
        document = {"look_again_at": now, "since": now}
        await self.client.document(ERASED, user_id).set(document, merge=True)

    async def erased(self, user_ids: Iterable[str]) -> set[str]:
        references = [self.client.document(ERASED, user_id) for user_id in set(user_ids)]
        if not references:
            return set()
        return {found.id async for found in self.client.get_all(references) if found.exists}

    async def erased_to_look_at(
        self, now: datetime.datetime, limit: int
    ) -> Mapping[str, datetime.datetime]:
        """Of whom something may have come in late, and since when they are erased."""
        from google.cloud.firestore import FieldFilter

        query = self.client.collection(ERASED).where(filter=FieldFilter("look_again_at", "<=", now))
        return {found.id: found.get("since") async for found in query.limit(limit).stream()}

    async def look_again_at(self, user_id: str, moment: datetime.datetime | None) -> None:
        """When to look for what came in late; None: never."""
        from google.cloud.firestore import DELETE_FIELD

        await self.client.document(ERASED, user_id).update(
            {"look_again_at": moment or DELETE_FIELD}
        )


def document_of(key: Key, entries: list[Entry]) -> dict[str, Any]:
    day = datetime.datetime.fromisoformat(key.day).replace(tzinfo=datetime.UTC)
    document: dict[str, Any] = {
        "user_id": key.user_id,
        "day": key.day,
        "plays": pack(entries),
        "expires_at": day + datetime.timedelta(days=_KEPT_DAYS),
    }
    if untold(entries):
        document["waiting"] = (
            hashlib.blake2b(key.name.encode(), digest_size=1).digest()[0] % _PLACES
        )
    return document


def _no_longer_waiting(entries: Sequence[Entry]) -> dict[str, Any]:
    from google.cloud.firestore import DELETE_FIELD

    return {} if untold(entries) else {"waiting": DELETE_FIELD}


def told_document(key: Key, entries: list[Entry]) -> dict[str, Any]:
    """What a day becomes when its plays are counted, as an update."""
    return document_of(key, entries) | _no_longer_waiting(entries)


def _stored(snapshot: Any) -> StoredDay:
    document = snapshot.to_dict()
    key = Key(document["user_id"], document["day"])
    return StoredDay(key, unpack(document["plays"]), snapshot.update_time)
