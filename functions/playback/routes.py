"""`GET /v1/tracks/{id}/stream` and `POST /v1/licence`."""

import time
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from functions.playback import licence, model, signing
from functions.playback.licence import ClearKeyLicences, LicenceProvider, LicenceRequest
from functions.playback.settings import ApiSettings
from functions.playback.signing import SigningKey
from shared import ids
from shared.auth import api_for
from shared.catalog_client import CatalogClient
from shared.content_keys import DerivedKeys
from shared.errors import BadRequest, NotFound
from shared.protos.catalog_pb2 import Track
from shared.web import Api, create_app, json_response, read_json

SCOPE = "streaming"


def create(settings: ApiSettings) -> Starlette:
    """The playback API on its real dependencies."""
    return Playback(
        settings,
        catalog=CatalogClient(settings.catalog_rpc_url),
        licences=ClearKeyLicences(DerivedKeys.from_base64(settings.content_key_secret)),
    ).app(api_for(settings))


class Playback:
    """Streams and licences of tracks."""

    def __init__(
        self, settings: ApiSettings, *, catalog: CatalogClient, licences: LicenceProvider
    ) -> None:
        self._public_url = settings.public_url
        self._ttl_s = settings.stream_ttl_s
        self._signing_key = SigningKey.from_base64(settings.cdn_key_name, settings.cdn_signing_key)
        self._catalog = catalog
        self._licences = licences

    def app(self, api: Api) -> Starlette:
        return create_app(
            [
                api.get("/v1/tracks/{id}/stream", self.stream, scope=SCOPE),
                api.post("/v1/licence", self.licence, scope=SCOPE),
            ]
        )

    async def stream(self, request: Request) -> Response:
        """Where the track's media lies, and a cookie (or signed URLs) that opens it."""
        delivery = request.query_params.get("delivery", "cookie")
        if delivery not in {"cookie", "url"}:
            raise BadRequest("Invalid delivery: cookie or url")
        track_id = request.path_params["id"]
        if not ids.is_valid(track_id):
            raise BadRequest("Invalid base62 id")
        (track,) = await self._playable([track_id])
        access = self._access_to(track)
        response = json_response(
            model.stream(
                track,
                access,
                licence_url=f"{self._public_url}/v1/licence",
                signed_urls=delivery == "url",
            ),
            headers={"Cache-Control": "private, no-store"},
        )
        if delivery == "cookie":
            self._set_cookie(response, access)
        return response

    async def licence(self, request: Request) -> Response:
        """The keys of the tracks named, for a ClearKey decryption module."""
        track_ids = licence.tracks_of(await read_json(request, LicenceRequest))
        await self._playable(track_ids)
        return json_response(
            self._licences.licence(track_ids), headers={"Cache-Control": "private, no-store"}
        )

    async def _playable(self, track_ids: list[str]) -> list[Track]:
        tracks = await self._catalog.tracks(track_ids)
        found = {track.id for track in tracks if track.HasField("media")}
        if missing := [track_id for track_id in track_ids if track_id not in found]:
            raise NotFound(f"Track not found or not playable: {missing[0]}")
        return tracks

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
