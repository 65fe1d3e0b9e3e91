"""Devices come, are heard of, and go."""

import msgspec

from functions.playback import errors
from functions.playback.devices.model import (
    MOST_DEVICES,
    Device,
    DeviceType,
    clean_name,
    is_there,
    type_of,
)
from functions.playback.errors import Refused
from functions.playback.players.changes import Change, Changes
from functions.playback.players.model import Action, Player, commanded, position_at
from functions.playback.players.reports import Report, weighed
from functions.playback.players.store import Room
from shared.errors import BadRequest
from shared.tokens import Caller


class Registration(msgspec.Struct, frozen=True):
    """What a device says of itself; a type that nobody knows is Unknown."""

    name: str
    type: str = DeviceType.unknown.value
    supports_volume: bool = True
    volume_percent: int = 100
    is_restricted: bool = False


class Registry:
    """A person's devices. Ids are the devices' own."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def register(self, caller: Caller, device_id: str, asked: Registration) -> Device:
        """The device as it is kept; raises `BadRequest`, and `Refused` beyond `MOST_DEVICES`.

        Those that have been silent for the longest make room.
        """
        name = clean_name(asked.name)
        if not name:
            raise BadRequest("Invalid name: nothing of it can be seen")
        if not 0 <= asked.volume_percent <= 100:
            raise BadRequest("Invalid volume_percent: between 0 and 100")
        try:
            type = type_of(asked.type)
        except ValueError:
            type = DeviceType.unknown

        async def work(room: Room, now: int) -> Change:
            known = room.devices.get(device_id)
            device = Device(
                id=device_id,
                name=name,
                type=type,
                supports_volume=asked.supports_volume,
                volume=asked.volume_percent,
                volume_version=room.player.version,
                is_restricted=asked.is_restricted,
                app=caller.client_id,
                registered_at=known.registered_at if known else now,
                seen_at=now,
            )
            left = () if known else _making_room(room, now)
            return Change(_without(room, room.player, left, now), devices=(device,), left=left)

        room = await self._changes.make(caller.subject, work)
        return room.devices[device_id]

    async def heartbeat(self, caller: Caller, device_id: str) -> None:
        """Raises `Refused` if the device is not registered."""
        now = self._changes.clock()
        if not await self._changes.players.touch(caller.subject, device_id, now):
            raise errors.device_not_found()

    async def report(self, caller: Caller, device_id: str, report: Report) -> Room:
        """Takes in what the device does; answers what it should do. Raises `Refused`."""

        async def work(room: Room, now: int) -> Change | None:
            device = room.devices.get(device_id)
            if device is None:
                raise errors.device_not_found()
            return weighed(room, device, report, now)

        room = await self._changes.make(caller.subject, work)
        now = self._changes.clock()
        if room.devices[device_id].seen_at < now:
            await self._changes.players.touch(caller.subject, device_id, now)
        return room

    async def leave(self, caller: Caller, device_id: str) -> None:
        """What it was playing stops there; one that has left already is no error."""

        async def work(room: Room, now: int) -> Change | None:
            if device_id not in room.devices:
                return None
            left = (device_id,)
            return Change(_without(room, room.player, left, now), left=left)

        await self._changes.make(caller.subject, work)


def _making_room(room: Room, now: int) -> tuple[str, ...]:
    too_many = len(room.devices) - MOST_DEVICES + 1
    if too_many <= 0:
        return ()
    silent = sorted(
        (each for each in room.devices.values() if not is_there(each, now)),
        key=lambda each: each.seen_at,
    )
    if len(silent) < too_many:
        raise Refused(f"At most {MOST_DEVICES} devices at once", errors.TOO_MANY_DEVICES)
    return tuple(device.id for device in silent[:too_many])


def _without(room: Room, player: Player, left: tuple[str, ...], now: int) -> Player:
    """The player, stopped if its device is among those that leave."""
    if player.device_id not in left:
        return player
    return commanded(
        player,
        Action.stop,
        now,
        device_id="",
        position_ms=position_at(player, now, room.devices[player.device_id]),
        at=now,
        is_playing=False,
    )
