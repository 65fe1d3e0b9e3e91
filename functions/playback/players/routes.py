"""`/v1/me/player…`: the player as the Web API has it."""

from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.playback import errors
from functions.playback.devices.model import is_there, shown
from functions.playback.players import views
from functions.playback.players.asked import (
    Enqueue,
    RepeatMode,
    Seek,
    Seen,
    ShuffleMode,
    Transfer,
    Volume,
    Where,
)
from functions.playback.players.changes import Changes
from functions.playback.players.commands import Commands
from functions.playback.players.contexts import Contexts
from functions.playback.players.model import Player, position_at
from functions.playback.players.moves import upcoming
from functions.playback.players.starting import PlayRequest, Starter, track_id_of
from functions.playback.players.store import Room
from functions.playback.players.tracks import TrackObjects
from shared.audience import audience_of
from shared.errors import BadRequest
from shared.openapi import Operation
from shared.query import read_query
from shared.tokens import Caller
from shared.web import Api, caller_of, json_response, read_body

TAG = "Player"
READ = "user-read-playback-state"
READ_CURRENT = "user-read-currently-playing"
MODIFY = "user-modify-playback-state"
# The Web API's own number of tracks shown is not told; this is a screen full.
QUEUE_SHOWN = 50

T = TypeVar("T")


class PlayerRoutes:
    """The player family but for the play history."""

    def __init__(
        self,
        changes: Changes,
        contexts: Contexts,
        commands: Commands,
        starter: Starter,
        tracks: TrackObjects,
        *,
        public_url: str,
    ) -> None:
        self._changes = changes
        self._contexts = contexts
        self._commands = commands
        self._starter = starter
        self._tracks = tracks
        self._public_url = public_url

    def routes(self, api: Api) -> list[BaseRoute]:
        path = "/v1/me/player"

        def told(summary: str, query: type[msgspec.Struct] = Where) -> Operation:
            return Operation(summary, TAG, status=204, query=query, errors=(400, 404))

        return [
            api.get(
                path,
                self.playback,
                scope=READ,
                doc=Operation(
                    "Get the playback state; 204 if nothing is active",
                    TAG,
                    answer=views.Playback,
                    also={204: None},
                    query=Seen,
                    errors=(400,),
                ),
            ),
            api.put(
                path,
                self.transfer,
                scope=MODIFY,
                doc=Operation("Move playback to a device", TAG, status=204, body=Transfer),
            ),
            api.get(
                f"{path}/devices",
                self.devices,
                scope=READ,
                doc=Operation(
                    "Get the devices that are there", TAG, answer=views.Devices, errors=()
                ),
            ),
            api.get(
                f"{path}/currently-playing",
                self.currently_playing,
                scope=(READ_CURRENT, READ),
                doc=Operation(
                    "Get what is being played; 204 if nothing is active",
                    TAG,
                    answer=views.CurrentlyPlaying,
                    also={204: None},
                    query=Seen,
                    errors=(400,),
                ),
            ),
            api.put(
                f"{path}/play",
                self.play,
                scope=MODIFY,
                doc=Operation(
                    "Start something, or go on",
                    TAG,
                    status=204,
                    query=Where,
                    body=PlayRequest,
                ),
            ),
            api.put(f"{path}/pause", self.pause, scope=MODIFY, doc=told("Pause")),
            api.post(f"{path}/next", self.next, scope=MODIFY, doc=told("Go to the next track")),
            api.post(
                f"{path}/previous",
                self.previous,
                scope=MODIFY,
                doc=told("Go to the previous track"),
            ),
            api.put(
                f"{path}/seek",
                self.seek,
                scope=MODIFY,
                doc=told("Go to a place in a track", Seek),
            ),
            api.put(
                f"{path}/repeat", self.repeat, scope=MODIFY, doc=told("Set repeat", RepeatMode)
            ),
            api.put(
                f"{path}/shuffle", self.shuffle, scope=MODIFY, doc=told("Set shuffle", ShuffleMode)
            ),
            api.put(f"{path}/volume", self.volume, scope=MODIFY, doc=told("Set volume", Volume)),
            api.get(
                f"{path}/queue",
                self.queue,
                scope=(READ_CURRENT, READ),
                doc=Operation(
                    f"Get what is played and the next tracks, at most {QUEUE_SHOWN}",
                    TAG,
                    answer=views.Queue,
                    errors=(),
                ),
            ),
            api.post(
                f"{path}/queue",
                self.enqueue,
                scope=MODIFY,
                doc=told("Play a track after the current one", Enqueue),
            ),
        ]

    async def playback(self, request: Request) -> Response:
        seen, caller = read_query(request, Seen), caller_of(request)
        room = await self._changes.read(caller.subject)
        now = self._changes.clock()
        device = room.devices.get(room.player.device_id)
        if device is None or not is_there(device, now):
            return _nothing()
        listed = shown(room.devices.values(), device.id, now)
        current = await self._current(caller, room, now, seen)
        return _fresh(
            views.Playback(
                **msgspec.structs.asdict(current),
                device=next(each for each in listed if each.is_active),
                repeat_state=room.player.repeat,
                shuffle_state=room.player.shuffle,
            )
        )

    async def currently_playing(self, request: Request) -> Response:
        seen, caller = read_query(request, Seen), caller_of(request)
        room = await self._changes.read(caller.subject)
        now = self._changes.clock()
        device = room.devices.get(room.player.device_id)
        if device is None or not is_there(device, now) or room.player.entry is None:
            return _nothing()
        return _fresh(await self._current(caller, room, now, seen))

    async def devices(self, request: Request) -> Response:
        room = await self._changes.read(caller_of(request).subject)
        now = self._changes.clock()
        return _fresh(views.Devices(shown(room.devices.values(), room.player.device_id, now)))

    async def queue(self, request: Request) -> Response:
        caller = caller_of(request)
        player = (await self._changes.read(caller.subject)).player
        order = await self._contexts.order(caller, player)
        coming = upcoming(player, order, QUEUE_SHOWN)
        current = player.entry.track_id if player.entry else ""
        wanted = [current, *coming] if current else coming
        objects = await self._tracks.of(wanted, audience_of(caller))
        return _fresh(
            views.Queue(objects.get(current), [objects[each] for each in coming if each in objects])
        )

    async def transfer(self, request: Request) -> Response:
        asked = await _read(request, Transfer)
        if asked is None or len(asked.device_ids) != 1:
            raise BadRequest("Invalid device_ids: exactly one is supported")
        await self._commands.transfer(
            caller_of(request), _named(asked.device_ids[0]), play=bool(asked.play)
        )
        return _done()

    async def play(self, request: Request) -> Response:
        where = read_query(request, Where)
        asked = await _read(request, PlayRequest) or PlayRequest()
        await self._starter.play(caller_of(request), where.device_id, asked)
        return _done()

    async def pause(self, request: Request) -> Response:
        where = read_query(request, Where)
        await self._commands.pause(caller_of(request), where.device_id)
        return _done()

    async def next(self, request: Request) -> Response:
        where = read_query(request, Where)
        await self._commands.next(caller_of(request), where.device_id)
        return _done()

    async def previous(self, request: Request) -> Response:
        where = read_query(request, Where)
        await self._commands.previous(caller_of(request), where.device_id)
        return _done()

    async def seek(self, request: Request) -> Response:
        asked = read_query(request, Seek)
        await self._commands.seek(caller_of(request), asked.device_id, asked.position_ms)
        return _done()

    async def repeat(self, request: Request) -> Response:
        asked = read_query(request, RepeatMode)
        await self._commands.repeat(caller_of(request), asked.device_id, asked.state)
        return _done()

    async def shuffle(self, request: Request) -> Response:
        asked = read_query(request, ShuffleMode)
        await self._commands.shuffle(caller_of(request), asked.device_id, on=asked.state)
        return _done()

    async def volume(self, request: Request) -> Response:
        asked = read_query(request, Volume)
        await self._commands.volume(caller_of(request), asked.device_id, asked.volume_percent)
        return _done()

    async def enqueue(self, request: Request) -> Response:
        asked = read_query(request, Enqueue)
        await self._commands.enqueue(caller_of(request), asked.device_id, track_id_of(asked.uri))
        return _done()

    async def _current(
        self, caller: Caller, room: Room, now: int, seen: Seen
    ) -> views.CurrentlyPlaying:
        player: Player = room.player
        entry = player.entry
        item = None
        if entry is not None:
            audience = audience_of(caller)
            if seen.market not in {None, "from_token"}:
                audience = audience._replace(market=str(seen.market))
            item = (await self._tracks.of([entry.track_id], audience)).get(entry.track_id)
        return views.CurrentlyPlaying(
            context=views.context_of(player, self._public_url),
            timestamp=player.changed_at,
            progress_ms=position_at(player, now, room.devices.get(player.device_id))
            if entry
            else None,
            is_playing=player.is_playing,
            item=item,
            currently_playing_type="track" if item else "unknown",
            actions=views.actions_of(player),
        )


async def _read(request: Request, into: type[T]) -> T | None:
    """The body, None if there is none: clients send none, "null" or {}."""
    body = (await read_body(request)).strip()
    if body in {b"", b"null"}:
        return None
    try:
        return msgspec.json.decode(body, type=into)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    except msgspec.DecodeError as error:
        raise BadRequest("The body is not valid JSON") from error


def _named(device_id: str) -> str:
    if not device_id:
        raise errors.device_not_found()
    return device_id


def _fresh(value: msgspec.Struct) -> Response:
    return json_response(value, headers={"Cache-Control": "private, no-store"})


def _nothing() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "private, no-store"})


def _done() -> Response:
    return Response(status_code=204)
