"""Who rings when a person's player was written: Firestore's listener."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from functions.playback.players.store import PLAYERS

if TYPE_CHECKING:
    from google.cloud.firestore import Client

log = logging.getLogger(__name__)


class Bell(Protocol):
    """One person's; it has to be closed. One that is not active will never ring again."""

    @property
    def is_active(self) -> bool: ...

    def close(self) -> None: ...


class Doorbell(Protocol):
    """Rings once when it is hung up, and after every write. It may ring too often."""

    def hang(self, user: str, ring: Callable[[], None]) -> Bell:
        """`ring` is called in whatever thread; this call itself may block."""
        ...


class FirestoreDoorbell:
    """The synchronous client's listeners: the asynchronous client has none.

    Each takes a stream and a few threads, so that there is one a person and not one a connection.
    """

    def __init__(self, project: str, database: str) -> None:
        self._project = project
        self._database = database

    @cached_property
    def _client(self) -> "Client":
        from google.cloud.firestore import Client

        return Client(project=self._project, database=self._database)

    def hang(self, user: str, ring: Callable[[], None]) -> Bell:
        def changed(*_: Any) -> None:
            ring()

        return _Listener(self._client.document(PLAYERS, user).on_snapshot(changed))


class _Listener:
    def __init__(self, watch: Any) -> None:
        self._watch = watch

    @property
    def is_active(self) -> bool:
        return bool(self._watch.is_active)

    def close(self) -> None:
        self._watch.unsubscribe()
