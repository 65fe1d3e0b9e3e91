"""What requests to the player say."""

from typing import Annotated

import msgspec

from functions.playback.players.model import Repeat

_DeviceId = Annotated[str, msgspec.Meta(max_length=64)]


class Where(msgspec.Struct, frozen=True):
    """The device that a command is for; the active one if it is not named."""

    device_id: _DeviceId = ""


class Seek(Where, frozen=True, kw_only=True):
    """A place in the track; behind its end is the next track."""

    position_ms: Annotated[int, msgspec.Meta(ge=0)]


class RepeatMode(Where, frozen=True, kw_only=True):
    """What is repeated."""

    state: Repeat


class ShuffleMode(Where, frozen=True, kw_only=True):
    """Whether tracks come in another order."""

    state: bool


class Volume(Where, frozen=True, kw_only=True):
    """How loud."""

    volume_percent: Annotated[int, msgspec.Meta(ge=0, le=100)]


class Enqueue(Where, frozen=True, kw_only=True):
    """What comes next."""

    uri: Annotated[str, msgspec.Meta(max_length=500)]


class Seen(msgspec.Struct, frozen=True):
    """From where one looks. Of `additional_types` there are none yet."""

    market: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{2}|from_token)$")] | None = None
    additional_types: str | None = None


class Transfer(msgspec.Struct, frozen=True):
    """Where playback goes on."""

    device_ids: list[str]
    play: bool | None = None
