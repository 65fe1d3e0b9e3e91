"""What other owners hold about a person. Each answers for its own state, to the person's token."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx

from shared.errors import Unavailable

# What the token for `OwnerApis` has to allow.
SCOPES = (
    "upload-read",
    "user-library-read",
    "user-follow-read",
    "playlist-read-private",
    "playlist-read-collaborative",
    "user-read-recently-played",
    "user-top-read",
)
_TIMEOUT_S = 10.0
_MOST_PAGES = 1000
_TRACKS_A_CALL = 50
_A_PAGE = 50

Files = dict[str, list[Any]]


class ExportSource(Protocol):
    """One owner's part of an export."""

    async def collect(self, user_id: str) -> dict[str, list[Any]]:
        """Lists of JSON values by the name of the file they go into; raises `Unavailable`."""
        ...


class OwnerApis:
    """Everything that the platform's own API tells the person about themselves.

    An owner that this deployment does not have is left out. `token_for` gives an access token that
    is about a person and has `SCOPES`.
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
                    **await _library(client, user_id),
                    **await _plays(client),
                    **await _recommendations(client),
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


async def _library(client: httpx.AsyncClient, user_id: str) -> Files:
    found: Files = {}
    for name, path in {
        "library/saved-tracks": "/v1/me/tracks",
        "library/saved-albums": "/v1/me/albums",
        "library/playlists": "/v1/me/playlists",
    }.items():
        entries = await _pages(client, path)
        if entries is not None:
            found[name] = entries
    for playlist in found.get("library/playlists", []):
        if playlist["owner"]["id"] == user_id:
            path = f"/v1/playlists/{playlist['id']}/items"
            found[f"library/playlist-{playlist['id']}"] = await _pages(client, path) or []
    followed: list[Any] = []
    query: dict[str, str | int] = {"type": "artist", "limit": _A_PAGE}
    for _ in range(_MOST_PAGES):
        answer = await _get(client, "/v1/me/following", query)
        if answer is None:
            return found
        followed += answer["artists"]["items"]
        after = (answer["artists"].get("cursors") or {}).get("after")
        if not after or not answer["artists"]["items"]:
            break
        query["after"] = after
    return {**found, "library/followed-artists": followed}


async def _plays(client: httpx.AsyncClient) -> Files:
    plays: list[Any] = []
    query: dict[str, str | int] = {"limit": _A_PAGE}
    for _ in range(_MOST_PAGES):
        answer = await _get(client, "/v1/me/player/recently-played", query)
        if answer is None:
            return {}
        plays += answer["items"]
        before = (answer.get("cursors") or {}).get("before")
        if not before or not answer["items"]:
            break
        query["before"] = before
    return {"playback/recently-played": plays}


async def _recommendations(client: httpx.AsyncClient) -> Files:
    """Mixes, each with its tracks and why they are in it, and what the person said of music."""
    listed = await _pages(client, "/v1/me/mixes")
    said = await _get(client, "/v1/me/feedback", {})
    if listed is None or said is None:
        return {}
    mixes = [await _get(client, f"/v1/me/mixes/{mix['id']}", {}) for mix in listed]
    return {
        # One that the night has replaced meanwhile is gone.
        "recommendations/mixes": [mix for mix in mixes if mix is not None],
        "recommendations/feedback": said["items"],
    }


async def _pages(client: httpx.AsyncClient, path: str) -> list[Any] | None:
    """The items of every page; None if there is no such thing here."""
    items: list[Any] = []
    for number in range(_MOST_PAGES):
        query: dict[str, str | int] = {"limit": _A_PAGE, "offset": number * _A_PAGE}
        answer = await _get(client, path, query)
        if answer is None:
            return None
        items += answer["items"]
        if not answer["next"] or not answer["items"]:
            break
    return items


async def _get(client: httpx.AsyncClient, path: str, query: dict[str, str | int]) -> Any:
    """None if this deployment knows no such address, or there is no such thing."""
    answer = await client.get(path, params=query)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    answer.raise_for_status()
    return answer.json()
