"""`GET /v1/me/player/events`: what changes, as it changes."""

import base64
import binascii
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from functions.playback.players.changes import now_ms
from functions.playback.players.store import FirestorePlayers
from functions.playback.push.doorbell import FirestoreDoorbell
from functions.playback.push.events import RETRY, Ping, Teller, event
from functions.playback.push.hub import Feed, Hub
from functions.playback.settings import PushSettings
from shared.auth import api_for
from shared.openapi import Operation
from shared.query import read_query
from shared.web import Api, caller_of, create_app

PING_S = 15.0
# The platform cuts off what lasts an hour; whoever is told to come again misses nothing.
LONGEST_S = 55 * 60.0

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9:_-]{0,128}$")]


class Listening(msgspec.Struct, frozen=True):
    """Who listens: a device, which is sent its commands, and a session, which hears of its end."""

    device_id: _Name = ""
    session: _Name = ""


class _Claims(msgspec.Struct):
    exp: float


def create(settings: PushSettings) -> Starlette:
    """The push service on its real dependencies."""
    place = (settings.google_cloud_project, settings.firestore_database)
    push = Push(Hub(FirestorePlayers(*place), FirestoreDoorbell(*place)))
    return create_app(push.routes(api_for(settings)), cors=True)


class Push:
    """Server-sent events to players and remote controls."""

    def __init__(
        self,
        hub: Hub,
        *,
        clock: Callable[[], int] = now_ms,
        ping_s: float = PING_S,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._ping_s = ping_s
        self._longest_s = longest_s

    def routes(self, api: Api) -> list[BaseRoute]:
        return [
            api.get(
                "/v1/me/player/events",
                self.events,
                scope="user-read-playback-state",
                doc=Operation(
                    "Be told what changes: state, command, devices, session_taken_over, ping and "
                    "token_expired, as server-sent events; Last-Event-ID goes on where it was",
                    "Player",
                    answer=str,
                    answer_media="text/event-stream",
                    query=Listening,
                    errors=(400,),
                ),
            )
        ]

    async def events(self, request: Request) -> Response:
        asked = read_query(request, Listening)
        teller = Teller(
            device_id=asked.device_id,
            session=asked.session,
            since=_last_event_id(request.headers.get("last-event-id", "")),
        )
        told = self._told(caller_of(request).subject, teller, expires_at(request))
        return StreamingResponse(
            told,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
        )

    async def _told(self, user: str, teller: Teller, token_ends_at: float) -> AsyncIterator[bytes]:
        async with self._hub.listening(user) as feed:
            yield RETRY
            ends_at = time.monotonic() + self._longest_s
            async for part in self._until(feed, teller, min(ends_at, _monotonic(token_ends_at))):
                yield part
            if time.time() >= token_ends_at:
                yield event("token_expired", Ping(self._clock()))

    async def _until(self, feed: Feed, teller: Teller, ends_at: float) -> AsyncIterator[bytes]:
        count = 0
        while (left_s := ends_at - time.monotonic()) > 0:
            found = await feed.next(count, min(self._ping_s, left_s))
            if found is None:
                if time.monotonic() < ends_at:
                    yield event("ping", Ping(self._clock()))
                continue
            count, room = found
            if room.player.erased:
                return
            if told := teller.about(room, self._clock()):
                yield told


def expires_at(request: Request) -> float:
    """When the token ends, in seconds of the epoch; it has been verified before."""
    _, _, token = request.headers["authorization"].partition(" ")
    try:
        payload = token.split(".")[1]
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return msgspec.json.decode(raw, type=_Claims).exp
    except (IndexError, binascii.Error, msgspec.DecodeError):
        return float("inf")


def _monotonic(epoch_s: float) -> float:
    return time.monotonic() + epoch_s - time.time()


def _last_event_id(text: str) -> int:
    """-1 for none, and for what is none of ours."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
