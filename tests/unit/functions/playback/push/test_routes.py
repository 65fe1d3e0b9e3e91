import base64
import json
import time

import httpx
import pytest

from functions.playback.players.model import Player
from functions.playback.push.hub import Hub
from functions.playback.push.routes import Push
from shared.errors import Unauthorized
from shared.tokens import Caller
from shared.web import Api, create_app
from tests.unit.functions.playback.players.fakes import World
from tests.unit.functions.playback.push.fakes import FakeDoorbell


class FakeVerifier:
    async def verify(self, token: str) -> Caller:
        if token == "bad":
            raise Unauthorized("Invalid access token")
        scope = "user-read-playback-state" if token != "other" else "streaming"
        return Caller("anna", "app", frozenset([scope]))


@pytest.fixture
def world() -> World:
    return World()


def client(world: World, *, ping_s: float = 15, longest_s: float = 0.3) -> httpx.AsyncClient:
    push = Push(
        Hub(world.players, FakeDoorbell(), clock=lambda: world.now),
        clock=lambda: world.now,
        ping_s=ping_s,
        longest_s=longest_s,
    )
    api = Api(FakeVerifier())  # type: ignore[arg-type]  # only `verify` is used
    app = create_app(push.routes(api), cors=True)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://music.example")


def token(lifetime_s: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + lifetime_s}).encode())
    return f"x.{claims.rstrip(b'=').decode()}.y"


async def listen(
    calls: httpx.AsyncClient, bearer: str, query: str = "", **headers: str
) -> httpx.Response:
    """All that is said until the stream ends."""
    async with calls:
        return await calls.get(
            f"/v1/me/player/events{query}", headers={"Authorization": f"Bearer {bearer}", **headers}
        )


async def test_a_stream_ends_before_the_platform_cuts_it_off(world: World) -> None:
    answer = await listen(client(world), token(3600))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "no-transform" in answer.headers["cache-control"]
    assert answer.text.startswith("retry: 1000\n\n")
    assert "event: state" in answer.text
    assert "token_expired" not in answer.text


async def test_pings_while_nothing_happens(world: World) -> None:
    answer = await listen(client(world, ping_s=0.05), token(3600))

    assert answer.text.count("event: ping") >= 3


async def test_the_end_of_the_token_is_the_end(world: World) -> None:
    answer = await listen(client(world, longest_s=60), token(0.3))

    assert answer.text.rstrip().split("\n\n")[-1].startswith("event: token_expired")


async def test_going_on_where_it_was(world: World) -> None:
    world.players.players["anna"] = Player(version=7)
    again = await listen(client(world), token(3600), **{"Last-Event-ID": "7"})
    nonsense = await listen(client(world), token(3600), **{"Last-Event-ID": "<script>"})

    assert "event: state" not in again.text
    assert "event: state" in nonsense.text


async def test_nobody_listens_to_who_left(world: World) -> None:
    world.players.players["anna"] = Player(erased=True)

    answer = await listen(client(world, longest_s=60), token(3600))

    assert "event:" not in answer.text


@pytest.mark.parametrize(
    ("bearer", "query", "status"),
    [("bad", "", 401), ("other", "", 403), ("good", "?device_id=%00", 400)],
)
async def test_who_may_not_listen(world: World, bearer: str, query: str, status: int) -> None:
    assert (await listen(client(world), bearer, query)).status_code == status
