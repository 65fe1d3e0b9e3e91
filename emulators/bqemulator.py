"""Finds PyPI's bqemulator, or installs it once for all checkouts of this machine.

It lives in an environment of its own: it pins a web framework and a DuckDB that are not ours.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from emulators import installing
from emulators.tools import MissingTool

VERSION = "1.4.0"
OVERRIDE = "CADENZA_BQEMULATOR"

_REQUIREMENTS = Path(__file__).with_suffix(".txt")
_PROGRAM = Path("bin") / "bqemulator"
# DuckDB looks for its extensions below the home folder, and would download those it lacks.
_HOME = "home"
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
    return folder if installing.is_ready(folder) else None


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
    folder = _folder()
    installing.once(folder, _make)
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
    variables = {"HOME": str(home)} if home else {}
    keeping = ("PIP_", "UV_")
    try:
        installing.run(argv, timeout_s=_INSTALL_TIMEOUT_S, keeping=keeping, variables=variables)
    except installing.Failed as error:
        raise MissingTool(_advice(str(error))) from None


def _advice(reason: str) -> str:
    return (
        f"The BigQuery emulator could not be installed: {reason}\n"
        f"Try again, or make a virtual environment from {_REQUIREMENTS.name} yourself, import\n"
        f"DuckDB's extensions avro and spatial, and put its folder into {OVERRIDE}"
    )


def _folder() -> Path:
    return installing.cached(f"bqemulator-{VERSION}")
