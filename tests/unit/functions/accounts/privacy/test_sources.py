from typing import Any

import httpx
import pytest

from functions.accounts.privacy.sources import OwnerApis
from shared.errors import Unavailable

UPLOADS = [{"id": f"u{n}", "track_id": f"t{n}" if n % 2 else ""} for n in range(150)]


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
    tracks = [{"id": id} if id != "t1" else None for id in query["ids"].split(",")]
    assert len(tracks) <= 50
    return httpx.Response(200, json={"tracks": tracks})


async def collect(handler: Any) -> dict[str, list[Any]]:
    apis = OwnerApis("https://m.example", token_for, transport=httpx.MockTransport(handler))
    return await apis.collect("anna")


async def test_uploads_and_their_tracks_are_read_to_the_end() -> None:
    collected = await collect(answer)
    assert collected["media/uploads"] == UPLOADS
    assert len(collected["catalog/tracks"]) == 74


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
