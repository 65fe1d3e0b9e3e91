"""What the library asks of its documents; see `shared.firestore`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from shared.firestore import Stored, Write


class Documents(Protocol):
    """Paths are collection and name, in turn, with slashes between."""

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        """Those that exist, by path."""
        ...

    async def commit(self, writes: Sequence[Write]) -> Mapping[str, Any]:
        """All or nothing; the versions by path. Raises `Conflict`."""
        ...

    async def find(
        self, collection: str, field: str, operator: str, value: object, limit: int
    ) -> list[str]:
        """Names of documents whose field holds this."""
        ...
