"""Starting something: a context or a list of tracks, from its beginning or from within."""

import msgspec

from functions.playback import errors
from functions.playback.errors import Refused
from functions.playback.players.changes import Change, Changes
from functions.playback.players.commands import (
    Commands,
    moved_to,
    settled,
    target,
)
from functions.playback.players.contexts import MOST_TRACKS, Contexts, context_of, uri_of
from functions.playback.players.model import Action, Player, Source
from functions.playback.players.moves import Candidate, Order, following
from functions.playback.players.store import Room
from shared import ids
from shared.errors import BadRequest
from shared.tokens import Caller
from shared.uris import InvalidUri, parse


class Offset(msgspec.Struct, frozen=True):
    """Where in what is given to begin: by position or by a track's URI."""

    position: int | None = None
    uri: str | None = None


class PlayRequest(msgspec.Struct, frozen=True):
    """What to play; nothing: go on with what there is. `position_ms` is within the first track."""

    context_uri: str | None = None
    uris: list[str] | None = None
    offset: Offset | None = None
    position_ms: int | None = None


class Starter:
    """Plays what it is given. `seed` decides the order where the player shuffles."""

    def __init__(self, changes: Changes, contexts: Contexts, commands: Commands) -> None:
        self._changes = changes
        self._contexts = contexts
        self._commands = commands

    async def play(self, caller: Caller, device_id: str, asked: PlayRequest) -> None:
        """Raises `BadRequest`, `Refused` and what `Contexts` raises."""
        _check(asked)
        if asked.context_uri is None and asked.uris is None:
            await self._commands.resume(caller, device_id, asked.position_ms)
            return
        track_ids = tuple(track_id_of(each) for each in asked.uris or ())
        list_id = ids.derive("list", *track_ids) if track_ids else ""
        context_uri = ""
        if asked.context_uri is not None:
            context_uri = uri_of(context_of(asked.context_uri), caller)
        source = Source(context_uri, list_id)

        async def work(room: Room, now: int) -> Change:
            player = settled(room, target(room, device_id, now), now)
            player = msgspec.structs.replace(
                player, source=source, entry=None, seed=self._commands.new_seed(), anchor=-1
            )
            if track_ids:
                order = Order(track_ids, range(len(track_ids)))
            else:
                plain = msgspec.structs.replace(player, shuffle=False)
                order = await self._contexts.order(caller, plain)
            started = await self._started(caller, player, order, asked, now=now)
            lists = {list_id: track_ids} if list_id else {}
            return Change(started, lists=lists)

        await self._changes.make(caller.subject, work)

    async def _started(
        self,
        caller: Caller,
        player: Player,
        natural: Order,
        asked: PlayRequest,
        *,
        now: int,
    ) -> Player:
        place = _place(natural, asked.offset)
        order = natural
        if player.shuffle:
            if asked.offset is not None:
                player = msgspec.structs.replace(player, anchor=place)
            order = await self._contexts.order(caller, player, given=natural.track_ids)
            place = 0
        coming = (Candidate(order.track_ids[at], at) for at in order.played[place:])
        found = await self._commands.playable.start(caller, coming)
        started = moved_to(player, *found, Action.play, now)
        position_ms = asked.position_ms or 0
        if position_ms < found[1].duration_ms:
            return msgspec.structs.replace(started, position_ms=position_ms)
        after = await self._commands.playable.first(caller, following(started, order))
        return moved_to(player, *(after or found), Action.play, now)


def track_id_of(text: str) -> str:
    """The id of a track's URI; raises `BadRequest`."""
    try:
        uri = parse(text)
    except InvalidUri as error:
        raise BadRequest(f"Invalid uri: {error}") from error
    if uri.type != "track":
        raise BadRequest(f"Invalid uri: {text[:100]} is not a track")
    return uri.id


def _check(asked: PlayRequest) -> None:
    if asked.context_uri is not None and asked.uris is not None:
        raise BadRequest("Invalid uris: give these or a context_uri, not both")
    if asked.uris is not None and not 1 <= len(asked.uris) <= MOST_TRACKS:
        raise BadRequest(f"Invalid uris: between 1 and {MOST_TRACKS} tracks")
    if asked.position_ms is not None and asked.position_ms < 0:
        raise BadRequest("Invalid position_ms: must not be negative")
    if asked.offset is None:
        return
    if asked.offset.position is not None and asked.offset.uri is not None:
        raise BadRequest("Invalid offset: a position or a uri, not both")
    if asked.offset.position is not None and asked.offset.position < 0:
        raise BadRequest("Invalid offset: position must not be negative")


def _place(order: Order, offset: Offset | None) -> int:
    """Where the offset points, in the source's own order."""
    if offset is None or (offset.position is None and offset.uri is None):
        return 0
    if offset.uri is not None:
        wanted = track_id_of(offset.uri)
        for at, track_id in enumerate(order.track_ids):
            if track_id == wanted:
                return at
    elif offset.position is not None and offset.position < len(order.track_ids):
        return offset.position
    raise Refused("The offset is not in what is played", errors.NO_SPECIFIC_TRACK, status=404)
