"""Jobs' packages: our own Python where it has them, one that is made once where it has not."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulators import environments
from emulators.tools import MissingTool

ROOT = Path(__file__).parents[3]
LACKING = "msgspec==0.22.0\nnever-heard-of==1.0\ncuda-x==1 ; sys_platform == 'linux'\n"


class Installer:
    def __init__(self) -> None:
        self.fails = False
        self.calls: list[list[str]] = []

    def run(self, argv: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        self.calls.append(argv)
        if "venv" in argv:
            Path(argv[-1]).mkdir(parents=True)
        return subprocess.CompletedProcess(argv, int(self.fails), "", "no network")


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installer:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Installer()
    monkeypatch.setattr(subprocess, "run", made.run)
    return made


def written(folder: Path, text: str) -> Path:
    path = folder / "requirements.txt"
    path.write_text(text)
    return path


def test_what_is_installed_needs_no_environment(installer: Installer, tmp_path: Path) -> None:
    path = written(tmp_path, "msgspec==0.22.0\npytest==9\nother==1 ; sys_platform == 'win32'\n")
    assert environments.python_for(path, print) == sys.executable
    assert installer.calls == []


def test_what_is_missing_is_installed_once(installer: Installer, tmp_path: Path) -> None:
    said: list[str] = []
    path = written(tmp_path, LACKING)
    python = environments.python_for(path, said.append)
    assert python.startswith(str(tmp_path / "cache"))
    assert "never-heard-of" in said[0]
    assert environments.python_for(path, said.append) == python
    assert len(installer.calls) == 2
    assert len(said) == 1
    wanted = Path(installer.calls[1][-1]).read_text()
    assert "never-heard-of==1.0" in wanted
    assert "cuda" not in wanted


def test_another_list_has_another_environment(installer: Installer, tmp_path: Path) -> None:
    first = environments.python_for(written(tmp_path, LACKING), print)
    other = environments.python_for(written(tmp_path, LACKING.replace("1.0", "1.1")), print)
    assert first != other


def test_a_failure_leaves_nothing_half_made(installer: Installer, tmp_path: Path) -> None:
    path = written(tmp_path, LACKING)
    installer.fails = True
    with pytest.raises(MissingTool, match="no network"):
        environments.python_for(path, print)
    assert not list((tmp_path / "cache" / "cadenza").glob("*/"))
    installer.fails = False
    assert Path(environments.python_for(path, print)).name == "python"


def test_a_dockerfile_says_what_its_image_is_built_with() -> None:
    found = environments.requirements_of(ROOT, "functions/recommendations/Dockerfile.training")
    assert found == ROOT / "functions" / "recommendations" / "requirements-training.txt"
    assert "torch" in environments.names_of(found)
    media = environments.requirements_of(ROOT, "functions/media/Dockerfile")
    assert media.name == "requirements-job.txt"


def test_a_dockerfile_without_packages_is_named(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(MissingTool, match="Dockerfile"):
        environments.requirements_of(tmp_path, "Dockerfile")
