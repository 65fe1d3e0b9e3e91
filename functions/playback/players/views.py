"""The player in the Web API's shapes."""

import msgspec

from functions.playback.devices.model import DeviceObject
from functions.playback.players.model import Player, Repeat
from shared.openapi import TrackJson
from shared.uris import InvalidUri, parse


class Context(msgspec.Struct, frozen=True):
    """Where the track that is played comes from."""

    type: str
    href: str
    external_urls: dict[str, str]
    uri: str


class Disallows(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would be refused now; what may be done is left out."""

    pausing: bool = False
    resuming: bool = False
    seeking: bool = False
    skipping_next: bool = False
    skipping_prev: bool = False
    transferring_playback: bool = False


class Actions(msgspec.Struct, frozen=True):
    """As the Web API wraps it."""

    disallows: Disallows


class CurrentlyPlaying(msgspec.Struct, frozen=True, kw_only=True):
    """`timestamp` in ms of the epoch: when play, pause, skip or seek last changed something."""

    context: Context | None
    timestamp: int
    progress_ms: int | None
    is_playing: bool
    item: TrackJson | None
    currently_playing_type: str
    actions: Actions


class Playback(CurrentlyPlaying, frozen=True, kw_only=True):
    """The whole state."""

    device: DeviceObject
    repeat_state: Repeat
    shuffle_state: bool
    smart_shuffle: bool = False


class Queue(msgspec.Struct, frozen=True):
    """What is played, and what comes next."""

    currently_playing: TrackJson | None
    queue: list[TrackJson]


class Devices(msgspec.Struct, frozen=True):
    """The devices that are there."""

    devices: list[DeviceObject]


def context_of(player: Player, public_url: str) -> Context | None:
    """None where tracks were given one by one."""
    if not player.source.uri:
        return None
    try:
        found = parse(player.source.uri)
    except InvalidUri:
        return None
    if found.type == "collection":
        href, page = f"{public_url}/v1/me/tracks", f"{public_url}/collection"
    else:
        href = f"{public_url}/v1/{found.type}s/{found.id}"
        page = f"{public_url}/{found.type}/{found.id}"
    return Context(found.type, href, {"spotify": page}, player.source.uri)


def actions_of(player: Player) -> Actions:
    nothing = player.entry is None
    return Actions(
        Disallows(
            pausing=not player.is_playing,
            resuming=player.is_playing or (nothing and player.source.is_empty),
            seeking=nothing,
            skipping_next=nothing and not player.queue,
            skipping_prev=nothing,
        )
    )
