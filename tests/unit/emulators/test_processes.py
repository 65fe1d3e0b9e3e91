"""Child processes, from their start to the last of them gone."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from emulators import processes
from emulators.processes import Command, Processes, StartFailed, base_environment, free_port
from tests.unit.emulators.waiting import eventually

# Listens on its port until it is ended; a shell would not be quicker.
LISTEN = (
    "import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True);"
    "time.sleep(60)"
)
READY_S = 20.0


@pytest.fixture
def ended() -> list[tuple[str, int]]:
    """What ended by itself: name and code."""
    return []


@pytest.fixture
async def children(
    tmp_path: Path, ended: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Processes]:
    monkeypatch.setattr(processes, "RESTART_PAUSE_S", 0.01)
    children = Processes(tmp_path, lambda name, code: ended.append((name, code)))
    yield children
    await children.stop_all()


def shell(script: str, cwd: Path, name: str = "child") -> Command:
    return Command(name, ["/bin/sh", "-c", script], base_environment(), cwd)


def listener(cwd: Path, name: str = "child") -> Command:
    """Python without site packages, because it starts in milliseconds."""
    port = free_port()
    argv = ["python3", "-S", "-E", "-c", LISTEN.format(port=port)]
    return Command(name, argv, base_environment(), cwd, port)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_start_waits_until_the_port_answers(children: Processes, tmp_path: Path) -> None:
    command = listener(tmp_path)
    await children.start(command, ready_within_s=READY_S, restart=False)
    socket.create_connection(("127.0.0.1", command.port), 1).close()
    assert children.log_path("child").read_text() == "up\n"
    assert len(children.pids()) == 1


async def test_one_that_ends_instead_is_quoted(children: Processes, tmp_path: Path) -> None:
    script = "for i in $(seq 20); do echo line $i; done; echo why >&2; exit 3"
    command = Command("child", ["/bin/sh", "-c", script], {}, tmp_path, free_port())
    with pytest.raises(StartFailed) as error:
        await children.start(command, ready_within_s=READY_S, restart=True)
    first, *quoted = str(error.value).splitlines()
    assert first == "child ended with code 3:"
    assert quoted[-2:] == ["line 20", "why"]
    assert len(quoted) == 15


async def test_one_that_stays_silent_is_quoted(children: Processes, tmp_path: Path) -> None:
    command = Command(
        "child", ["/bin/sh", "-c", "echo waiting; sleep 60"], {}, tmp_path, free_port()
    )
    with pytest.raises(StartFailed, match="did not answer within 0 s:\nwaiting"):
        await children.start(command, ready_within_s=0.05, restart=True)


async def test_one_that_dies_is_started_again(
    children: Processes, tmp_path: Path, ended: list[tuple[str, int]]
) -> None:
    await children.start(shell("sleep 60", tmp_path), ready_within_s=READY_S, restart=True)
    [first] = children.pids()
    os.kill(first, 9)
    await eventually(lambda: bool(children.pids()) and children.pids() != [first])
    assert ended == [("child", -9)]


async def test_one_that_is_not_to_be_restarted_is_only_told_of(
    children: Processes, tmp_path: Path, ended: list[tuple[str, int]]
) -> None:
    await children.start(shell("exit 4", tmp_path), ready_within_s=READY_S, restart=False)
    await eventually(lambda: ended == [("child", 4)])
    await asyncio.sleep(0.02)
    assert children.pids() == []


async def test_stopping_names_ends_just_these(
    children: Processes, tmp_path: Path, ended: list[tuple[str, int]]
) -> None:
    for name in ("one", "two"):
        await children.start(
            shell("sleep 60", tmp_path, name), ready_within_s=READY_S, restart=True
        )
    _, two = children.pids()
    children.begin_stopping()
    await children.stop(["one"])
    await asyncio.sleep(0.03)
    assert children.pids() == [two]
    assert ended == []


async def test_stop_asks_politely_first(children: Processes, tmp_path: Path) -> None:
    script = "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.005; done"
    await children.start(shell(script, tmp_path), ready_within_s=READY_S, restart=True)
    log = children.log_path("child")
    await eventually(lambda: "ready" in log.read_text())
    children.begin_stopping()
    await children.stop(["child"])
    # The shell may tell of its own child's end too.
    assert log.read_text().startswith("ready\n")
    assert log.read_text().endswith("asked\n")


async def test_one_that_does_not_listen_is_killed(
    children: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 1; done"
    await children.start(shell(script, tmp_path), ready_within_s=READY_S, restart=True)
    await eventually(lambda: "ready" in children.log_path("child").read_text())
    [pid] = children.pids()
    children.begin_stopping()
    real_wait_for = asyncio.wait_for

    async def impatient(what: object, timeout: float) -> object:
        assert timeout == processes.STOP_GRACE_S
        return await real_wait_for(what, 0.02)  # type: ignore[arg-type]  # a coroutine

    monkeypatch.setattr(asyncio, "wait_for", impatient)
    await children.stop(["child"])
    assert is_gone(pid)


async def test_stop_all_leaves_nothing_not_even_grandchildren(
    tmp_path: Path, ended: list[tuple[str, int]]
) -> None:
    children = Processes(tmp_path, lambda name, code: ended.append((name, code)))
    reaper = children._reaper.pid
    script = "(trap '' TERM; sleep 60) & echo $!; wait"
    await children.start(shell(script, tmp_path), ready_within_s=READY_S, restart=True)
    running = asyncio.create_task(
        children.run(shell("exec sleep 60", tmp_path, "job"), within_s=60)
    )
    log = children.log_path("child")
    await eventually(lambda: log.read_text().endswith("\n") and len(children.pids()) == 2)
    pids = [*children.pids(), int(log.read_text())]
    await children.stop_all()
    assert await running == -9
    assert all(is_gone(pid) for pid in [*pids, reaper])
    assert ended == []
    assert children.pids() == []


async def test_nothing_is_restarted_while_stopping(
    tmp_path: Path, ended: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it died just before."""
    monkeypatch.setattr(processes, "RESTART_PAUSE_S", 0.02)
    children = Processes(tmp_path, lambda name, code: ended.append((name, code)))
    await children.start(shell("echo started", tmp_path), ready_within_s=READY_S, restart=True)
    await eventually(lambda: len(ended) == 1)
    await children.stop_all()
    await asyncio.sleep(0.05)
    assert children.log_path("child").read_text() == "started\n"


async def test_run_returns_the_exit_code(
    children: Processes, tmp_path: Path, ended: list[tuple[str, int]]
) -> None:
    assert await children.run(shell("echo done; exit 7", tmp_path), within_s=READY_S) == 7
    assert children.log_path("child").read_text() == "done\n"
    assert children.pids() == []
    assert ended == []


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_run_that_is_over_takes_its_children_along(
    children: Processes, tmp_path: Path, *, cancelled: bool
) -> None:
    script = "sleep 60 & echo $!; wait"
    within_s = 60 if cancelled else 0.2
    running = asyncio.create_task(children.run(shell(script, tmp_path), within_s=within_s))
    log = children.log_path("child")
    await eventually(lambda: log.exists() and log.read_text().endswith("\n"))
    pids = [*children.pids(), int(log.read_text())]
    if cancelled:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    else:
        assert await running == -9
    await eventually(lambda: all(is_gone(pid) for pid in pids))
    assert children.pids() == []


async def test_output_can_go_to_the_terminal(
    children: Processes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await children.run(shell("echo seen", tmp_path), within_s=READY_S, to_terminal=True)
    assert capfd.readouterr().out == "seen\n"
    assert children.log_path("child").read_text() == ""


async def test_logs_grow_over_restarts(children: Processes, tmp_path: Path) -> None:
    for text in ("one", "two"):
        await children.run(shell(f"echo {text}", tmp_path), within_s=READY_S)
    assert children.log_path("child").read_text() == "one\ntwo\n"


async def test_a_reaper_that_is_gone_stops_nobody(children: Processes, tmp_path: Path) -> None:
    children._reaper.kill()
    children._reaper.wait()
    assert await children.run(shell("exit 0", tmp_path), within_s=READY_S) == 0


async def test_a_program_that_is_not_there(children: Processes, tmp_path: Path) -> None:
    command = Command("child", ["/nowhere"], {}, tmp_path)
    with pytest.raises(FileNotFoundError):
        await children.start(command, ready_within_s=READY_S, restart=True)
    assert children.pids() == []


def test_no_port_is_given_twice() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200
    with socket.create_server(("127.0.0.1", ports[0])):
        pass


def test_no_port_is_given_to_two_processes() -> None:
    ask = "from emulators.processes import free_port; print(*(free_port() for _ in range(300)))"
    own = {free_port() for _ in range(300)}
    others = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    ports = {int(port) for port in others.stdout.split()}
    assert len(ports) == 300
    assert not own & ports


def test_children_get_little_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "somewhere:1")
    monkeypatch.setenv("JAVA_HOME", "/jdk")
    kept = base_environment()
    assert kept["PATH"] == os.environ["PATH"]
    assert kept["JAVA_HOME"] == "/jdk"
    assert not {"GOOGLE_APPLICATION_CREDENTIALS", "FIRESTORE_EMULATOR_HOST"} & kept.keys()


def test_the_reaper_starts_without_the_platforms_imports() -> None:
    """It must be there before anything else is started."""
    listed = subprocess.run(
        ["python3", "-S", "-E", "-X", "importtime", "-m", "emulators.reaper"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(processes.__file__).parent.parent,
    ).stderr
    assert "asyncio" not in listed
    assert "aiohttp" not in listed
