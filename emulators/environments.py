"""Python for jobs whose images hold packages that ours lacks: an environment of its own for each
list of packages, made the first time that such a job is run, once for all checkouts.
"""

import hashlib
import importlib.metadata
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from emulators import installing
from emulators.tools import MissingTool

_INSTALL_TIMEOUT_S = 1800
_PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;]+)(?P<marker>.*)$"
)
# What a build of torch for GPUs wants; one for processors does without, and each says so itself.
_OF_GPUS = ("cuda-", "nvidia-", "triton")
_COPIED = re.compile(r"^COPY (?P<path>functions/\S+/requirements\S*\.txt) \.$", re.MULTILINE)


def requirements_of(root: Path, dockerfile: str) -> Path:
    """The list of packages that an image is built with; raises `MissingTool`."""
    found = _COPIED.search((root / dockerfile).read_text())
    if found is None:
        raise MissingTool(f"{dockerfile} copies no list of packages")
    return root / found["path"]


def python_for(requirements: Path, say: Callable[[str], None]) -> str:
    """Our own Python where it has all packages, or one that has; raises `MissingTool`."""
    missing = [name for name in names_of(requirements) if not _is_installed(name)]
    if not missing:
        return sys.executable
    folder = _folder(requirements)
    if not installing.is_ready(folder):
        say(f"Installing {', '.join(missing[:4])} …, once: this may take minutes")
        installing.once(folder, lambda made: _make(requirements, made))
    return str(folder / "bin" / "python")


def names_of(requirements: Path) -> list[str]:
    """What every machine needs of the list."""
    return [found["name"] for found in _pinned(requirements) if not found["marker"].strip()]


def _pinned(requirements: Path) -> list[re.Match[str]]:
    lines = requirements.read_text().splitlines()
    return [found for line in lines if (found := _PINNED.match(line)) is not None]


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _make(requirements: Path, folder: Path) -> None:
    _run([sys.executable, "-m", "venv", str(folder)])
    wanted = folder / "requirements.txt"
    wanted.write_text(without_gpus(requirements))
    # Not uv: people tell pip where builds for processors lie, and it brings no gigabytes.
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _run([*pip, "--disable-pip-version-check", "-r", str(wanted)])


def without_gpus(requirements: Path) -> str:
    """The list for whatever build of torch is found, which brings what it wants itself."""
    kept = [each[0] for each in _pinned(requirements) if not each["name"].startswith(_OF_GPUS)]
    return "\n".join([*kept, ""])


def _run(argv: Sequence[str]) -> None:
    try:
        installing.run(argv, timeout_s=_INSTALL_TIMEOUT_S, keeping=("PIP_",))
    except installing.Failed as error:
        raise MissingTool(f"A job's packages could not be installed: {error}") from None


def _folder(requirements: Path) -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(without_gpus(requirements).encode()).hexdigest()[:12]
    return installing.cached(f"job-{version}-{digest}")
