"""What a night of recommendations needs, and the night itself, as the platform goes through it."""

import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests import plays, sounds
from tests.platform import Platform
from tests.waiting import until

WITHIN_S = 240.0


def add_tracks(
    platform: Platform, folder: Path, name: str, *, artists: int, tracks: int, seconds: float
) -> list[list[str]]:
    """So many tracks by each of so many artists, `{name} 0` and so on: their ids, by artist."""
    paths = [
        [
            sounds.write(
                folder / f"{artist}-{number}.flac",
                seconds=seconds,
                seed=sum(name.encode()) + artist * 10 + number,
                tags={
                    "title": f"{name} song {artist} {number}",
                    "artist": f"{name} {artist}",
                    "album": f"{name} album {artist}",
                    "tracknumber": str(number + 1),
                },
            )
            for number in range(tracks)
        ]
        for artist in range(artists)
    ]
    added = iter(platform.added(*(path for by_artist in paths for path in by_artist)))
    return [[next(added) for _ in by_artist] for by_artist in paths]


def post_plays(
    platform: Platform, token: str, track_ids: Sequence[str], *, ms: int = 950
) -> httpx.Response:
    """Plays of these, one a second, which have all been over for a while."""
    now = int(time.time() * 1000)
    body = {
        "plays": [
            {
                "play_id": str(uuid.uuid4()),
                "track_id": track_id,
                "started_at": now - 120_000 + number * 1000,
                "ms_played": ms,
                "end_position_ms": ms,
                "reason_end": "finished",
            }
            for number, track_id in enumerate(track_ids)
        ]
    }
    with platform.client(token) as client:
        return client.post("/v1/plays", json=body)


def wait_until_known(platform: Platform, sent: dict[str, int], track_ids: Sequence[str]) -> None:
    """Until the warehouse has that many plays of each listener, and knows all of the tracks."""
    people = ", ".join(f"'{user}'" for user in sent)
    named = ", ".join(f"'{track}'" for track in track_ids)
    by_user = f"""
        SELECT user_id, COUNT(*) FROM warehouse.plays_unique
        WHERE user_id IN ({people}) GROUP BY user_id"""
    facts = f"""
        SELECT COUNT(DISTINCT track_id) FROM warehouse.track_facts
        WHERE listed AND ARRAY_LENGTH(embedding) = 264 AND track_id IN ({named})"""
    wait_for(lambda: {user: int(count) for user, count in plays.query(platform, by_user)} == sent)
    wait_for(lambda: plays.query(platform, facts) == [[str(len(set(track_ids)))]])


def wait_for(what: Callable[[], bool]) -> None:
    until(what, within_s=WITHIN_S, every_s=1)


def night(platform: Platform) -> dict[str, Any]:
    """What Cloud Scheduler does, until it is done."""
    url = f"{platform.status['services']['recommendations-events']}/tasks/nightly"
    report: dict[str, Any] = httpx.post(url, params={"again": "true"}, timeout=180).json()
    deadline = time.monotonic() + WITHIN_S
    while report.get("busy") or report["step"] != "done":
        assert time.monotonic() < deadline, report
        time.sleep(2)
        again = {"again": "true"} if report.get("busy") else {}
        report = httpx.post(url, params=again, timeout=180).json()
    return report
