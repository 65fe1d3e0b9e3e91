"""What a device reports, weighed against what it was told since."""

import msgspec

from functions.playback.devices.model import Device
from functions.playback.players.changes import Change
from functions.playback.players.model import Player, position_at
from functions.playback.players.store import Room
from shared.uris import uri

# How far a device's clock is believed: its report may have been so long on its way.
_LONGEST_WAY_MS = 2_000
# What is off by less is taken to be as expected, and not written.
_NEAR_ENOUGH_MS = 400
# A device whose clock is set back by more is believed again.
_CLOCK_JUMP_MS = 60_000


class Report(msgspec.Struct, frozen=True):
    """What a device does: since the command `command_version`, at `timestamp` by its own clock."""

    command_version: int
    timestamp: int
    is_playing: bool
    position_ms: int
    uri: str | None = None
    volume_percent: int | None = None


def weighed(room: Room, device: Device, report: Report, now: int) -> Change | None:
    """What the report changes; None if it is what was expected.

    A report from before the last command, or overtaken by a later one, changes nothing, and
    neither does one of a device that is not the active one.
    """
    heard = _device(device, report, now)
    player = _player(room.player, device, report, now)
    if player is None and heard.volume == device.volume:
        return None
    return Change(player or room.player, devices=(heard,))


def _device(device: Device, report: Report, now: int) -> Device:
    volume = device.volume
    if report.volume_percent is not None and report.command_version >= device.volume_version:
        volume = report.volume_percent
    return msgspec.structs.replace(device, seen_at=now, volume=volume)


def _player(player: Player, device: Device, report: Report, now: int) -> Player | None:
    entry = player.entry
    if (
        entry is None
        or player.device_id != device.id
        or report.command_version != player.command_version
        or report.uri != uri("track", entry.track_id)
        or 0 < player.reported_at - report.timestamp < _CLOCK_JUMP_MS
    ):
        return None
    at = min(max(report.timestamp, now - _LONGEST_WAY_MS), now)
    position_ms = min(report.position_ms, entry.duration_ms)
    playing_changes = report.is_playing is not player.is_playing
    drift = position_at(player, at, device) - position_ms
    if (
        player.executed == report.command_version
        and not playing_changes
        and abs(drift) < _NEAR_ENOUGH_MS
    ):
        return None
    return msgspec.structs.replace(
        player,
        position_ms=position_ms,
        at=at,
        is_playing=report.is_playing,
        changed_at=now if playing_changes else player.changed_at,
        executed=report.command_version,
        reported_at=report.timestamp,
    )
