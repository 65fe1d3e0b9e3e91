"""`/v1/me/devices/…`: how a device joins, tells what it does, and leaves."""

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.playback import errors
from functions.playback.devices.model import DeviceObject, is_device_id, shown
from functions.playback.devices.registry import Registration, Registry
from functions.playback.players.changes import now_ms
from functions.playback.players.commands import Commands
from functions.playback.players.reports import Report
from functions.playback.players.snapshot import Command, command_for
from functions.playback.players.store import Room
from shared.errors import BadRequest
from shared.openapi import Operation
from shared.web import Api, caller_of, json_response, read_json

TAG = "Devices"
SCOPE = "user-modify-playback-state"


class Ended(msgspec.Struct, frozen=True):
    """The track that ended: the `turn` under which the device was told to begin it."""

    turn: int


class DeviceRoutes:
    """What devices call."""

    def __init__(
        self, registry: Registry, commands: Commands, *, clock: Callable[[], int] = now_ms
    ) -> None:
        self._registry = registry
        self._commands = commands
        self._clock = clock

    def routes(self, api: Api) -> list[BaseRoute]:
        path = "/v1/me/devices/{id}"
        return [
            api.put(
                path,
                self.register,
                scope=SCOPE,
                doc=Operation(
                    "Register a device, or change what it says of itself",
                    TAG,
                    answer=DeviceObject,
                    body=Registration,
                    errors=(400,),
                ),
            ),
            api.delete(
                path,
                self.leave,
                scope=SCOPE,
                doc=Operation("Remove a device", TAG, status=204, errors=(400,)),
            ),
            api.post(
                f"{path}/heartbeat",
                self.heartbeat,
                scope=SCOPE,
                doc=Operation("Say that a device is still there", TAG, status=204),
            ),
            api.post(
                f"{path}/state",
                self.report,
                scope=SCOPE,
                doc=Operation(
                    "Report what a device does; answers what it should do",
                    TAG,
                    answer=Command,
                    body=Report,
                ),
            ),
            api.post(
                f"{path}/advance",
                self.advance,
                scope=SCOPE,
                doc=Operation(
                    "Go to the next track when one has ended; answers what to do then",
                    TAG,
                    answer=Command,
                    body=Ended,
                ),
            ),
        ]

    async def register(self, request: Request) -> Response:
        device_id = _device_id(request)
        asked = await read_json(request, Registration)
        device = await self._registry.register(caller_of(request), device_id, asked)
        (described,) = shown([device], "", device.seen_at)
        return json_response(described)

    async def leave(self, request: Request) -> Response:
        await self._registry.leave(caller_of(request), _device_id(request))
        return Response(status_code=204)

    async def heartbeat(self, request: Request) -> Response:
        await self._registry.heartbeat(caller_of(request), _device_id(request))
        return Response(status_code=204)

    async def report(self, request: Request) -> Response:
        device_id = _device_id(request)
        report = await read_json(request, Report)
        if report.position_ms < 0:
            raise BadRequest("Invalid position_ms: must not be negative")
        if report.volume_percent is not None and not 0 <= report.volume_percent <= 100:
            raise BadRequest("Invalid volume_percent: between 0 and 100")
        room = await self._registry.report(caller_of(request), device_id, report)
        return self._what_to_do(room, device_id)

    async def advance(self, request: Request) -> Response:
        device_id = _device_id(request)
        ended = await read_json(request, Ended)
        room = await self._commands.advance(caller_of(request), device_id, ended.turn)
        return self._what_to_do(room, device_id)

    def _what_to_do(self, room: Room, device_id: str) -> Response:
        device = room.devices.get(device_id)
        if device is None:
            raise errors.device_not_found()
        active = room.devices.get(room.player.device_id)
        return json_response(command_for(room.player, device, active, self._clock()))


def _device_id(request: Request) -> str:
    device_id: str = request.path_params["id"]
    if not is_device_id(device_id):
        raise BadRequest("Invalid device id: 1 to 64 letters, digits, - and _")
    return device_id
