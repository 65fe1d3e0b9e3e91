"""What is added to a platform that has just become ready."""

from pathlib import Path
from typing import cast

import pytest

from emulators.music import ADDING_TIMEOUT_S, Music
from emulators.processes import Command, Processes
from emulators.state import StateFolder

API = "http://localhost:8080"


class FakeProcesses:
    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.runs: list[list[str]] = []

    async def run(self, command: Command, *, within_s: float, to_terminal: bool = False) -> int:
        assert to_terminal == (command.name == "cli")
        self.runs.append(list(command.argv[2:]))
        return self.codes.get(command.name, 0)

    def log_path(self, name: str) -> Path:
        return Path(name)


@pytest.fixture
def processes() -> FakeProcesses:
    return FakeProcesses()


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path)


async def add(
    processes: FakeProcesses, state: StateFolder, *folders: Path, demo: bool = True
) -> list[str]:
    said: list[str] = []
    await Music(
        cast(Processes, processes), state, api=API, folders=folders, demo=demo, say=said.append
    ).add()
    return said


def upload(state: StateFolder, folder: Path) -> list[str]:
    options = ["--api", API, "--token-file", str(state.dev_token)]
    patience = ["--timeout", str(ADDING_TIMEOUT_S)]
    return ["clients.cli.main", "add", *options, *patience, str(folder)]


async def test_an_empty_state_gets_the_demo_once(
    processes: FakeProcesses, state: StateFolder
) -> None:
    said = await add(processes, state)
    demo = state.root / "demo"
    assert processes.runs == [["emulators.demo", str(demo)], upload(state, demo)]
    assert said == ["Composing a few demo tracks …"]
    await add(processes, state)
    assert len(processes.runs) == 2


async def test_what_was_asked_for_is_added_every_time(
    processes: FakeProcesses, state: StateFolder, tmp_path: Path
) -> None:
    for _ in range(2):
        await add(processes, state, tmp_path / "music")
    assert processes.runs == [upload(state, tmp_path / "music")] * 2


async def test_nothing_is_added_unasked(processes: FakeProcesses, state: StateFolder) -> None:
    await add(processes, state, demo=False)
    assert processes.runs == []


async def test_a_demo_that_was_not_added_is_tried_again(
    processes: FakeProcesses, state: StateFolder
) -> None:
    processes.codes = {"cli": 1}
    await add(processes, state)
    processes.codes = {}
    await add(processes, state)
    assert len(processes.runs) == 4


async def test_a_demo_that_cannot_be_composed_is_told_of(
    processes: FakeProcesses, state: StateFolder
) -> None:
    processes.codes = {"demo": 1}
    assert await add(processes, state) == ["Composing a few demo tracks …", "That failed; see demo"]
    assert [run[0] for run in processes.runs] == ["emulators.demo"]
    assert not (state.root / "seeded").exists()
