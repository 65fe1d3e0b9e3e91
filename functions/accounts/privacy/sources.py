"""What other owners hold about a person. Each answers for its own state, to the person's token."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx

from shared.errors import Unavailable

# What the token for `OwnerApis` has to allow.
SCOPES = ("upload-read",)
_TIMEOUT_S = 10.0
_MOST_PAGES = 1000
_TRACKS_A_CALL = 50


class ExportSource(Protocol):
    """One owner's part of an export."""

    async def collect(self, user_id: str) -> dict[str, list[Any]]:
        """Lists of JSON values by the name of the file they go into; raises `Unavailable`."""
        ...


class OwnerApis:
    """Uploads and tracks, through the platform's own API, as the person would read them.

    `token_for` gives an access token that is about a person and has `SCOPES`.
    """

    def __init__(
        self,
        public_url: str,
        token_for: Callable[[str], Awaitable[str]],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._public_url = public_url
        self._token_for = token_for
        self._transport = transport

    async def collect(self, user_id: str) -> dict[str, list[Any]]:
        headers = {"Authorization": f"Bearer {await self._token_for(user_id)}"}
        transport = self._transport or httpx.AsyncHTTPTransport(retries=1)
        try:
            async with httpx.AsyncClient(
                base_url=self._public_url, headers=headers, transport=transport, timeout=_TIMEOUT_S
            ) as client:
                uploads = await _uploads(client)
                return {
                    "media/uploads": uploads,
                    "catalog/tracks": await _tracks(client, uploads),
                }
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("An owner of your data does not answer; try again") from error


async def _uploads(client: httpx.AsyncClient) -> list[Any]:
    uploads: list[Any] = []
    after = ""
    for _ in range(_MOST_PAGES):
        answer = await client.get("/v1/uploads", params={"after": after, "limit": 100})
        answer.raise_for_status()
        page = answer.json()
        uploads += page["uploads"]
        after = page["next"] or ""
        if not after:
            break
    return uploads


async def _tracks(client: httpx.AsyncClient, uploads: list[Any]) -> list[Any]:
    ids = [upload["track_id"] for upload in uploads if upload.get("track_id")]
    tracks: list[Any] = []
    for start in range(0, len(ids), _TRACKS_A_CALL):
        wanted = ",".join(ids[start : start + _TRACKS_A_CALL])
        answer = await client.get("/v1/tracks", params={"ids": wanted})
        answer.raise_for_status()
        tracks += [track for track in answer.json()["tracks"] if track is not None]
    return tracks
