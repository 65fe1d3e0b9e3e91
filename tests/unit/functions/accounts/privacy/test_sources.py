from typing import Any

import httpx
import pytest

from functions.accounts.privacy.sources import OwnerApis
from shared.errors import Unavailable

UPLOADS = [{"id": f"u{n}", "track_id": f"t{n}" if n % 2 else ""} for n in range(150)]


SAVED = [{"added_at": n} for n in range(120)]
PLAYLISTS = [("mine", "anna"), ("others", "ben")]


async def token_for(user_id: str) -> str:
    return f"token-of-{user_id}"


def answer(request: httpx.Request) -> httpx.Response:
    assert request.headers["authorization"] == "Bearer token-of-anna"
    query = request.url.params
    if request.url.path == "/v1/uploads":
        start = int(query["after"] or 0)
        end = start + int(query["limit"])
        following = str(end) if end < len(UPLOADS) else None
        return httpx.Response(200, json={"uploads": UPLOADS[start:end], "next": following})
    if request.url.path != "/v1/tracks":
        return others(request)
    tracks = [{"id": id} if id != "t1" else None for id in query["ids"].split(",")]
    assert len(tracks) <= 50
    return httpx.Response(200, json={"tracks": tracks})


def others(request: httpx.Request) -> httpx.Response:
    """A deployment with a library of many tracks and two playlists, and no player."""
    query = request.url.params
    match request.url.path:
        case "/v1/me/tracks":
            return page(SAVED, query)
        case "/v1/me/albums":
            return page([], query)
        case "/v1/me/playlists":
            return page([{"id": id, "owner": {"id": owner}} for id, owner in PLAYLISTS], query)
        case "/v1/playlists/mine/items":
            return page([{"item": "one"}], query)
        case "/v1/me/following":
            assert query["type"] == "artist"
            after = query.get("after")
            items = [{"id": "second"}] if after else [{"id": "first"}]
            cursors = {"after": None if after else "first"}
            return httpx.Response(200, json={"artists": {"items": items, "cursors": cursors}})
    return httpx.Response(404, json={"error": {"status": 404, "message": "Service not found"}})


def page(entries: list[Any], query: httpx.QueryParams) -> httpx.Response:
    start, limit = int(query["offset"]), int(query["limit"])
    assert limit <= 50
    is_last = start + limit >= len(entries)
    following = None if is_last else "https://elsewhere.example/"
    return httpx.Response(200, json={"items": entries[start : start + limit], "next": following})


async def collect(handler: Any) -> dict[str, list[Any]]:
    apis = OwnerApis("https://m.example", token_for, transport=httpx.MockTransport(handler))
    return await apis.collect("anna")


async def test_uploads_and_their_tracks_are_read_to_the_end() -> None:
    collected = await collect(answer)
    assert collected["media/uploads"] == UPLOADS
    assert len(collected["catalog/tracks"]) == 74


async def test_the_library_is_read_to_the_end() -> None:
    collected = await collect(answer)
    assert collected["library/saved-tracks"] == SAVED
    assert collected["library/saved-albums"] == []
    assert [each["id"] for each in collected["library/playlists"]] == ["mine", "others"]
    assert collected["library/playlist-mine"] == [{"item": "one"}]
    assert "library/playlist-others" not in collected
    assert collected["library/followed-artists"] == [{"id": "first"}, {"id": "second"}]


async def test_an_owner_that_is_not_there_is_left_out() -> None:
    assert "playback/recently-played" not in await collect(answer)


async def test_plays_are_read_back_in_time() -> None:
    def plays(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/me/player/recently-played":
            return answer(request)
        before = request.url.params.get("before")
        cursors = None if before else {"before": "7", "after": "9"}
        items = [{"played_at": before or "now"}]
        return httpx.Response(200, json={"items": items, "cursors": cursors})

    collected = await collect(plays)
    assert collected["playback/recently-played"] == [{"played_at": "now"}, {"played_at": "7"}]


async def test_mixes_and_what_was_said_are_read() -> None:
    said = [{"uri": "spotify:artist:a", "kind": "more"}]

    def recommending(request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/v1/me/mixes":
                mixes = [{"id": f"mix{n}"} for n in range(60)]
                return page(mixes, request.url.params)
            case "/v1/me/feedback":
                return httpx.Response(200, json={"items": said})
            case "/v1/me/mixes/mix7":
                return httpx.Response(404)
            case path if path.startswith("/v1/me/mixes/"):
                return httpx.Response(200, json={"id": path.rpartition("/")[2], "tracks": []})
        return answer(request)

    collected = await collect(recommending)
    mixes = collected["recommendations/mixes"]
    assert [mix["id"] for mix in mixes] == [f"mix{n}" for n in range(60) if n != 7]
    assert all("tracks" in mix for mix in mixes)
    assert collected["recommendations/feedback"] == said
    assert "recommendations/mixes" not in await collect(answer)


@pytest.mark.parametrize("path", ["/v1/me/tracks", "/v1/me/following", "/v1/playlists/mine/items"])
async def test_half_a_library_is_none(path: str) -> None:
    def failing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if request.url.path == path else answer(request)

    with pytest.raises(Unavailable):
        await collect(failing)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(503),
        httpx.Response(401),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
    ],
)
async def test_an_owner_who_does_not_answer_is_no_empty_answer(response: httpx.Response) -> None:
    with pytest.raises(Unavailable):
        await collect(lambda _: response)


async def test_an_owner_who_is_away_is_no_empty_answer() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    with pytest.raises(Unavailable):
        await collect(away)
