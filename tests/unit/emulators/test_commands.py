"""`cadenza up`, `status` and `logs`, as far as they go without starting anything."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from emulators import commands
from emulators.processes import free_port
from emulators.state import StateFolder

APP = typer.Typer()
commands.register(APP)


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


def invoke(state: StateFolder, *arguments: str) -> Result:
    return CliRunner().invoke(APP, [*arguments, "--state", str(state.root)])


def log(state: StateFolder, name: str, text: str) -> Path:
    state.logs.mkdir(parents=True, exist_ok=True)
    path = state.logs / f"{name}.log"
    path.write_text(text)
    return path


def test_up_refuses_a_folder_that_is_not_there(state: StateFolder) -> None:
    result = invoke(state, "up", "/nowhere/music")
    assert result.exit_code == 1
    assert result.stderr == "/nowhere/music does not exist\n"
    assert not state.root.exists()


def test_up_refuses_a_taken_port(state: StateFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = invoke(state, "up", "--port", str(port))
    assert result.exit_code == 1
    assert f"port {port} is in use" in result.stderr
    assert not state.is_running()


def test_up_refuses_a_second_run(state: StateFolder) -> None:
    held = state.lock()
    result = invoke(state, "up", "--port", str(free_port()))
    os.close(held)
    assert result.exit_code == 1
    assert "already runs" in result.stderr


def test_fresh_throws_nothing_of_somebody_elses_away(state: StateFolder) -> None:
    state.root.mkdir()
    (state.root / "song.flac").touch()
    result = invoke(state, "up", "--fresh", "--port", str(free_port()))
    assert result.exit_code == 1
    assert "holds other files" in result.stderr
    assert (state.root / "song.flac").exists()


def test_status_without_a_run(state: StateFolder) -> None:
    result = invoke(state, "status")
    assert result.exit_code == 1
    assert "make up" in result.stderr
    assert not state.root.exists()


def test_status_of_a_run(state: StateFolder) -> None:
    held = state.lock()
    state.write_status(
        {
            "url": "http://localhost:8080",
            "ready_after_s": 4.2,
            "firestore": "127.0.0.1:1",
            "pubsub": "127.0.0.1:2",
            "storage": "http://127.0.0.1:3",
            "postgres": "127.0.0.1:5",
            "firebase_auth": "127.0.0.1:6",
            "services": {"media-api": "http://127.0.0.1:4"},
        }
    )
    shown = invoke(state, "status")
    as_json = invoke(state, "status", "--json")
    os.close(held)
    assert shown.stdout.startswith("Cadenza runs at http://localhost:8080 (ready after 4.2 s)\n")
    assert "  media-api        http://127.0.0.1:4\n" in shown.stdout
    assert "  postgres         127.0.0.1:5\n" in shown.stdout
    assert as_json.stdout == state.status.read_text() + "\n"


def test_logs_shows_the_last_lines_of_each(state: StateFolder) -> None:
    log(state, "media-api", "".join(f"line {n}\n" for n in range(60)))
    log(state, "pubsub", "one\n")
    assert invoke(state, "logs", "-n", "2").stdout.splitlines() == [
        "media-api        line 58",
        "media-api        line 59",
        "pubsub           one",
    ]
    assert invoke(state, "logs", "pubsub").stdout == "pubsub           one\n"
    assert invoke(state, "logs", "-n", "0").stdout == ""


def test_logs_names_what_there_is(state: StateFolder) -> None:
    nothing = invoke(state, "logs", "x")
    assert nothing.exit_code == 1
    assert "none yet" in nothing.stderr
    log(state, "media-api", "")
    assert "there is: media-api" in invoke(state, "logs", "x").stderr


def test_logs_follows_whole_lines_new_files_and_new_runs(
    state: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = log(state, "media-api", "a\nhal")
    steps: Iterator[Callable[[], object]] = iter(
        [
            lambda: api.write_text("a\nhalf\n"),
            lambda: log(state, "media-job", "new\n"),
            api.unlink,
            lambda: log(state, "media-api", "b\n"),
        ]
    )

    def sleep(_: float) -> None:
        step = next(steps, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr(time, "sleep", sleep)
    assert invoke(state, "logs", "-f").stdout.splitlines() == [
        "media-api        a",
        "media-api        half",
        "media-job        new",
        "media-api        b",
    ]
