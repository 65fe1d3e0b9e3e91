"""Refusals of the player: the contract's error object with a `reason`, which programs act on."""

from shared.errors import ApiError

# Of commands to the player: clients know these, and strict ones no others.
NO_ACTIVE_DEVICE = "NO_ACTIVE_DEVICE"
DEVICE_NOT_CONTROLLABLE = "DEVICE_NOT_CONTROLLABLE"
VOLUME_CONTROL_DISALLOW = "VOLUME_CONTROL_DISALLOW"
NO_NEXT_TRACK = "NO_NEXT_TRACK"
NO_PREV_TRACK = "NO_PREV_TRACK"
NO_SPECIFIC_TRACK = "NO_SPECIFIC_TRACK"
NOT_PLAYING_TRACK = "NOT_PLAYING_TRACK"
PREMIUM_REQUIRED = "PREMIUM_REQUIRED"
CONTEXT_DISALLOW = "CONTEXT_DISALLOW"
UNKNOWN = "UNKNOWN"
# Of our own additions.
SESSION_TAKEN_OVER = "SESSION_TAKEN_OVER"
TOO_MANY_DEVICES = "TOO_MANY_DEVICES"
EXPLICIT_FILTER = "EXPLICIT_FILTER"

_FILTERED = "Explicit content is turned off for this account"


class Refused(ApiError):
    """The player cannot do what it was asked; `status` is 403 unless told otherwise."""

    def __init__(self, message: str, reason: str, *, status: int = 403) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


def no_active_device() -> Refused:
    return Refused("Player command failed: No active device found", NO_ACTIVE_DEVICE, status=404)


def nothing_to_play() -> Refused:
    return Refused("Nothing there can be played", NO_SPECIFIC_TRACK, status=404)


def filtered(reason: str = CONTEXT_DISALLOW) -> Refused:
    """Of what is explicit, to somebody who wants nothing of that kind."""
    return Refused(_FILTERED, reason)


def device_not_found() -> Refused:
    return Refused("Device not found", NO_ACTIVE_DEVICE, status=404)
