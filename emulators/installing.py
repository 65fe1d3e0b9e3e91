"""Python environments that are made once for all checkouts of this machine."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from emulators.processes import base_environment

_READY = "ready"


class Failed(Exception):
    """A program that installs did not; the message says why."""


def cached(name: str) -> Path:
    """The folder of this name among those that are kept."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "cadenza" / name


def is_ready(folder: Path) -> bool:
    return (folder / _READY).exists()


def once(folder: Path, make: Callable[[Path], None]) -> None:
    """Lets `make` fill the folder, and raises what it raises; nothing half made is left.

    Whoever comes second waits and finds it done. It is made where it stays, for environments
    cannot be moved; a mark in it comes last.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(folder):
            return
        # Something half there may be left of an older failure.
        shutil.rmtree(folder, ignore_errors=True)
        try:
            make(folder)
            (folder / _READY).touch()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    keeping: tuple[str, ...],
    variables: Mapping[str, str] | None = None,
) -> None:
    """Runs a program that installs; raises `Failed`.

    `keeping`: what the names of variables begin with that it is to see. Where packages come from
    is the user's own business, and said in variables and files.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith(keeping)}
    try:
        done = subprocess.run(
            argv,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            env={**base_environment(), **kept, **(variables or {})},
        )
    except subprocess.TimeoutExpired:
        raise Failed("it took too long") from None
    if done.returncode != 0:
        raise Failed(done.stderr.strip()[-1000:])
