"""`GET /v1/tracks/{id}/stream`, `POST /v1/licence`, and the devices that keep tracks."""

import time
from collections.abc import Iterable
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions.playback import errors
from functions.playback.devices.model import is_device_id
from functions.playback.errors import Refused
from functions.playback.players.contexts import Catalogue
from functions.playback.players.model import OfflineDevice
from functions.playback.players.playable import is_filtered
from functions.playback.settings import ApiSettings
from functions.playback.streams import licence, model, signing
from functions.playback.streams.licence import (
    Licence,
    LicenceProvider,
    LicenceRequest,
    LicenceType,
)
from functions.playback.streams.plans import PAYING_PLANS
from functions.playback.streams.sessions import Sessions, default_session
from functions.playback.streams.signing import SigningKey
from shared import ids
from shared.errors import BadRequest, NotFound
from shared.openapi import Operation
from shared.protos.catalog_pb2 import Track
from shared.query import read_query
from shared.tokens import Caller
from shared.web import Api, caller_of, json_response, read_json

SCOPE = "streaming"
TAG = "Streams"
_NO_STORE = {"Cache-Control": "private, no-store"}

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")]


class StreamQuery(msgspec.Struct, frozen=True):
    """How the media is opened, and where it is played."""

    delivery: Literal["cookie", "url"] = "cookie"
    session: _Name = ""
    device_id: _Name = ""


class LicenceQuery(msgspec.Struct, frozen=True):
    """Where it is played, for clients that write the body by a standard of their own."""

    session: _Name = ""


class OfflineDeviceObject(msgspec.Struct, frozen=True):
    """A device that keeps tracks; times in seconds of the epoch."""

    device_id: str
    name: str
    added_at: int
    expires_at: int


class OfflineDevices(msgspec.Struct, frozen=True):
    """All of an account."""

    devices: list[OfflineDeviceObject]


class Streams:
    """Streams and licences of tracks."""

    def __init__(
        self,
        settings: ApiSettings,
        *,
        catalog: Catalogue,
        licences: LicenceProvider,
        sessions: Sessions,
    ) -> None:
        self._public_url = settings.public_url
        self._ttl_s = settings.stream_ttl_s
        self._signing_key = SigningKey.from_base64(settings.cdn_key_name, settings.cdn_signing_key)
        self._catalog = catalog
        self._licences = licences
        self._sessions = sessions

    def routes(self, api: Api) -> list[BaseRoute]:
        offline = "/v1/me/player/offline-devices"
        return [
            api.get(
                "/v1/tracks/{id}/stream",
                self.stream,
                scope=SCOPE,
                doc=Operation(
                    "Get where a track's media lies, and leave to fetch it",
                    TAG,
                    answer=model.Stream,
                    query=StreamQuery,
                ),
            ),
            api.post(
                "/v1/licence",
                self.licence,
                scope=SCOPE,
                doc=Operation(
                    "Get the keys of tracks (W3C ClearKey)",
                    TAG,
                    answer=Licence,
                    query=LicenceQuery,
                    body=LicenceRequest,
                ),
            ),
            api.get(
                offline,
                self.offline_devices,
                scope=SCOPE,
                doc=Operation(
                    "List the devices that keep tracks", TAG, answer=OfflineDevices, errors=()
                ),
            ),
            api.delete(
                f"{offline}/{{id}}",
                self.remove_offline_device,
                scope=SCOPE,
                doc=Operation("Remove such a device", TAG, status=204, errors=(400,)),
            ),
        ]

    async def stream(self, request: Request) -> Response:
        """Where the track's media lies, and a cookie (or signed URLs) that opens it."""
        asked, caller = read_query(request, StreamQuery), caller_of(request)
        track_id = request.path_params["id"]
        if not ids.is_valid(track_id):
            raise BadRequest("Invalid base62 id")
        track = (await self._playable([track_id])).get(track_id)
        if track is None:
            raise NotFound(f"Track not found or not playable: {track_id}")
        _check_filter([track], caller)
        await self._sessions.begin(
            caller, asked.session or default_session(caller), asked.device_id
        )
        access = self._access_to(track)
        response = json_response(
            model.stream(
                track,
                access,
                licence_url=self._licence_url(asked.session),
                signed_urls=asked.delivery == "url",
                lossless=caller.plan in PAYING_PLANS,
            ),
            headers=_NO_STORE,
        )
        if asked.delivery == "cookie":
            self._set_cookie(response, access)
        return response

    async def licence(self, request: Request) -> Response:
        """The keys of the tracks named, for as long as the session or the device may have them."""
        named, caller = read_query(request, LicenceQuery), caller_of(request)
        asked = await read_json(request, LicenceRequest)
        readings = licence.readings_of(asked)
        session = asked.session or named.session
        for name, value in (("session", session), ("device_id", asked.device_id)):
            if value and not is_device_id(value):
                raise BadRequest(f"Invalid {name}: 1 to 64 letters, digits, - and _")
        playable = await self._playable([each.track_id for pair in readings for each in pair])
        wanted = licence.wanted_of(readings, playable)
        _check_filter([playable[each.track_id] for each in wanted], caller)
        if caller.plan not in PAYING_PLANS and any(each.lossless for each in wanted):
            raise Refused("Lossless needs a premium plan", errors.PREMIUM_REQUIRED)
        session = session or default_session(caller)
        if asked.type is LicenceType.persistent:
            if not asked.device_id:
                raise BadRequest("Missing required field: device_id")
            kept = await self._sessions.keep_offline(caller, asked.device_id)
            expires_at = kept.expires_at // 1000
        else:
            await self._sessions.go_on(caller, session, asked.device_id)
            expires_at = int(time.time()) + self._ttl_s
        return json_response(
            Licence(
                keys=self._licences.keys(wanted),
                type=asked.type,
                session=session,
                expires_at=expires_at,
            ),
            headers=_NO_STORE,
        )

    async def offline_devices(self, request: Request) -> Response:
        devices = await self._sessions.offline(caller_of(request))
        return json_response(OfflineDevices([_shown(each) for each in devices]), headers=_NO_STORE)

    async def remove_offline_device(self, request: Request) -> Response:
        if not is_device_id(device_id := request.path_params["id"]):
            raise BadRequest("Invalid device id: 1 to 64 letters, digits, - and _")
        await self._sessions.remove_offline(caller_of(request), device_id)
        return Response(status_code=204)

    async def _playable(self, track_ids: list[str]) -> dict[str, Track]:
        """Those of the tracks that there are and that can be played, by id."""
        tracks = await self._catalog.tracks(track_ids)
        return {track.id: track for track in tracks if track.HasField("media")}

    def _licence_url(self, session: str) -> str:
        """Carries the session, so that players that know nothing of sessions keep to theirs."""
        query = f"?{urlencode({'session': session})}" if session else ""
        return f"{self._public_url}/v1/licence{query}"

    def _access_to(self, track: Track) -> model.Access:
        return model.Access(
            key=self._signing_key,
            url_prefix=f"{self._public_url}/{track.media.prefix}/",
            expires=int(time.time()) + self._ttl_s,
        )

    def _set_cookie(self, response: Response, access: model.Access) -> None:
        address = urlsplit(access.url_prefix)
        # Written by hand: Starlette would put the value in quotes, which Cloud CDN does not read.
        secure = "; Secure" if address.scheme == "https" else ""
        response.headers.append(
            "Set-Cookie",
            f"{signing.COOKIE_NAME}={access.cookie}; Path={address.path}; Max-Age={self._ttl_s}"
            f"; HttpOnly; SameSite=Lax{secure}",
        )


def _check_filter(tracks: Iterable[Track], caller: Caller) -> None:
    """Raises `Refused` where one of them is explicit, and the caller filters that."""
    if any(is_filtered(track, caller) for track in tracks):
        raise errors.filtered(errors.EXPLICIT_FILTER)


def _shown(device: OfflineDevice) -> OfflineDeviceObject:
    return OfflineDeviceObject(
        device.device_id, device.name, device.added_at // 1000, device.expires_at // 1000
    )
