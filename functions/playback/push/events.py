"""What one connection is told, as server-sent events."""

from typing import Any

import msgspec

from functions.playback.devices.model import DeviceObject, shown
from functions.playback.players.snapshot import command_for, state_of
from functions.playback.players.store import Room

# Browsers wait so long before they connect again.
RETRY = b"retry: 1000\n\n"


class DevicesEvent(msgspec.Struct, frozen=True):
    """The devices that are there."""

    devices: list[DeviceObject]


class TakenOver(msgspec.Struct, frozen=True):
    """Playback was started in the session `by`, which ended `session`: it gets no keys any more."""

    session: str
    by: str


class Ping(msgspec.Struct, frozen=True):
    """All is well at `now` (ms, the server's clock)."""

    now: int


class Teller:
    """Tells a connection what it does not know yet. `since`: the last version it was told, or -1.

    Only the state, which comes last, carries an id: who is cut off before it is told all again.
    """

    def __init__(self, *, device_id: str, session: str, since: int) -> None:
        self._device_id = device_id
        self._session = session
        self._told = since
        self._commanded = since
        self._devices: list[DeviceObject] | None = None

    def about(self, room: Room, now: int) -> bytes:
        """The events that the room makes; none if nothing is new."""
        if room.player.version < self._told:
            # The player was made anew, or the client made the number up.
            self._told = self._commanded = -1
        parts = [self._taken_over(room), self._command(room, now), self._shown(room, now)]
        if room.player.version > self._told:
            active = room.devices.get(room.player.device_id)
            state = state_of(room.player, active, now)
            parts.append(event("state", state, id=room.player.version))
        self._told = room.player.version
        return b"".join(parts)

    def _taken_over(self, room: Room) -> bytes:
        for each in room.player.sessions:
            if each.id == self._session and each.ended_version > max(self._told, 0):
                return event("session_taken_over", TakenOver(each.id, each.ended_by))
        return b""

    def _command(self, room: Room, now: int) -> bytes:
        device = room.devices.get(self._device_id)
        if device is None or room.player.command_version <= self._commanded:
            return b""
        self._commanded = room.player.command_version
        active = room.devices.get(room.player.device_id)
        return event("command", command_for(room.player, device, active, now))

    def _shown(self, room: Room, now: int) -> bytes:
        devices = shown(room.devices.values(), room.player.device_id, now)
        if devices == self._devices:
            return b""
        self._devices = devices
        return event("devices", DevicesEvent(devices))


def event(name: str, data: Any, *, id: int | None = None) -> bytes:
    """One event, as the HTML standard writes it; JSON has no line breaks of its own."""
    lines = [f"event: {name}".encode(), b"data: " + msgspec.json.encode(data)]
    if id is not None:
        lines.insert(0, f"id: {id}".encode())
    return b"\n".join(lines) + b"\n\n"
