"""The player as devices and remote controls are told of it, in events and in answers to reports."""

import msgspec

from functions.playback.devices.model import Device
from functions.playback.players.model import Action, Player, Repeat, position_at
from shared.uris import uri


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be played, where and how.

    `version` grows with every change, and `command_version` is that of the last command. A device
    that is not `device_id` is silent. One that is begins `uri` when `turn` is another than it has
    begun, goes to `position_ms` when `positioned` is higher than the commands that it has done,
    and plays if `is_playing`. `position_ms` holds at `now`, in ms of the epoch by the server's
    clock. "" means none.
    """

    version: int
    command_version: int
    action: Action
    device_id: str
    turn: int
    positioned: int
    context_uri: str
    uri: str
    duration_ms: int
    position_ms: int
    now: int
    is_playing: bool
    repeat_state: Repeat
    shuffle_state: bool
    queued: int
    executed: int


class Command(State, frozen=True, kw_only=True):
    """The state that a device is to bring about, and its volume."""

    volume_percent: int


def state_of(player: Player, device: Device | None, now: int) -> State:
    """`device` is the active one."""
    entry = player.entry
    return State(
        version=player.version,
        command_version=player.command_version,
        action=player.action,
        device_id=player.device_id,
        turn=player.turn,
        positioned=player.positioned,
        context_uri=player.source.uri,
        uri=uri("track", entry.track_id) if entry else "",
        duration_ms=entry.duration_ms if entry else 0,
        position_ms=position_at(player, now, device),
        now=now,
        is_playing=player.is_playing,
        repeat_state=player.repeat,
        shuffle_state=player.shuffle,
        queued=len(player.queue),
        executed=player.executed,
    )


def command_for(player: Player, device: Device, active: Device | None, now: int) -> Command:
    """What `device` is to do, be it the `active` one or not."""
    state = state_of(player, active, now)
    return Command(**msgspec.structs.asdict(state), volume_percent=device.volume)
