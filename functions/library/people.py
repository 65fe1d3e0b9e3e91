"""What people are called, as `profile-changed` says."""

import time
from collections.abc import Callable, Iterable

from functions.library.retry import retried
from functions.library.store import Documents
from shared.events import ProfileChanged
from shared.firestore import ABSENT, Write

_TTL_S = 60.0
_MOST = 20_000


def person_path(user: str) -> str:
    return f"people/{user}"


class People:
    """Names by id, kept in memory for a minute."""

    def __init__(self, documents: Documents, clock: Callable[[], float] = time.monotonic) -> None:
        self._documents = documents
        self._clock = clock
        self._kept: dict[str, tuple[float, str | None]] = {}

    async def names(self, users: Iterable[str]) -> dict[str, str | None]:
        """None for those who have none or are gone."""
        now = self._clock()
        wanted = set(users)
        known = {user: self._kept[user][1] for user in wanted if self._is_fresh(user, now)}
        missing = {person_path(user): user for user in wanted - known.keys()}
        found = await self._documents.read(missing) if missing else {}
        if len(self._kept) + len(missing) > _MOST:
            self._kept.clear()
        for path, user in missing.items():
            name = (str(found[path].data["display_name"]) or None) if path in found else None
            self._kept[user] = (now, name)
            known[user] = name
        return known

    async def changed(self, event: ProfileChanged) -> None:
        """Of two events the newer holds, in whatever order they come."""

        async def attempt() -> None:
            path = person_path(event.user_id)
            stored = (await self._documents.read([path])).get(path)
            if stored is not None and stored.data["changed_at"] >= event.changed_at:
                return
            document = {"display_name": event.display_name, "changed_at": event.changed_at}
            await self._documents.commit(
                [Write(path, document, stored.version if stored else ABSENT)]
            )

        await retried(attempt)

    async def forget(self, user: str) -> None:
        """Newer than any event: a late one does not bring the name back."""
        gone = {"display_name": "", "changed_at": 2**62}
        await self._documents.commit([Write(person_path(user), gone)])
        self._kept.pop(user, None)

    def _is_fresh(self, user: str, now: float) -> bool:
        kept = self._kept.get(user)
        return kept is not None and now - kept[0] < _TTL_S
