"""The deep model in service, and when the next one is trained: one document beside the night's."""

import datetime
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from functions.recommendations.models import deep
from functions.recommendations.store import Documents
from functions.recommendations.warehouse import Warehouse
from shared.clock import Clock, utc_now
from shared.documents import from_document, to_document
from shared.errors import Unavailable
from shared.firestore import Conflict
from shared.telemetry import fields

STATE = "recommendations/deep"
# A little less than the week from one Sunday to the next.
PAUSE = datetime.timedelta(days=6)

log = logging.getLogger(__name__)


class DeepState(msgspec.Struct, frozen=True, kw_only=True):
    """`slot` is that of the model in service, -1 where there is none.

    `version` names its files, and `inputs` what it is asked with; it has learned from plays before
    `learned_until`. Times are in seconds since the epoch. `asked_at`: when a training was last
    started.
    """

    slot: int = -1
    version: str = ""
    inputs: str = ""
    learned_until: int = 0
    promoted_at: int = 0
    asked_at: int = 0

    @property
    def next_slot(self) -> int:
        return 1 - self.slot if self.slot >= 0 else 0

    @property
    def name(self) -> str:
        """The model's, as weights are noted for it."""
        return deep.name_of(self.slot)


@dataclass(frozen=True)
class Read:
    """The state, and the version of the document that it was read from; None: there was none."""

    state: DeepState
    version: Any


async def read(documents: Documents) -> Read:
    stored = (await documents.read([STATE])).get(STATE)
    if stored is None:
        return Read(DeepState(), None)
    return Read(_state(stored.data), stored.version)


async def in_service(documents: Documents) -> DeepState:
    return (await read(documents)).state


async def put_into_service(
    documents: Documents, before: Read, *, slot: int, version: str, learned_until: int, now: int
) -> None:
    """The pointer moves, unless it is not any more as it was read; raises `Conflict`.

    When trainings were asked for is not in question: that may have changed meanwhile.
    """
    fresh = await read(documents)
    if (fresh.state.slot, fresh.state.version) != (before.state.slot, before.state.version):
        raise Conflict("another model was put into service meanwhile")
    changed = msgspec.structs.replace(
        fresh.state,
        slot=slot,
        version=version,
        inputs=deep.INPUTS,
        learned_until=learned_until,
        promoted_at=now,
    )
    await documents.write(STATE, to_document(changed), fresh.version)


class Job(Protocol):
    """Starts the training."""

    async def start(self, variables: Mapping[str, str]) -> str:
        """The execution's name."""
        ...


class Asked(msgspec.Struct, frozen=True):
    """What became of asking for a training; `reason` says why there is none."""

    started: bool
    execution: str = ""
    reason: str = ""


class Training:
    """Starts the job where there is enough to learn from, once in `PAUSE`."""

    def __init__(
        self,
        *,
        documents: Documents,
        warehouse: Warehouse,
        dataset: str,
        job: Job,
        least_plays: int,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._warehouse = warehouse
        self._dataset = dataset
        self._job = job
        self._least_plays = least_plays
        self._clock = clock

    async def start(self, *, again: bool = False) -> Asked:
        """`again`: also if there was one within the week. Raises `Unavailable`."""
        found = await read(self._documents)
        now = self._clock()
        if not again and now.timestamp() - found.state.asked_at < PAUSE.total_seconds():
            return Asked(started=False, reason="one was started within the week")
        [row] = await self._warehouse.rows(deep.count(self._dataset))
        if row["plays"] < self._least_plays:
            reason = f"{row['plays']} plays; {self._least_plays} are the least to learn from"
            return Asked(started=False, reason=reason)
        claimed = msgspec.structs.replace(found.state, asked_at=int(now.timestamp()))
        try:
            version = await self._documents.write(STATE, to_document(claimed), found.version)
        except Conflict:
            return Asked(started=False, reason="another call has just started one")
        try:
            execution = await self._job.start({})
        except Exception as error:
            # The next call may try again.
            await self._documents.write(STATE, to_document(found.state), version)
            raise Unavailable("The training could not be started; try again") from error
        log.info("a training is started", extra=fields(execution=execution))
        return Asked(started=True, execution=execution)


def _state(data: Mapping[str, Any]) -> DeepState:
    state = from_document(dict(data), DeepState)
    if state.slot >= 0 and state.inputs != deep.INPUTS:
        # It was made before the statements asked as they do now, and cannot answer them.
        return msgspec.structs.replace(state, slot=-1)
    return state
