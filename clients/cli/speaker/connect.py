"""The platform as a Connect device calls it."""

from collections.abc import AsyncIterator, Sequence

import httpx
import msgspec

from clients.cli.api import Api, ApiError, Unreachable
from clients.cli.reports import PlayReport
from clients.cli.speaker import sse
from clients.cli.speaker.sse import Event

# The server says something every 15 s.
_SILENCE_S = 40.0
_CONNECT_S = 5.0
DEVICE_TYPE = "Speaker"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What the device is to do; see the API's document. `position_ms` holds when it arrives."""

    version: int
    command_version: int
    action: str
    device_id: str
    turn: int
    positioned: int
    context_uri: str = ""
    uri: str = ""
    duration_ms: int = 0
    position_ms: int = 0
    is_playing: bool = False
    shuffle_state: bool = False
    volume_percent: int = 100


class Doing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the device does, as it reports it."""

    command_version: int
    timestamp: int
    is_playing: bool
    position_ms: int
    uri: str = ""
    volume_percent: int | None = None


class TakenOver(msgspec.Struct, frozen=True):
    """Another session began, which ended this one."""

    session: str
    by: str = ""


class ConnectApi(Api):
    """A device's calls; every method raises `ApiError` and `Unreachable`."""

    async def register(self, device_id: str, name: str, volume_percent: int) -> None:
        body = {"name": name, "type": DEVICE_TYPE, "volume_percent": volume_percent}
        await self._call("PUT", _path(device_id), body=body)

    async def leave(self, device_id: str) -> None:
        await self._call("DELETE", _path(device_id))

    async def heartbeat(self, device_id: str) -> None:
        await self._call("POST", f"{_path(device_id)}/heartbeat")

    async def report(self, device_id: str, doing: Doing) -> Command:
        """Tells what the device does; answers what it should do."""
        return _command(await self._call("POST", f"{_path(device_id)}/state", body=doing))

    async def advance(self, device_id: str, turn: int) -> Command:
        """The track has ended; answers what comes next. Asking twice goes on once."""
        answer = await self._call("POST", f"{_path(device_id)}/advance", body={"turn": turn})
        return _command(answer)

    async def report_plays(self, plays: Sequence[PlayReport]) -> None:
        await self._call("POST", "/v1/plays", body={"plays": list(plays)})

    async def events(self, device_id: str, session: str, last_id: str) -> AsyncIterator[Event]:
        """What changes, until the connection ends; `last_id` of the last event that was heard."""
        headers = {"Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        try:
            async with self._client.stream(
                "GET",
                "/v1/me/player/events",
                params={"device_id": device_id, "session": session},
                headers=headers,
                timeout=httpx.Timeout(_SILENCE_S, connect=_CONNECT_S),
            ) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise ApiError(answer.status_code, answer.reason_phrase)
                async for event in sse.events(answer.aiter_lines(), last_id):
                    yield event
        except httpx.TransportError as error:
            raise Unreachable(f"{self.address}: {error or type(error).__name__}") from error


def command_of(event: Event) -> Command:
    """Raises `msgspec.DecodeError`."""
    return msgspec.json.decode(event.data, type=Command)


def _command(answer: httpx.Response) -> Command:
    try:
        return msgspec.json.decode(answer.content, type=Command)
    except msgspec.DecodeError as error:
        raise ApiError(502, f"{answer.url.path} answered what is no command: {error}") from error


def _path(device_id: str) -> str:
    return f"/v1/me/devices/{device_id}"
