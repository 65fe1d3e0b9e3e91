"""Reading playlists with their items, always of one state."""

from functions.library.access import check_sees
from functions.library.chunks import Chunks
from functions.library.model import Playlist, playlist_of, playlist_path
from functions.library.retry import retried
from functions.library.sequence import Entry
from functions.library.store import Documents
from shared.errors import NotFound
from shared.firestore import Stored
from shared.tokens import Caller


class PlaylistReader:
    """A directory whose chunks have been left behind meanwhile is read again."""

    def __init__(self, documents: Documents, chunks: Chunks) -> None:
        self._documents = documents
        self._chunks = chunks

    async def page(
        self, caller: Caller | None, playlist_id: str, *, limit: int, offset: int
    ) -> tuple[Playlist, list[Entry]]:
        """Both of one state. `caller` None sees everything."""

        async def attempt() -> tuple[Playlist, list[Entry]]:
            playlist, _ = await self.opened(playlist_id)
            if caller is not None:
                check_sees(caller, playlist)
            return playlist, await self._stretch(playlist, offset, offset + limit)

        return await retried(attempt)

    async def everything(self, playlist_id: str) -> tuple[Playlist, list[Entry]]:
        """All items, whoever asks; raises `NotFound`."""

        async def attempt() -> tuple[Playlist, list[Entry]]:
            playlist, _ = await self.opened(playlist_id)
            return playlist, await self.entries(playlist)

        return await retried(attempt)

    async def opened(self, playlist_id: str) -> tuple[Playlist, Stored]:
        """As it is stored, without its items; raises `NotFound`."""
        path = playlist_path(playlist_id)
        stored = (await self._documents.read([path])).get(path)
        if stored is None or stored.data["deleted"]:
            raise NotFound("Resource not found")
        return playlist_of(playlist_id, stored.data), stored

    async def _stretch(self, playlist: Playlist, start: int, end: int) -> list[Entry]:
        keys, first = playlist.directory.within(start, end)
        known = await self._chunks.load(playlist_path(playlist.id), keys)
        entries = [entry for key in keys for entry in known[key]]
        return entries[start - first : end - first] if keys else []

    async def entries(self, playlist: Playlist) -> list[Entry]:
        """All of that state; raises `Gone`."""
        return await self._stretch(playlist, 0, playlist.directory.total)
