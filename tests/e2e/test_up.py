"""Starting, stopping, crashing: what `cadenza up` leaves behind, and what it keeps."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from emulators.processes import free_port
from tests import platform as running
from tests import sounds
from tests.platform import Platform, is_alive


def everything_it_started(platform: Platform) -> list[int]:
    children = psutil.Process(platform.process.pid).children(recursive=True)
    assert len(children) > 8
    return [child.pid for child in children]


def wait_until_gone(pids: list[int], within_s: float = 10) -> list[int]:
    """Those that are still there in the end."""
    deadline = time.monotonic() + within_s
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def test_from_the_first_start_to_a_crash_and_back(tmp_path: Path) -> None:
    state = tmp_path / "state"
    song = sounds.write(tmp_path / "kept.flac", seconds=1, seed=400, tags={"title": "Kept"})
    long = sounds.write(tmp_path / "long.flac", seconds=45, seed=401)

    first = running.start(state, ["--no-demo"])
    assert first.add(song).returncode == 0
    track_id = first.outcome_of(sounds.sha256(song)).track_id
    begin_encoding(first, long)
    started = everything_it_started(first)
    assert running.stop(first) == 0
    assert wait_until_gone(started) == []
    assert not (state / "status.json").exists()

    second = running.start(state, ["--no-demo"])
    assert second.get(f"/v1/tracks/{track_id}")["name"] == "Kept"
    assert second.cadenza("play", track_id, "--null").returncode == 0
    assert second.outcome_of(sounds.sha256(long)).status == "ready", "what was begun was not ended"
    started = everything_it_started(second)
    second.process.send_signal(signal.SIGKILL)
    second.process.wait()
    assert wait_until_gone(started) == [], "a crash left processes behind"

    third = running.start(state, ["--no-demo", "--fresh"])
    try:
        with third.client() as client:
            assert client.get(f"/v1/tracks/{track_id}").status_code == 404
    finally:
        running.stop(third)


def begin_encoding(platform: Platform, file: Path) -> None:
    """Returns while a job is at it."""
    executions = platform.state / "executions"
    before = set(executions.glob("*.json"))
    assert platform.cadenza("add", str(file), "--no-wait").returncode == 0
    deadline = time.monotonic() + 20
    while set(executions.glob("*.json")) <= before:
        assert time.monotonic() < deadline, "no job began"
        time.sleep(0.05)


def cadenza(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "clients.cli.main", *arguments],
        cwd=running.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def up(state: Path, port: int) -> "subprocess.CompletedProcess[str]":
    return cadenza("up", "--state", str(state), "--port", str(port))


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = up(tmp_path / "state", port)

    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "--port" in done.stderr


def test_one_state_is_for_one_run(platform: Platform) -> None:
    done = up(platform.state, free_port())

    assert done.returncode == 1
    assert "already runs" in done.stderr


@pytest.mark.parametrize(
    "variable", ["CADENZA_FIRESTORE_EMULATOR_JAR", "CADENZA_PUBSUB_EMULATOR_JAR"]
)
def test_a_missing_emulator_is_named(
    tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/nowhere/emulator.jar")

    done = up(tmp_path / "state", free_port())

    assert done.returncode == 1
    assert variable in done.stderr
    assert "Traceback" not in done.stderr


def test_status_and_logs(platform: Platform) -> None:
    state = ("--state", str(platform.state))

    status = cadenza("status", *state)
    logs = cadenza("logs", "runner", *state)
    unknown = cadenza("logs", "nobody", *state)

    assert platform.url in status.stdout
    assert "catalog-api" in status.stdout
    assert logs.returncode == 0
    assert unknown.returncode == 1
    assert "catalog-api" in unknown.stderr


def test_status_of_nothing(tmp_path: Path) -> None:
    done = cadenza("status", "--state", str(tmp_path / "nothing"))

    assert done.returncode == 1
    assert "make up" in done.stderr
