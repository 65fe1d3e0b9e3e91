"""Makes a new base: of the old one and the log, or of the whole catalogue."""

import asyncio
import datetime
import logging
import mmap
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from functions.search import build, documents, journal
from functions.search.journal import Delta, Pointer
from functions.search.model import CATALOGUE, Document, Kind
from functions.search.objects import Objects
from functions.search.staging import Staging
from shared import ids
from shared.clock import Clock, utc_now
from shared.errors import Unavailable
from shared.telemetry import fields

if TYPE_CHECKING:
    from shared.protos.catalog_pb2 import Listed

# The log is folded into a new base when it has so many entries, or is so large beside the base.
MOST_ENTRIES = 100
_MOST_SHARE = 10
_LEAST_BYTES = 256 * 1024
_OLDEST_ENTRY = datetime.timedelta(days=1)
# What readers may still be about to open.
GRACE = datetime.timedelta(minutes=15)
# Longer than Pub/Sub keeps an event.
_GONE_FOR = datetime.timedelta(days=14)
_PAGE = 1000

log = logging.getLogger(__name__)


class CatalogueLists(Protocol):
    """The whole catalogue, page by page."""

    async def list(self, type: str, page_token: str = "", limit: int = _PAGE) -> "Listed": ...


class Compaction:
    """Builds bases. Of two that do so at once, one wins and the other's work is thrown away."""

    def __init__(self, objects: Objects, catalogue: CatalogueLists, now: Clock = utc_now) -> None:
        self._objects = objects
        self._catalogue = catalogue
        self._now = now

    async def compact(self) -> bool:
        """A new base if the log has grown long; whether there is one. Clears away the old."""
        pointer, generation = await journal.read_pointer(self._objects)
        if not pointer.base:
            return await self.rebuild()
        entries = await journal.deltas_after(self._objects, pointer.covers)
        due = bool(entries) and await self._is_due(pointer, entries)
        if due:
            due = await self._replace(pointer, generation, entries, from_catalogue=False)
        await self._clear_away()
        return due

    async def rebuild(self) -> bool:
        """A new base of the whole catalogue; people and playlists as the index has them."""
        pointer, generation = await journal.read_pointer(self._objects)
        entries = await journal.deltas_after(self._objects, pointer.covers)
        done = await self._replace(pointer, generation, entries, from_catalogue=True)
        await self._clear_away()
        return done

    async def _is_due(self, pointer: Pointer, entries: list[Delta]) -> bool:
        size = sum(entry.listed.size for entry in entries)
        return (
            len(entries) >= MOST_ENTRIES
            or size >= max(_LEAST_BYTES, pointer.bytes // _MOST_SHARE)
            or entries[0].listed.written_at <= self._now() - _OLDEST_ENTRY
            or await self._has_erasure(entries)
        )

    async def _has_erasure(self, entries: list[Delta]) -> bool:
        """Somebody asked to be forgotten: the base has to lose what it has of them."""
        for entry in entries:
            for document in await journal.read_delta(self._objects, entry.number) or []:
                if document.kind is Kind.user and document.is_gone:
                    return True
        return False

    async def _replace(
        self, pointer: Pointer, generation: int, entries: list[Delta], *, from_catalogue: bool
    ) -> bool:
        base = ids.random()
        with tempfile.TemporaryDirectory(prefix="search-") as name:
            folder = Path(name)
            staging = await asyncio.to_thread(Staging, folder / "staging.db")
            try:
                await self._gather(staging, folder, pointer, entries, from_catalogue)
                total = await asyncio.to_thread(self._build, staging, folder)
            finally:
                staging.close()
            size = (folder / "documents").stat().st_size
            for file, target in (
                ("index.db", journal.index_name(base)),
                ("documents", journal.documents_name(base)),
            ):
                await self._objects.upload(target, folder / file)
        covers = entries[-1].number if entries else pointer.covers
        moved = await journal.move_pointer(
            self._objects, Pointer(base, covers, size), if_generation=generation
        )
        log.info("base built", extra=fields(base=base, documents=total, covers=covers, used=moved))
        return moved

    async def _gather(
        self,
        staging: Staging,
        folder: Path,
        pointer: Pointer,
        entries: list[Delta],
        from_catalogue: bool,
    ) -> None:
        """The catalogue is read after the log, so that nothing read is older than an entry."""
        if pointer.base:
            file = folder / "before"
            if not await self._objects.download(journal.documents_name(pointer.base), file):
                raise Unavailable("The base was cleared away; try again")
            await asyncio.to_thread(_put_file, staging, file, from_catalogue)
        for entry in entries:
            found = await journal.read_delta(self._objects, entry.number)
            if found is None:
                raise Unavailable("The log was cleared away; try again")
            kept = [each for each in found if not (from_catalogue and each.kind in CATALOGUE)]
            await asyncio.to_thread(staging.apply, kept)
        if from_catalogue:
            for kind in CATALOGUE:
                await self._read_all(staging, kind)

    async def _read_all(self, staging: Staging, kind: Kind) -> None:
        token = ""
        while True:
            page = await self._catalogue.list(kind.value, token, _PAGE)
            await asyncio.to_thread(staging.put, documents.listed(page))
            token = page.next_page_token
            if not token:
                return

    def _build(self, staging: Staging, folder: Path) -> int:
        staging.forget_gone(int((self._now() - _GONE_FOR).timestamp() * 1000))
        with (folder / "documents").open("wb") as file:
            for part in journal.framed(staging.most_popular_first()):
                file.write(part)
        return build.build(folder / "index.db", staging.most_popular_first())

    async def _clear_away(self) -> None:
        """What no pointer leads to any more, once nobody can be about to read it."""
        pointer, _ = await journal.read_pointer(self._objects)
        old = self._now() - GRACE
        for each in await self._objects.list(journal.GENERATIONS):
            is_current = each.name.startswith(f"{journal.GENERATIONS}{pointer.base}/")
            if not is_current and each.written_at < old:
                await self._objects.delete(each.name)
        for each in await self._objects.list(journal.DELTAS):
            if each.name <= journal.delta_name(pointer.covers) and each.written_at < old:
                await self._objects.delete(each.name)


def _put_file(staging: Staging, file: Path, without_catalogue: bool) -> None:
    if not file.stat().st_size:
        return
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            staging.put(_wanted(view, without_catalogue))
        finally:
            view.release()


def _wanted(data: memoryview, without_catalogue: bool) -> Iterator[Document]:
    for document in journal.unframed(data):
        if not (without_catalogue and document.kind in CATALOGUE):
            yield document
