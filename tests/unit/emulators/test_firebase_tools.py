"""firebase-tools: found, or installed once, whole or not at all."""

import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from emulators import firebase_tools
from emulators.firebase_tools import OVERRIDE, VERSION
from emulators.tools import MissingTool


class Npm:
    """Makes what npm would make, or fails."""

    def __init__(self) -> None:
        self.fails = self.hangs = False
        self.calls: list[list[str]] = []

    def run(self, argv: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        self.calls.append(argv)
        make(Path(argv[argv.index("--prefix") + 1]) / "node_modules" / "firebase-tools")
        if self.hangs:
            raise subprocess.TimeoutExpired(argv, options["timeout"])
        return subprocess.CompletedProcess(argv, int(self.fails), "", "no network")


def make(package: Path) -> Path:
    (package / "lib" / "emulator" / "auth").mkdir(parents=True)
    return package


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Npm:
    npm = Npm()
    monkeypatch.setattr(subprocess, "run", npm.run)
    monkeypatch.setattr(firebase_tools, "npm", lambda: ["npm"])
    return npm


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(OVERRIDE, raising=False)
    return tmp_path / "cadenza"


def find(messages: list[str] | None = None) -> Path:
    return firebase_tools.find(([] if messages is None else messages).append)


def test_it_is_installed_once_and_said_so(npm: Npm, cache: Path) -> None:
    messages: list[str] = []
    home = cache / f"firebase-tools-{VERSION}"
    assert find(messages) == find(messages) == home / "node_modules" / "firebase-tools"
    [call] = npm.calls
    assert f"firebase-tools@{VERSION}" in call
    assert {"--omit=optional", "--ignore-scripts"} <= set(call)
    [message] = messages
    assert message.startswith("Installing Firebase's Auth emulator")


def test_several_checkouts_install_it_once(npm: Npm, cache: Path) -> None:
    threads = [threading.Thread(target=find) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(npm.calls) == 1


def test_a_failure_leaves_nothing_that_looks_whole(npm: Npm, cache: Path) -> None:
    npm.fails = True
    with pytest.raises(MissingTool, match=rf"no network(.|\n)*{OVERRIDE}"):
        find()
    assert firebase_tools.installed() is None
    npm.fails = False
    assert find().is_dir()


def test_an_installation_that_hangs_is_given_up(npm: Npm, cache: Path) -> None:
    npm.hangs = True
    with pytest.raises(MissingTool, match="too long"):
        find()
    assert firebase_tools.installed() is None


def test_half_of_it_is_not_taken_for_all(npm: Npm, cache: Path) -> None:
    (cache / f"firebase-tools-{VERSION}" / "node_modules" / "firebase-tools").mkdir(parents=True)
    assert (find() / "lib" / "emulator" / "auth").is_dir()
    assert len(npm.calls) == 1


def test_an_override_decides(
    npm: Npm, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDE, str(make(tmp_path / "mine")))
    assert find() == tmp_path / "mine"
    monkeypatch.setenv(OVERRIDE, str(tmp_path / "nowhere"))
    with pytest.raises(MissingTool, match=OVERRIDE):
        find()
    assert npm.calls == []
