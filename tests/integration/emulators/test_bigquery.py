"""BigQuery's emulator with what the platform declares, and a person's rows taken out of it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators import bigquery, bqemulator
from emulators.bigquery import TABLE, BigQuery
from emulators.gather import Program
from emulators.processes import free_port
from emulators.pump import feeds_of
from functions.playback.plays import warehouse as warehouse_module
from functions.playback.plays.warehouse import Warehouse
from shared.errors import Unavailable
from tests.infra.programs import gathered
from tests.running import running

PROJECT = "cadenza-dev"
AT = 1_795_000_000_000_000  # µs: in November 2026
DAY = 24 * 3600 * 1_000_000


@pytest.fixture(scope="module")
def program() -> Program:
    return gathered("dev", "lite")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, program: Program) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("bigquery")
    environment = bqemulator.find(print)
    command = bigquery.command(free_port(), free_port(), folder, environment, PROJECT)
    with running(command) as address:
        emulator = BigQuery(f"http://{address}", PROJECT)
        asyncio.run(emulator.make(program))
        # As at the next start, when everything is there.
        asyncio.run(emulator.make(program))
        yield f"http://{address}"


def select(url: str, sql: str) -> list[list[str]]:
    answer = httpx.post(
        f"{url}/bigquery/v2/projects/{PROJECT}/queries",
        json={"query": sql, "useLegacySql": False},
        timeout=30,
    )
    answer.raise_for_status()
    return [[field["v"] for field in row["f"]] for row in answer.json().get("rows", [])]


def message(program: Program, **given: Any) -> bytes:
    """A play as it is published."""
    empty = {"STRING": "", "INTEGER": 0, "BOOLEAN": True, "TIMESTAMP": AT}
    columns = json.loads(program.one(TABLE, "plays").inputs["schema"])
    return json.dumps({each["name"]: empty[each["type"]] for each in columns} | given).encode()


def write(url: str, program: Program, *messages: bytes) -> None:
    [feed] = [each for each in feeds_of(program) if each.table.rpartition(".")[2] == "plays"]
    rows = [feed.row_of(data) for data in messages]
    asyncio.run(BigQuery(url, PROJECT).insert(feed.table, rows))


def test_each_play_is_seen_once_as_it_was_reported_first(url: str, program: Program) -> None:
    play = {"user_id": "anna", "play_id": "p1"}
    write(
        url,
        program,
        message(program, **play, ms_played=1, received_at=AT + 2),
        message(program, **play, ms_played=2, received_at=AT + 1),
        message(program, **play, ms_played=3, received_at=AT + 1 + DAY, started_at=AT + DAY),
        message(program, user_id="bert", play_id="p1", ms_played=4),
    )
    seen = select(
        url,
        "SELECT user_id, ms_played, UNIX_MICROS(started_at) FROM warehouse.plays_unique "
        "WHERE play_id = 'p1' ORDER BY ms_played",
    )
    assert seen == [
        ["anna", "2", str(AT)],
        ["anna", "3", str(AT + DAY)],
        ["bert", "4", str(AT)],
    ]


def test_plays_by_day(url: str, program: Program) -> None:
    write(
        url,
        program,
        *(
            message(program, user_id=f"u{n % 2}", play_id=f"d{n}", track_id="t", country="SE")
            for n in range(5)
        ),
        message(program, user_id="u0", play_id="skipped", track_id="t", counted=False),
    )
    sql = "SELECT plays, listeners FROM warehouse.plays_by_day WHERE track_id = 't'"
    assert select(url, sql) == [["5", "2"]]


def test_a_person_is_taken_out(url: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", url)
    write(
        url,
        program,
        *(message(program, user_id=user, play_id="x") for user in ("gone", "here", "O'Hara")),
    )
    warehouse = Warehouse(f"{PROJECT}.warehouse.plays")
    for user in ("gone", "gone", "O'Hara", "' OR 1=1 --"):
        asyncio.run(warehouse.erase(user))
    # What Pub/Sub still had of them.
    write(url, program, message(program, user_id="gone", play_id="late"))

    left = select(url, "SELECT user_id FROM warehouse.plays WHERE play_id IN ('x', 'late')")
    seen = select(url, "SELECT user_id FROM warehouse.plays_unique WHERE play_id IN ('x', 'late')")
    assert sorted(left) == [["gone"], ["here"]]
    assert seen == [["here"]]
    assert select(url, "SELECT COUNT(*) FROM warehouse.erased WHERE user_id = 'gone'") == [["1"]]


def test_bigquery_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(warehouse_module, "_RETRY_WITHIN_S", 1.0)
    warehouse = Warehouse(f"{PROJECT}.warehouse.plays")
    with pytest.raises(Unavailable):
        asyncio.run(asyncio.wait_for(warehouse.erase("anna"), 60))
