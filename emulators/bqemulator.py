"""Finds PyPI's bqemulator, or installs it once for all checkouts of this machine.

It lives in an environment of its own: it pins a web framework and a DuckDB that are not ours.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from emulators.processes import base_environment
from emulators.tools import MissingTool

VERSION = "1.4.0"
OVERRIDE = "CADENZA_BQEMULATOR"

_REQUIREMENTS = Path(__file__).with_suffix(".txt")
_PROGRAM = Path("bin") / "bqemulator"
# DuckDB looks for its extensions below the home folder, and would download those it lacks.
_HOME = "home"
_READY = "ready"
_EXTENSIONS = (
    "import duckdb_extensions\n"
    "for name in ('avro', 'spatial'):\n"
    "    duckdb_extensions.import_extension(name)\n"
)
_INSTALL_TIMEOUT_S = 900


def installed() -> Path | None:
    """The environment's folder: the one that an environment variable names, or our own."""
    if chosen := os.environ.get(OVERRIDE):
        if not (Path(chosen) / _PROGRAM).is_file():
            raise MissingTool(f"{OVERRIDE} names {chosen}, which holds no {_PROGRAM}")
        return Path(chosen).resolve()
    folder = _folder()
    return folder if (folder / _READY).exists() else None


def find(say: Callable[[str], None]) -> Path:
    """The environment's folder; installs it where it is missing. Raises `MissingTool`."""
    if (found := installed()) is not None:
        return found
    say("Installing the BigQuery emulator, once: 500 MB, about half a minute …")
    return _install()


def program(folder: Path) -> Path:
    return folder / _PROGRAM


def home(folder: Path) -> Path:
    """Where it finds DuckDB's extensions; one's own home for an environment of one's own."""
    return folder / _HOME if (folder / _HOME).is_dir() else Path.home()


def _install() -> Path:
    """Whoever comes second waits and finds it done.

    It is made where it stays, for environments cannot be moved; a mark in it comes last.
    """
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (found := installed()) is not None:
            return found
        # Something half there may be left of an older failure.
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _make(folder)
            (folder / _READY).touch()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return folder


def _make(folder: Path) -> None:
    python = str(folder / "bin" / "python")
    if uv := shutil.which("uv"):
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--python", python, "-r", str(_REQUIREMENTS)])
    else:
        _run([sys.executable, "-m", "venv", str(folder)])
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "-r", str(_REQUIREMENTS)])
    (folder / _HOME).mkdir()
    _run([python, "-c", _EXTENSIONS], home=folder / _HOME)


def _run(argv: Sequence[str], home: Path | None = None) -> None:
    changed = {"HOME": str(home)} if home else {}
    # Where packages come from is the user's own business, and said in variables and files.
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    try:
        done = subprocess.run(
            argv,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_INSTALL_TIMEOUT_S,
            env={**base_environment(), **kept, **changed},
        )
    except subprocess.TimeoutExpired:
        raise MissingTool(_advice("it took too long")) from None
    if done.returncode != 0:
        raise MissingTool(_advice(done.stderr.strip()[-1000:]))


def _advice(reason: str) -> str:
    return (
        f"The BigQuery emulator could not be installed: {reason}\n"
        f"Try again, or make a virtual environment from {_REQUIREMENTS.name} yourself, import\n"
        f"DuckDB's extensions avro and spatial, and put its folder into {OVERRIDE}"
    )


def _folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "cadenza" / f"bqemulator-{VERSION}"
