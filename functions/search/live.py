"""The index as an instance answers from it, kept up with its bucket."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from functions.search import journal
from functions.search.engine import Engine
from functions.search.index import Index
from functions.search.journal import Pointer
from functions.search.model import Document
from functions.search.objects import Objects
from functions.search.overlay import Overlay
from shared.errors import Unavailable
from shared.telemetry import fields

# How often the bucket is looked at, at most; answers go on from what is here meanwhile.
LOOK_EVERY_S = 2.0
# After so long without a look (the instance was idle), the first answer waits for one.
_WAIT_AFTER_S = 30.0
_WAIT_AT_MOST_S = 1.0
_AT_ONCE = 16
# So many documents are taken between two searches.
_STEP = 200
_TRIES = 3

T = TypeVar("T")

log = logging.getLogger(__name__)


class LiveIndex:
    """Runs searches one after another in a thread of its own, as SQLite's connections ask."""

    def __init__(self, objects: Objects, clock: Callable[[], float] = time.monotonic) -> None:
        self._objects = objects
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._engine: Engine | None = None
        self._pointer = Pointer()
        self._seen = 0
        self._looked_at = 0.0
        self._look: asyncio.Task[None] | None = None

    async def run(self, search: Callable[[Engine], T]) -> T:
        """What `search` makes of the index; raises `Unavailable` while there is none yet."""
        await self._keep_up()
        return await self._in_thread(lambda: search(self._ready()))

    async def close(self) -> None:
        await self.settled()
        if self._engine is not None:
            await self._in_thread(self._engine.close)
        self._thread.shutdown()

    async def settled(self) -> None:
        """Returns when the look that is under way, if one is, has ended."""
        if self._look is not None:
            await asyncio.wait([self._look])

    async def refresh(self) -> None:
        """Looks at the bucket now."""
        pointer, _ = await journal.read_pointer(self._objects)
        if self._engine is None or pointer.base != self._pointer.base:
            await self._open(pointer)
        await self._follow()
        self._looked_at = self._clock()

    def _ready(self) -> Engine:
        if self._engine is None:
            raise Unavailable("The index is being opened; try again")
        return self._engine

    async def _keep_up(self) -> None:
        age = self._clock() - self._looked_at
        if self._engine is not None and age < LOOK_EVERY_S:
            return
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_again())
        if self._engine is None:
            await asyncio.shield(self._look)
        elif age > _WAIT_AFTER_S:
            await asyncio.wait([self._look], timeout=_WAIT_AT_MOST_S)

    async def _look_again(self) -> None:
        """An outage of the bucket leaves what is here as it is."""
        try:
            await self.refresh()
        except Exception as error:
            if self._engine is None:
                raise
            self._looked_at = self._clock()
            log.warning("the index cannot be refreshed", exc_info=error)

    async def _open(self, pointer: Pointer) -> None:
        """Opens a base with the log after it, and then puts it in the place of the one before."""
        for _ in range(_TRIES):
            base = await self._download(pointer.base)
            if base is not None or not pointer.base:
                break
            # It was cleared away: there is a newer one.
            pointer, _ = await journal.read_pointer(self._objects)
        else:
            raise Unavailable("The index cannot be read; try again")
        engine = await self._in_thread(lambda: Engine(base, Overlay(base)))
        entries = await journal.deltas_after(self._objects, pointer.covers)
        for start in range(0, len(entries), _AT_ONCE):
            numbers = [entry.number for entry in entries[start : start + _AT_ONCE]]
            for documents in await asyncio.gather(
                *(journal.read_delta(self._objects, number) for number in numbers)
            ):
                await self._apply(engine, documents or [])
        previous, self._engine, self._pointer = self._engine, engine, pointer
        self._seen = entries[-1].number if entries else pointer.covers
        if previous is not None:
            await self._in_thread(previous.close)
        log.info("index opened", extra=fields(base=pointer.base, entries=len(entries)))

    async def _download(self, base: str) -> Index | None:
        if not base:
            return None
        with tempfile.TemporaryDirectory(prefix="search-") as folder:
            file = Path(folder) / "index.db"
            if not await self._objects.download(journal.index_name(base), file):
                return None
            # The file has no name any more, and is gone when it is closed.
            return await self._in_thread(lambda: Index.open(file))

    async def _follow(self) -> None:
        """Takes the entries of the log that came since, one after another."""
        engine = self._ready()
        while True:
            documents = await journal.read_delta(self._objects, self._seen + 1)
            if documents is None:
                return
            await self._apply(engine, documents)
            self._seen += 1

    async def _apply(self, engine: Engine, documents: Sequence[Document]) -> None:
        for start in range(0, len(documents), _STEP):
            step = documents[start : start + _STEP]
            await self._in_thread(partial(engine.overlay.apply, step))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
