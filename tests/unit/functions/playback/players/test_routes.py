from typing import Any

import pytest
from starlette.testclient import TestClient

from functions.playback.devices.registry import Registry
from functions.playback.devices.routes import DeviceRoutes
from functions.playback.players.routes import PlayerRoutes
from functions.playback.players.views import Playback
from shared.tokens import Caller
from shared.web import Api, create_app
from tests.unit.functions.catalog.contract import check
from tests.unit.functions.playback.players.fakes import World, track, track_id

ALL = "user-read-playback-state user-modify-playback-state user-read-currently-playing"


class FakeVerifier:
    """A token is its scopes; with `filtered` among them what is explicit is turned off."""

    async def verify(self, token: str) -> Caller:
        scopes = frozenset(token.split("+"))
        return Caller("anna", "app", scopes, country="SE", explicit_filter="filtered" in scopes)


def bearer(scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {scopes.replace(' ', '+')}"}


@pytest.fixture
def client(world: World) -> TestClient:
    api = Api(FakeVerifier())  # type: ignore[arg-type]  # only `verify` is used
    routes = PlayerRoutes(
        world.changes,
        world.contexts,
        world.commands,
        world.starter,
        world.catalog,
        public_url="https://music.example",
    ).routes(api)
    routes += DeviceRoutes(Registry(world.changes), world.commands).routes(api)
    return TestClient(create_app(routes), headers=bearer(ALL))


@pytest.fixture
def playing(client: TestClient, album: str) -> TestClient:
    answer = client.put("/v1/me/player/play?device_id=kitchen", json={"context_uri": album})
    assert answer.status_code == 204, answer.text
    return client


def test_the_playback_state(playing: TestClient, world: World, album: str) -> None:
    world.after(1_500)
    answer = playing.get("/v1/me/player")

    playback: dict[str, Any] = answer.json()
    assert playback.keys() == set(Playback.__struct_fields__)
    assert playback["item"] == {"id": track_id("a"), "type": "track", "market": "SE"}
    assert playback["progress_ms"] == 1_500
    assert playback["device"]["is_active"]
    assert playback["context"] == {
        "type": "album",
        "uri": album,
        "href": f"https://music.example/v1/albums/{album.rpartition(':')[2]}",
        "external_urls": {"spotify": f"https://music.example/album/{album.rpartition(':')[2]}"},
    }
    assert playback["actions"] == {"disallows": {"resuming": True}}
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_contracts_shapes(playing: TestClient) -> None:
    playback = playing.get("/v1/me/player").json()
    check(playback["device"], "DeviceObject")
    check(playback["context"], "ContextObject")


def test_currently_playing_is_a_part_of_it(playing: TestClient) -> None:
    playback = playing.get("/v1/me/player?market=NO").json()
    current = playing.get("/v1/me/player/currently-playing?market=NO").json()

    assert current == {name: playback[name] for name in current}
    assert current["item"]["market"] == "NO"


def test_nothing_is_active(client: TestClient) -> None:
    for path in ("/v1/me/player", "/v1/me/player/currently-playing"):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (204, b"")
    assert [each["id"] for each in client.get("/v1/me/player/devices").json()["devices"]] == [
        "bath",
        "kitchen",
    ]
    assert client.get("/v1/me/player/queue").json() == {"currently_playing": None, "queue": []}


def test_the_queue(playing: TestClient) -> None:
    uri = f"spotify:track:{track_id('e')}"
    assert playing.post("/v1/me/player/queue", params={"uri": uri}).status_code == 204

    queue = playing.get("/v1/me/player/queue").json()

    assert queue["currently_playing"]["id"] == track_id("a")
    assert [each["id"] for each in queue["queue"]] == [track_id(each) for each in "ebcde"]


def test_errors_carry_a_reason(client: TestClient) -> None:
    answer = client.put("/v1/me/player/pause")

    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "status": 404,
        "message": "Player command failed: No active device found",
        "reason": "NO_ACTIVE_DEVICE",
    }


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b" \n"])
def test_bodies_that_say_nothing(playing: TestClient, world: World, body: bytes) -> None:
    playing.put("/v1/me/player/pause")

    assert playing.put("/v1/me/player/play", content=body).status_code == 204
    assert world.player.is_playing


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/seek", None),
        ("PUT", "/seek?position_ms=-1", None),
        ("PUT", "/seek?position_ms=soon", None),
        ("PUT", "/seek?position_ms=1&position_ms=2", None),
        ("PUT", "/volume?volume_percent=101", None),
        ("PUT", "/repeat?state=sometimes", None),
        ("PUT", "/shuffle?state=perhaps", None),
        ("POST", "/queue", None),
        ("POST", "/queue?uri=spotify:episode:4iV5W9uYEdYUVa79Axb7Rh", None),
        ("PUT", "", {"device_ids": []}),
        ("PUT", "", {"device_ids": ["a", "b"]}),
        ("PUT", "", None),
        ("PUT", "/play", {"uris": "nonsense"}),
        ("PUT", "/play", {"uris": [1]}),
        ("PUT", "/play", ["nonsense"]),
        ("GET", "?market=sweden", None),
    ],
)
def test_bad_requests(playing: TestClient, method: str, path: str, body: object) -> None:
    answer = playing.request(method, f"/v1/me/player{path}", json=body)

    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"]


def test_broken_json(playing: TestClient) -> None:
    assert playing.put("/v1/me/player/play", content=b"{").status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("GET", "/devices"),
        ("GET", "/currently-playing"),
        ("PUT", "/play"),
        ("PUT", "/pause"),
        ("POST", "/next"),
        ("POST", "/previous"),
        ("PUT", "/seek?position_ms=1"),
        ("PUT", "/repeat?state=off"),
        ("PUT", "/shuffle?state=true"),
        ("PUT", "/volume?volume_percent=1"),
        ("GET", "/queue"),
        ("POST", "/queue?uri=x"),
    ],
)
def test_scopes(client: TestClient, method: str, path: str) -> None:
    url = f"/v1/me/player{path}"

    assert client.request(method, url, headers=bearer("streaming")).status_code == 403
    reading = "user-read-playback-state"
    status = client.request(method, url, headers=bearer(reading)).status_code
    assert (status == 403) is (method != "GET")


def test_a_devices_life(client: TestClient) -> None:
    path = "/v1/me/devices/phone"
    report = {"command_version": 0, "timestamp": 0, "is_playing": False, "position_ms": 0}
    assert client.post(f"{path}/heartbeat").status_code == 404
    assert client.post(f"{path}/state", json=report).status_code == 404
    registered = client.put(path, json={"name": "Phone", "type": "SMARTPHONE"})
    check(registered.json(), "DeviceObject")
    assert client.post(f"{path}/heartbeat").status_code == 204

    command = client.post(f"{path}/state", json=report).json()

    assert (command["device_id"], command["volume_percent"]) == ("", 100)
    assert client.delete(path).status_code == 204
    assert client.post(f"{path}/advance", json={"turn": 1}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/a%20b", {"name": "x"}),
        (f"/{'x' * 65}", {"name": "x"}),
        ("/ok", {"name": 1}),
        ("/ok", {}),
        ("/ok", {"name": "\u202e"}),
    ],
)
def test_devices_that_cannot_be(client: TestClient, path: str, body: object) -> None:
    assert client.put(f"/v1/me/devices{path}", json=body).status_code == 400


@pytest.mark.parametrize("field", [{"position_ms": -1}, {"volume_percent": 101}])
def test_reports_that_cannot_be(client: TestClient, field: dict[str, int]) -> None:
    report = {"command_version": 0, "timestamp": 0, "is_playing": False, "position_ms": 0}

    answer = client.post("/v1/me/devices/kitchen/state", json=report | field)

    assert answer.status_code == 400


def test_who_filters_is_refused_and_shown_why(client: TestClient, world: World) -> None:
    album = world.catalog.album("mixed", track("p"), track("q", explicit=True))
    client.headers.update(bearer(f"{ALL} filtered"))
    play = "/v1/me/player/play?device_id=kitchen"
    refused = client.put(play, json={"uris": [f"spotify:track:{track_id('q')}"]})
    assert (refused.status_code, refused.json()["error"]) == (
        403,
        {
            "status": 403,
            "message": "Explicit content is turned off for this account",
            "reason": "CONTEXT_DISALLOW",
        },
    )
    assert client.put(play, json={"context_uri": album}).status_code == 204
    queue = client.get("/v1/me/player/queue").json()
    assert [each.get("is_playable") for each in queue["queue"]] == [False]
    assert client.get("/v1/me/player").json()["item"]["id"] == track_id("p")
