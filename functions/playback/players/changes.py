"""Changing a player: read, work out, write, and again if somebody was quicker."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from functions.playback.devices.model import Device
from functions.playback.players.model import Player
from functions.playback.players.store import Players, Room, Written
from shared.errors import Forbidden, Unavailable
from shared.firestore import Conflict

_TRIES = 12
_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.5


@dataclass(frozen=True)
class Change:
    """What becomes of a player, and what is written with it."""

    player: Player
    devices: tuple[Device, ...] = ()
    left: tuple[str, ...] = ()
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)


# Works a change out from what was read and the time now (ms); None: there is nothing to change.
Work = Callable[[Room, int], Awaitable[Change | None]]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Changes:
    """Changes players; `clock` in milliseconds of the epoch."""

    def __init__(
        self,
        players: Players,
        *,
        clock: Callable[[], int] = now_ms,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.players = players
        self.clock = clock
        self._sleep = sleep

    async def make(self, user: str, work: Work) -> Room:
        """The player and devices as they are afterwards.

        Raises what `work` raises, `Forbidden` for a person who left, and `Unavailable`.
        """
        for attempt in range(_TRIES):
            room = await self.read(user)
            change = await work(room, self.clock())
            if change is None:
                return room
            player = msgspec.structs.replace(change.player, version=room.player.version + 1)
            also = Written(change.devices, change.left, dict(change.lists))
            try:
                await self.players.write(user, player, room, also)
            except Conflict:
                ceiling = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)
                await self._sleep(ceiling * random.random())  # noqa: S311  # jitter is no secret
                continue
            devices = {**room.devices, **{device.id: device for device in change.devices}}
            for device_id in change.left:
                devices.pop(device_id, None)
            return Room(player, devices)
        raise Unavailable("The player is being changed by too many at once; try again")

    async def read(self, user: str) -> Room:
        """The player and devices as they are; raises `Forbidden` for a person who left."""
        room = await self.players.room(user)
        if room.player.erased:
            raise Forbidden("This account is closed")
        return room
