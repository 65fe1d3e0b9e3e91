"""The playlists that an operator puts forward, in one document: they are few."""

import msgspec

from functions.library.retry import retried
from functions.library.store import Documents
from shared.errors import BadRequest
from shared.firestore import ABSENT, Write

MOST = 500
_PATH = "browse/featured"


class Featured(msgspec.Struct, frozen=True):
    """A playlist that is put forward, under what words, and in which categories."""

    playlist_id: str
    message: str = ""
    categories: list[str] = []


class Shelf(msgspec.Struct, frozen=True):
    """Newest first."""

    playlists: list[Featured] = []


class FeaturedPlaylists:
    """Reads and writes the shelf."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def all(self) -> list[Featured]:
        stored = (await self._documents.read([_PATH])).get(_PATH)
        return msgspec.convert(stored.data, Shelf).playlists if stored else []

    async def put(self, featured: Featured) -> None:
        """On top, in the place of what was said of it before; raises `BadRequest` when full."""
        await self._change(featured.playlist_id, [featured])

    async def remove(self, playlist_id: str) -> None:
        await self._change(playlist_id, [])

    async def _change(self, playlist_id: str, new: list[Featured]) -> None:
        async def attempt() -> None:
            stored = (await self._documents.read([_PATH])).get(_PATH)
            shelf = msgspec.convert(stored.data, Shelf).playlists if stored else []
            others = [each for each in shelf if each.playlist_id != playlist_id]
            if len(others) + len(new) > MOST:
                raise BadRequest(f"Too many featured playlists: at most {MOST}")
            document = msgspec.to_builtins(Shelf([*new, *others]))
            before = stored.version if stored else ABSENT
            await self._documents.commit([Write(_PATH, document, before)])

        await retried(attempt)
