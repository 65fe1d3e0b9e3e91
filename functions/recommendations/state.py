"""How far tonight's run has come, and which model is in service: one document, held by one run."""

import datetime
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from functions.recommendations.store import STATE, Documents
from shared.clock import Clock, utc_now
from shared.documents import from_document, to_document
from shared.firestore import Conflict

# Longer than a call of the task may take: who was killed holds nothing up for more than that.
HELD_FOR_S = 180


class Step(str, Enum):
    """What is done next."""

    facts = "facts"
    content = "content"
    train = "train"
    judge = "judge"
    signals = "signals"
    deep = "deep"
    ranked = "ranked"
    shared = "shared"
    mixes = "mixes"
    done = "done"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """`night` is an ISO date, `run` counts, `cursor` the last listener whose mixes are made.

    `slot` is that of the model in service, -1 before the first; `figures` are what it was worth
    when it was promoted, and what the ranking was worth of late. `ranked_at`: when that was made,
    in seconds since the epoch, 0 before the first. `kept`: tonight's model was not good enough, and
    mixes stay as they are. `part` counts the statements of a step, `tries` how often one of them
    failed.
    `deep` names the deep model that tonight's candidates are scored by, "" where there is none.
    """

    night: str = ""
    run: int = 0
    step: Step = Step.done
    part: int = 0
    tries: int = 0
    cursor: str = ""
    made: int = 0
    kept: str = ""
    slot: int = -1
    figures: dict[str, float] = {}
    promoted_at: str = ""
    ranked_at: int = 0
    deep: str = ""
    holder: str = ""
    held_until: int = 0

    @property
    def next_slot(self) -> int:
        return 1 - self.slot if self.slot >= 0 else 0


class Lost(Exception):
    """Another run holds the state now."""


@dataclass
class Held:
    """The state while this run holds it."""

    state: State
    version: Any


class Lease:
    """Takes the state, keeps it, and lets go of it."""

    def __init__(self, documents: Documents, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._clock = clock
        self._name = secrets.token_hex(8)

    async def take(self, *, again: bool = False) -> Held | None:
        """Tonight's run, begun or gone on with. None: another holds it, or all is done.

        `again` begins another run where tonight's is done.
        """
        stored = (await self._documents.read([STATE])).get(STATE)
        state = _state(stored.data) if stored else State()
        now = self._clock()
        if state.held_until > now.timestamp():
            return None
        if state.step is Step.done:
            if state.night == now.date().isoformat() and not again:
                return None
            state = begun(state, now.date())
        held = Held(state, stored.version if stored else None)
        try:
            await self.keep(held, state)
        except Lost:
            return None
        return held

    async def keep(self, held: Held, state: State) -> None:
        """Notes how far it is, and holds it for a while longer; raises `Lost`."""
        until = int(self._clock().timestamp()) + HELD_FOR_S
        await self._write(held, msgspec.structs.replace(state, holder=self._name, held_until=until))

    async def release(self, held: Held) -> None:
        """So that the next call need not wait."""
        await self._write(held, msgspec.structs.replace(held.state, holder="", held_until=0))

    async def _write(self, held: Held, state: State) -> None:
        try:
            held.version = await self._documents.write(STATE, to_document(state), held.version)
        except Conflict as error:
            raise Lost("another run has taken over") from error
        held.state = state


def begun(state: State, day: datetime.date) -> State:
    """A run of its own; the model in service stays."""
    return State(
        night=day.isoformat(),
        run=state.run + 1,
        step=Step.facts,
        slot=state.slot,
        figures=state.figures,
        promoted_at=state.promoted_at,
        ranked_at=state.ranked_at,
    )


def _state(data: Mapping[str, Any]) -> State:
    return from_document(dict(data), State)
