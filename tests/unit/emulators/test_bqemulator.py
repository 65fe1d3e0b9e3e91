"""bqemulator: found, or installed once, whole or not at all."""

import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from emulators import bqemulator
from emulators.bqemulator import OVERRIDE, VERSION
from emulators.tools import MissingTool

ROOT = Path(__file__).parents[3]


class Installer:
    """Makes what the installer would make, or fails."""

    def __init__(self) -> None:
        self.fails = self.hangs = False
        self.calls: list[list[str]] = []

    def run(self, argv: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        self.calls.append(argv)
        if "venv" in argv:
            make(Path(argv[-1]))
        if self.hangs:
            raise subprocess.TimeoutExpired(argv, options["timeout"])
        return subprocess.CompletedProcess(argv, int(self.fails), "", "no network")


def make(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "bqemulator").touch()
    return folder


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Installer:
    installer = Installer()
    monkeypatch.setattr(subprocess, "run", installer.run)
    return installer


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(OVERRIDE, raising=False)
    return tmp_path / "cadenza"


def find(messages: list[str] | None = None) -> Path:
    return bqemulator.find(([] if messages is None else messages).append)


def test_it_is_installed_once_and_said_so(installer: Installer, cache: Path) -> None:
    messages: list[str] = []
    folder = cache / f"bqemulator-{VERSION}"
    assert find(messages) == find(messages) == folder
    assert len(messages) == 1
    assert len([call for call in installer.calls if "venv" in call]) == 1
    assert bqemulator.home(folder).is_relative_to(folder)


@pytest.mark.parametrize("how", ["fails", "hangs"])
def test_a_failed_installation_leaves_nothing_and_says_what_to_do(
    installer: Installer, cache: Path, how: str
) -> None:
    setattr(installer, how, True)
    with pytest.raises(MissingTool, match=OVERRIDE):
        find()
    assert bqemulator.installed() is None

    setattr(installer, how, False)
    assert find().is_dir()


def test_two_at_once_install_it_once(installer: Installer, cache: Path) -> None:
    threads = [threading.Thread(target=find) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([call for call in installer.calls if "venv" in call]) == 1


def test_an_environment_of_ones_own(
    installer: Installer, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make(tmp_path / "own")
    monkeypatch.setenv(OVERRIDE, str(own))
    assert find() == own
    assert bqemulator.home(own) == Path.home()
    monkeypatch.setenv(OVERRIDE, str(tmp_path / "nothing"))
    with pytest.raises(MissingTool, match=OVERRIDE):
        find()


def test_everything_that_is_installed_is_pinned() -> None:
    lines = (ROOT / "emulators" / "bqemulator.txt").read_text().splitlines()
    assert f"bqemulator=={VERSION}" in lines
    assert all("==" in line for line in lines)
