"""A person's player: what the last command asks for, as far as the device has not said otherwise.

Times in milliseconds of the epoch, by our clock. "" and -1 mean none.
"""

from enum import Enum

import msgspec

from functions.playback.devices.model import SILENT_AFTER_MS, Device

# A user's queue; contexts may be far longer.
MOST_QUEUED = 1_000


class Repeat(str, Enum):
    """What happens at an end."""

    off = "off"
    track = "track"
    context = "context"


class Action(str, Enum):
    """What a command is about."""

    play = "play"
    pause = "pause"
    resume = "resume"
    seek = "seek"
    skip = "skip"
    volume = "volume"
    options = "options"
    queue = "queue"
    transfer = "transfer"
    stop = "stop"


class Source(msgspec.Struct, frozen=True):
    """Where tracks come from: a context by its URI, or a list that was given track by track."""

    uri: str = ""
    list_id: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.uri and not self.list_id


class Entry(msgspec.Struct, frozen=True):
    """What is being played. `index` counts in the source's own order.

    Of a queued track it is that of the source's track before it: there the source goes on.
    """

    track_id: str
    duration_ms: int
    index: int = -1
    queued: bool = False


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somewhere that a person listens. `ended_version` is the player's version that ended it."""

    id: str
    app: str
    device_id: str = ""
    seen_at: int
    ended_version: int = 0
    ended_by: str = ""


class OfflineDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that keeps tracks for when there is no network."""

    device_id: str
    name: str
    added_at: int
    expires_at: int


class Player(msgspec.Struct, frozen=True, kw_only=True):
    """`version` grows with each write, and `command_version` is the version of the last command.

    `positioned` is the version of the command that last said where in the track to be, and `turn`
    counts the tracks that were begun. `position_ms` held at `at`. Of what the device reports,
    `executed` is the last command it had done, and `reported_at` its own time of that report.
    """

    version: int = 0
    command_version: int = 0
    action: Action = Action.stop
    positioned: int = 0
    turn: int = 0
    device_id: str = ""
    source: Source = Source()
    entry: Entry | None = None
    queue: list[str] = []
    repeat: Repeat = Repeat.off
    shuffle: bool = False
    seed: int = 0
    anchor: int = -1
    is_playing: bool = False
    position_ms: int = 0
    at: int = 0
    changed_at: int = 0
    executed: int = 0
    reported_at: int = 0
    sessions: list[Session] = []
    offline: list[OfflineDevice] = []
    erased: bool = False


def position_at(player: Player, now: int, device: Device | None) -> int:
    """Where in the track the player is; a device that fell silent played on a little at most."""
    if player.entry is None:
        return 0
    heard_until = max(player.at, device.seen_at if device else player.at) + SILENT_AFTER_MS
    gone = max(0, min(now, heard_until) - player.at) if player.is_playing else 0
    return min(player.position_ms + gone, player.entry.duration_ms)


def commanded(
    player: Player, action: Action, now: int, *, positions: bool = False, **changes: object
) -> Player:
    """The player after a command, which has the version that this state will be written under."""
    version = player.version + 1
    if positions:
        changes |= {"positioned": version, "at": now}
    return msgspec.structs.replace(
        player, command_version=version, action=action, changed_at=now, **changes
    )


def begun(player: Player, entry: Entry, action: Action, now: int, **changes: object) -> Player:
    """The player at the beginning of another track, or wherever `position_ms` says."""
    return commanded(
        player,
        action,
        now,
        positions=True,
        **{"position_ms": 0, **changes, "entry": entry, "turn": player.turn + 1},
    )
