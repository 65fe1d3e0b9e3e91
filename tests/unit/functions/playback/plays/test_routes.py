import asyncio
import gzip
import json
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from functions.playback.plays.collector import Collector
from functions.playback.plays.counting import Item
from functions.playback.plays.routes import PlayRoutes
from shared.events import Play
from shared.tokens import Caller
from shared.web import Api, create_app
from tests.unit.functions.playback.plays.fakes import (
    NOW,
    NOW_MS,
    MemoryCatalogue,
    MemoryDays,
    RecordingTopic,
    play,
    track_id,
)

URL = "https://music.example"
SCOPES = frozenset({"user-read-recently-played", "user-top-read", "user-read-playback-position"})


class Tokens:
    """The token is the subject; an app's own is called `app`."""

    async def verify(self, token: str) -> Caller:
        roles = frozenset({"operator"} if token == "operator" else {"listener"})
        scopes = frozenset() if token == "scopeless" else SCOPES
        return Caller(token, "app", scopes, country="SE", roles=roles)


class World:
    def __init__(self) -> None:
        self.store = cast(Any, MemoryDays())
        self.catalogue = MemoryCatalogue()
        self.topic = RecordingTopic()
        routes = PlayRoutes(
            public_url=URL,
            catalogue=self.catalogue,
            topic=self.topic,
            store=self.store,
            counts=self.store,
            clock=lambda: NOW,
        )
        self.api = Api(Tokens())  # type: ignore[arg-type]  # a verifier
        self.http = TestClient(create_app(routes.routes(self.api)))

    def get(self, path: str, user: str = "u") -> Any:
        return self.http.get(path, headers={"Authorization": f"Bearer {user}"})

    def post(self, body: Any, user: str = "u", **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(
            "/v1/plays", content=content, headers={"Authorization": f"Bearer {user}", **headers}
        )

    def keep(self, *plays: Play) -> None:
        async def add() -> None:
            collector = Collector(self.store)
            await asyncio.gather(*map(collector.add, plays))

        asyncio.run(add())


@pytest.fixture
def world() -> World:
    return World()


def reported(number: int = 1, **given: Any) -> dict[str, Any]:
    return {
        "play_id": f"play-{number}",
        "track_id": track_id(1),
        "started_at": NOW_MS - 300_000,
        "ms_played": 40_000,
        **given,
    }


def test_plays_are_published_and_the_bad_ones_told(world: World) -> None:
    batch = [reported(1), reported(2, ms_played=-1), reported(3, track_id=track_id(77))]
    answer = world.post({"plays": batch})

    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert [each["index"] for each in answer.json()["refused"]] == [1, 2]
    assert [each.play_id for each in world.topic.published] == ["play-1"]
    assert world.topic.published[0].user_id == "u"


def test_gzip(world: World) -> None:
    packed = gzip.compress(json.dumps({"plays": [reported()]}).encode())
    assert world.post(packed, **{"Content-Encoding": "gzip"}).json()["accepted"] == 1
    assert world.post(packed).status_code == 400
    assert world.post(packed[:-3], **{"Content-Encoding": "gzip"}).status_code == 400
    other = world.post(packed, **{"Content-Encoding": "zstd"})
    assert (other.status_code, other.headers["accept-encoding"]) == (415, "gzip")


def test_tracks_are_asked_for_once_and_remembered(world: World) -> None:
    world.post({"plays": [reported(1), reported(2), reported(3, track_id=track_id(2))]})
    world.post({"plays": [reported(4)]})
    assert world.catalogue.asked == [[track_id(1), track_id(2)]]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"plays": 1}', b'{"plays": []}', b"\xff", b'{"plays": [1'],
)  # fmt: skip
def test_what_is_malformed_as_a_whole(world: World, body: bytes) -> None:
    assert world.post(body).status_code == 400


def test_501_plays(world: World) -> None:
    assert world.post({"plays": [reported(n) for n in range(501)]}).status_code == 400
    assert world.post({"plays": [reported(n) for n in range(500)]}).json()["accepted"] == 500
    assert len(world.topic.published) == 500


def test_while_pubsub_is_away(world: World) -> None:
    world.topic.is_away = True
    answer = world.post({"plays": [reported()]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_while_the_catalogue_is_away(world: World) -> None:
    world.catalogue.is_away = True
    assert world.post({"plays": [reported()]}).status_code == 503
    assert world.topic.published == []


def test_an_app_has_played_nothing(world: World) -> None:
    assert world.post({"plays": [reported()]}, user="app").status_code == 403
    for path in ("/v1/me/player/recently-played", "/v1/me/top/tracks", "/v1/me/top/artists"):
        assert world.get(path, "app").status_code == 403
        assert world.get(path, "scopeless").status_code == 403


def test_recently_played(world: World) -> None:
    world.keep(
        *(play(n, track=1 + n % 3, ago_s=n * 7200, context_uri="") for n in range(20)),
        play(99, counted=False),
        play(100, track=4, context_uri=f"spotify:album:{track_id(9)}"),
    )
    first = world.get("/v1/me/player/recently-played?limit=5").json()
    second = world.get(first["next"].removeprefix(URL)).json()
    since = world.get(f"/v1/me/player/recently-played?after={second['cursors']['after']}").json()

    shown = [item["played_at"] for page in (first, second) for item in page["items"]]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 10
    assert first["total"] == 21
    assert first["items"][0]["track"]["in"] == "SE"
    assert [item["context"] and item["context"]["type"] for item in first["items"]].count(
        "album"
    ) == 1
    assert since["items"] == first["items"]
    assert since["next"] is None
    empty = world.get("/v1/me/player/recently-played", "somebody-else").json()
    assert (empty["items"], empty["cursors"], empty["next"]) == ([], None, None)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "limit=x", "after=1&before=2", "before=-1", "limit=1&limit=2"]
)
def test_bad_queries(world: World, query: str) -> None:
    assert world.get(f"/v1/me/player/recently-played?{query}").status_code == 400


def test_tops(world: World) -> None:
    world.keep(
        *(play(n, track=2) for n in range(3)),
        *(play(10 + n, track=1) for n in range(2)),
        *(play(20 + n, track=3, ago_s=60 * 24 * 3600) for n in range(9)),
        *(play(40 + n, track=5, counted=False) for n in range(9)),
    )

    def ids(path: str) -> list[str]:
        return [item["id"] for item in world.get(path).json()["items"]]

    assert ids("/v1/me/top/tracks?time_range=short_term") == [track_id(2), track_id(1)]
    assert ids("/v1/me/top/tracks") == [track_id(3), track_id(2), track_id(1)]
    assert ids("/v1/me/top/tracks?limit=1&offset=1") == [track_id(2)]
    assert ids("/v1/me/top/artists?time_range=short_term") == ["artist-0", "artist-1"]
    page = world.get("/v1/me/top/tracks?limit=1").json()
    assert page["total"] == 3
    assert page["next"] == f"{URL}/v1/me/top/tracks?time_range=medium_term&limit=1&offset=1"
    assert world.get("/v1/me/top/albums").status_code == 404
    assert world.get("/v1/me/top/tracks?time_range=ever").status_code == 400


def test_resume(world: World) -> None:
    world.keep(
        play(1, track=1, end_position_ms=5000, reason_end="stopped"),
        play(2, track=2, ago_s=40 * 24 * 3600, reason_end="stopped"),
    )
    asked = f"/v1/plays/resume?ids={track_id(1)},{track_id(2)},{track_id(3)}"
    [point] = world.get(asked).json()["items"]
    assert (point["track_id"], point["position_ms"], point["finished"]) == (
        track_id(1), 5000, False,
    )  # fmt: skip
    assert world.get("/v1/plays/resume?ids=x").status_code == 400
    assert world.get("/v1/plays/resume").status_code == 400


def test_counts_are_for_whose_tracks_they_are(world: World) -> None:
    world.store.counts = {Item("track", track_id(1)): {"2026-11-23": 4, "2025-01-01": 5}}
    world.store._count = lambda item: _count(item, world.store.counts[item])
    path = f"/v1/plays/counts?ids={track_id(1)},{track_id(2)}"

    for user in ("owner", "operator"):
        first, second = world.get(path, user).json()["tracks"]
        assert first == {
            "track_id": track_id(1), "total": 9, "days": [{"date": "2026-11-23", "plays": 4}],
        }  # fmt: skip
        assert second == {"track_id": track_id(2), "total": 0, "days": []}
    assert world.get(path).status_code == 403
    assert world.get(f"/v1/plays/counts?ids={track_id(77)}", "owner").status_code == 404


def _count(item: Item, days: dict[str, int]) -> Any:
    from functions.playback.plays.counts import Count

    return Count(item, sum(days.values()), days)
