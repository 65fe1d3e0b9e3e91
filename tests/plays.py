"""Listeners whose plays are known beforehand, what clients make of them, and what must come out."""

import contextlib
import datetime
import gzip
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import psutil

from tests.platform import Platform

SCOPES = ("user-read-recently-played", "user-top-read", "user-read-playback-position")
_DAY_MS = 24 * 3600 * 1000

Report = dict[str, Any]


@dataclass
class Listening:
    """Plays by listener, each play once, in the order of their times."""

    tracks: Sequence[str]
    by_user: dict[str, list[Report]] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[str]:
        """Plays that count, by track."""
        return Counter(play["track_id"] for play in self.all() if counts(play))

    def all(self) -> Iterator[Report]:
        for plays in self.by_user.values():
            yield from plays

    def recent(self, user: str, most: int = 500) -> list[tuple[str, int]]:
        """Track and time of the last plays that count, newest first."""
        heard = [play for play in self.by_user[user] if counts(play)]
        return [(play["track_id"], play["started_at"]) for play in reversed(heard[-most:])]


def counts(play: Report) -> bool:
    """By the rule, for tracks of one second."""
    return bool(play["ms_played"] >= 500)


def listening(
    tracks: Sequence[str], *, users: Sequence[str], plays: int, seed: int, days: int = 20
) -> Listening:
    """So many plays in all; no two of a listener's at the same moment, one in five skipped."""
    chance = random.Random(seed)
    newest = int(time.time() * 1000) - 60_000
    made = Listening(tracks)
    for index, user in enumerate(users):
        number = plays // len(users) + (index < plays % len(users))
        moments = sorted(chance.sample(range(newest - days * _DAY_MS, newest), number))
        made.by_user[user] = [_play(chance, tracks, moment) for moment in moments]
    return made


def _play(chance: random.Random, tracks: Sequence[str], started_at: int) -> Report:
    skipped = chance.random() < 0.2
    ms_played = chance.randrange(499) if skipped else chance.randrange(500, 1001)
    return {
        "play_id": str(uuid.uuid4()),
        "track_id": chance.choice(tracks),
        "started_at": started_at,
        "ms_played": ms_played,
        "end_position_ms": ms_played,
        "reason_start": "context",
        "reason_end": "skipped" if skipped else "finished",
        "device_id": "a-device",
        "device_type": "Computer",
    }


def batches(plays: Sequence[Report], *, size: int, seed: int) -> list[list[Report]]:
    """As a client sends them: one in ten twice, one in twenty late."""
    chance = random.Random(seed)
    sent: list[Report] = []
    late: list[Report] = []
    for play in plays:
        (late if chance.random() < 0.05 else sent).append(play)
        if chance.random() < 0.1:
            sent.append(chance.choice(sent) if sent else play)
        if late and chance.random() < 0.05:
            sent.append(late.pop(chance.randrange(len(late))))
    sent += late
    return [sent[first : first + size] for first in range(0, len(sent), size)]


@dataclass
class Sent:
    """What clients were answered. The same play twice in a batch is refused once."""

    accepted: int = 0
    repeated: int = 0
    seconds: float = 0.0


def send(platform: Platform, made: Listening, *, size: int = 500, seed: int = 1) -> Sent:
    """Every listener's client at once, each batch until it is taken."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(made.by_user)) as clients:
        answers = clients.map(
            lambda user: _send(platform, user, batches(made.by_user[user], size=size, seed=seed)),
            made.by_user,
        )
        parts = list(answers)
    total = Sent(seconds=time.monotonic() - began)
    for part in parts:
        total.accepted += part.accepted
        total.repeated += part.repeated
    return total


def _send(platform: Platform, user: str, sending: Sequence[Sequence[Report]]) -> Sent:
    sent = Sent()
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    with platform.client(platform.token(user=user, scopes=SCOPES)) as client:
        for batch in sending:
            body = gzip.compress(msgspec.json.encode({"plays": batch}), compresslevel=1)
            answer = _until_taken(client, body, headers)
            assert all("duplicate" in each["reason"] for each in answer["refused"]), answer
            sent.accepted += answer["accepted"]
            sent.repeated += len(answer["refused"])
    return sent


def _until_taken(client: httpx.Client, body: bytes, headers: dict[str, str]) -> Any:
    for _ in range(60):
        answer = client.post("/v1/plays", content=body, headers=headers)
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code in {429, 503}, answer.text
        time.sleep(float(answer.headers["Retry-After"]))
    raise TimeoutError("the plays were never taken")


def process_of(platform: Platform, unit: str, within_s: float = 60.0) -> psutil.Process:
    """The process that a unit runs as; waits while it starts again."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for child in psutil.Process(platform.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.environ().get("K_SERVICE") == unit:
                    return child
        time.sleep(0.1)
    raise LookupError(f"{unit} does not run")


def kill(platform: Platform, unit: str) -> None:
    """Ends a unit without warning; the platform starts it again."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process_of(platform, unit).kill()


def tick(platform: Platform) -> None:
    """What the scheduler does every ten minutes."""
    httpx.post(f"{platform.status['services']['playback-events']}/tasks/tick", timeout=120)


def query(platform: Platform, sql: str) -> list[list[str]]:
    """Rows of a query to the warehouse."""
    url = f"{platform.status['bigquery']}/bigquery/v2/projects/demo-cadenza/queries"
    body = {"query": sql, "useLegacySql": False, "maxResults": 100_000}
    answer = httpx.post(url, json=body, timeout=120)
    answer.raise_for_status()
    return [[field["v"] for field in row["f"]] for row in answer.json().get("rows", [])]


def told(platform: Platform, tracks: Sequence[str]) -> Counter[str]:
    """Plays of these tracks, as their owner is told."""
    found: Counter[str] = Counter()
    for first in range(0, len(tracks), 50):
        ids = ",".join(tracks[first : first + 50])
        for each in platform.get(f"/v1/plays/counts?ids={ids}")["tracks"]:
            assert each["total"] == sum(day["plays"] for day in each["days"])
            found[each["track_id"]] = each["total"]
    return +found


def recent(platform: Platform, user: str) -> list[tuple[str, int]]:
    """Track and time of all plays that a listener can page through."""
    found = []
    with platform.client(platform.token(user=user, scopes=SCOPES)) as client:
        address = "/v1/me/player/recently-played?limit=50"
        while address:
            answer = client.get(address)
            answer.raise_for_status()
            page = answer.json()
            found += [(item["track"]["id"], _ms(item["played_at"])) for item in page["items"]]
            address = page["next"]
    return found


def _ms(text: str) -> int:
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)
