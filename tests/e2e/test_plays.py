"""Plays go in by the API and come out everywhere, each of them once."""

import gzip
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests import plays, sounds
from tests.platform import Platform
from tests.plays import SCOPES
from tests.waiting import until

PLAYS = 4000
WITHIN_S = 240.0


@pytest.fixture(scope="module")
def tracks(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Six tracks of one second each."""
    folder = tmp_path_factory.mktemp("played")
    paths = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=1,
            seed=700 + number,
            tags={
                "title": f"Played {number}",
                "artist": f"Player {number % 2}",
                "album": "Played",
                "tracknumber": str(number),
            },
        )
        for number in range(1, 7)
    ]
    return platform.added(*paths)


def report(track_id: str, **given: Any) -> plays.Report:
    now = int(time.time() * 1000)
    return {
        "play_id": str(uuid.uuid4()),
        "track_id": track_id,
        "started_at": now - 60_000,
        "ms_played": 900,
        "end_position_ms": 900,
        "reason_end": "finished",
        **given,
    }


def post(platform: Platform, user: str, body: Any, **more: Any) -> httpx.Response:
    with platform.client(platform.token(user=user, scopes=SCOPES)) as client:
        return client.post("/v1/plays", json=body, **more)


def wait_for(what: Callable[[], bool]) -> None:
    until(what, within_s=WITHIN_S, every_s=0.5)


def test_every_play_counts_once(platform: Platform, tracks: list[str]) -> None:
    """Eight clients; the handler is killed three times; all of Pub/Sub's repetitions."""
    users = [str(uuid.uuid4()) for _ in range(8)]
    made = plays.listening(tracks, users=users, plays=PLAYS, seed=11)
    before = plays.told(platform, tracks)
    stop = threading.Event()

    def kill_now_and_then() -> None:
        for pause in (0.5, 4, 8):
            if not stop.wait(pause):
                plays.kill(platform, "playback-events")

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    sent = plays.send(platform, made, size=100)
    assert sent.accepted + sent.repeated >= PLAYS * 1.05
    names = ", ".join(f"'{user}'" for user in users)
    of_them = f"FROM warehouse.plays_unique WHERE user_id IN ({names})"

    def counted() -> Counter[str]:
        plays.tick(platform)
        return plays.told(platform, tracks)

    killer.join()
    stop.set()
    wait_for(lambda: _quietly(counted) == before + made.counts)
    wait_for(lambda: plays.query(platform, f"SELECT COUNT(*) {of_them}") == [[str(PLAYS)]])

    for user in users:
        assert plays.recent(platform, user) == made.recent(user)
    by_track = plays.query(
        platform, f"SELECT track_id, COUNT(*) {of_them} AND counted GROUP BY track_id"
    )
    assert {track: int(count) for track, count in by_track} == made.counts
    rows = plays.query(
        platform, f"SELECT user_id, play_id, UNIX_MILLIS(started_at), ms_played {of_them}"
    )
    assert {(user, id, int(at), int(ms)) for user, id, at, ms in rows} == {
        (user, play["play_id"], play["started_at"], play["ms_played"])
        for user, all_of_them in made.by_user.items()
        for play in all_of_them
    }
    assert len(rows) == PLAYS


def _quietly(counted: Callable[[], Counter[str]]) -> Counter[str]:
    """While the handler starts again there is nobody to ask."""
    try:
        return counted()
    except httpx.TransportError:
        return Counter()


def test_the_good_ones_of_a_batch_are_kept(platform: Platform, tracks: list[str]) -> None:
    now = int(time.time() * 1000)
    good = report(tracks[0])
    bad = {
        "future": report(tracks[0], started_at=now + 3_600_000),
        "too old": report(tracks[0], started_at=now - 31 * 24 * 3_600_000),
        "unknown track": report("0" * 22),
        "invalid track_id": report("not an id"),
        "negative position": report(tracks[0], end_position_ms=-1),
        "impossible duration": report(tracks[0], ms_played=-1),
        "impossible position": report(tracks[0], end_position_ms=10**7),
        "invalid play_id": report(tracks[0], play_id="a/b"),
        "duplicate": good,
        "malformed": {"play_id": "x"},
    }

    answer = post(platform, "a-careless-client", {"plays": [good, *bad.values()]})

    assert answer.status_code == 200
    refused = answer.json()["refused"]
    assert answer.json()["accepted"] == 1
    assert [each["index"] for each in refused] == list(range(1, len(bad) + 1))
    for reason, each in zip(bad, refused, strict=True):
        assert each["reason"].startswith(reason)

    wait_for(lambda: plays.recent(platform, "a-careless-client") != [])
    [(track_id, started_at)] = plays.recent(platform, "a-careless-client")
    assert (track_id, started_at) == (tracks[0], good["started_at"])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"plays": []}', {}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b'{"plays": [{}]}')[:-4], {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b" " * 9 * 1024 * 1024), {"Content-Encoding": "gzip"}, 413),
        (b"{}" + b" " * 2 * 1024 * 1024, {}, 413),
        (b"{}", {"Content-Encoding": "br"}, 415),
    ],
    ids=["empty", "no gzip", "cut short", "a bomb", "too large", "another encoding"],
)
def test_what_is_malformed_as_a_whole(
    platform: Platform, body: bytes, headers: dict[str, str], status: int
) -> None:
    with platform.client() as client:
        assert client.post("/v1/plays", content=body, headers=headers).status_code == status


def test_too_many_in_a_batch(platform: Platform, tracks: list[str]) -> None:
    batch = [report(tracks[0]) for _ in range(501)]

    answer = post(platform, "an-eager-client", {"plays": batch})

    assert answer.status_code == 400
    assert plays.recent(platform, "an-eager-client") == []


def test_tops_and_where_to_go_on(platform: Platform, tracks: list[str]) -> None:
    user = "a-fan"
    heard = [report(track) for number, track in enumerate(tracks, 1) for _ in range(number)]
    left = report(tracks[0], started_at=heard[0]["started_at"] + 1000, end_position_ms=321)
    long_left = {**left, "reason_end": "stopped"}
    assert post(platform, user, {"plays": [*heard, long_left]}).json()["accepted"] == 22
    wait_for(lambda: len(plays.recent(platform, user)) == 22)

    with platform.client(platform.token(user=user, scopes=SCOPES)) as client:
        top = client.get("/v1/me/top/tracks", params={"time_range": "short_term"}).json()
        artists = client.get("/v1/me/top/artists", params={"time_range": "long_term"}).json()
        assert client.get("/v1/me/top/tracks?time_range=ever").status_code == 400

    # The first was played once more, which puts it beside the second.
    assert [item["id"] for item in top["items"]][:4] == tracks[:1:-1]
    assert {item["id"] for item in top["items"]} == set(tracks)
    assert [item["name"] for item in artists["items"]] == ["Player 0", "Player 1"]
