"""Puts what changed into the index's log, everything that waits in one entry."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from functions.search import journal
from functions.search.model import Document, Kind
from functions.search.objects import Objects
from shared.errors import Unavailable

# Several instances may write at once: in each round one of them does.
_TRIES = 20
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0

Item = tuple[Kind, str]
Load = Callable[[Sequence[Item]], Awaitable[list[Document]]]


@dataclass
class _Waiting:
    documents: list[Document]
    items: list[Item]
    done: asyncio.Future[list[Document]]


class Appender:
    """Writes entries of the log.

    `load` reads items of the catalogue. It is asked after the end of the log was found and before
    the entry is written there, so that what a later entry says was read after every earlier one.
    """

    def __init__(
        self,
        objects: Objects,
        load: Load,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._objects = objects
        self._load = load
        self._pause = pause
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._last = 0

    async def append(
        self, documents: Iterable[Document] = (), items: Iterable[Item] = ()
    ) -> list[Document]:
        """Returns when they are in the log: what was given, and what was read of `items`.

        Raises `Unavailable` after too many others were first, and what `load` raises.
        """
        waiting = _Waiting(list(documents), list(items), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await waiting.done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                written = await self._write(batch)
            except Exception as error:  # noqa: BLE001 - each who waits is told
                for waiting in batch:
                    if not waiting.done.done():
                        waiting.done.set_exception(error)
                continue
            for waiting in batch:
                wanted = set(waiting.items)
                read = [each for each in written if (each.kind, each.id) in wanted]
                if not waiting.done.done():
                    waiting.done.set_result([*waiting.documents, *read])

    async def _write(self, batch: Sequence[_Waiting]) -> list[Document]:
        """What was read of the items of all."""
        given = [document for waiting in batch for document in waiting.documents]
        items = list(dict.fromkeys(item for waiting in batch for item in waiting.items))
        for attempt in range(_TRIES):
            number = await self._end() + 1
            read = await self._load(items) if items else []
            if not given and not read:
                return []
            if await journal.write_delta(self._objects, number, [*given, *read]):
                self._last = number
                return read
            most = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)
            await self._pause(random.uniform(0, most))  # noqa: S311 - not a secret
        raise Unavailable("The index is being changed by too many at once; try again")

    async def _end(self) -> int:
        """The last number of the log."""
        pointer, _ = await journal.read_pointer(self._objects)
        start = max(self._last, pointer.covers)
        later = await journal.deltas_after(self._objects, start)
        return later[-1].number if later else start
