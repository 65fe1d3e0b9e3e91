"""Finds npm's firebase-tools, or installs it once for all checkouts of this machine."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from emulators.tools import MissingTool, npm

VERSION = "15.34.2"
OVERRIDE = "CADENZA_FIREBASE_TOOLS"

_PACKAGE = Path("node_modules") / "firebase-tools"
_AUTH = Path("lib") / "emulator" / "auth"
_INSTALL_TIMEOUT_S = 900


def installed() -> Path | None:
    """The package's folder: the one that an environment variable names, or our own."""
    if chosen := os.environ.get(OVERRIDE):
        if not (Path(chosen) / _AUTH).is_dir():
            raise MissingTool(f"{OVERRIDE} names {chosen}, which is not firebase-tools' folder")
        return Path(chosen).resolve()
    package = _home() / _PACKAGE
    return package if (package / _AUTH).is_dir() else None


def find(say: Callable[[str], None]) -> Path:
    """The package's folder; installs it where it is missing. Raises `MissingTool`."""
    if (found := installed()) is not None:
        return found
    say("Installing Firebase's Auth emulator, once: 220 MB, about half a minute …")
    return _install()


def _install() -> Path:
    """Install it, without what is optional and without running anybody's scripts.

    About 220 MB and half a minute. Whoever comes second waits and finds it done.
    """
    home = _home()
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (found := installed()) is not None:
            return found
        draft = home.with_name(f"{home.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        _npm_install(draft)
        # Something half there may be left of an older failure.
        shutil.rmtree(home, ignore_errors=True)
        draft.rename(home)
    return home / _PACKAGE


def _npm_install(folder: Path) -> None:
    folder.mkdir()
    argv = [
        *npm(), "install", f"firebase-tools@{VERSION}", "--prefix", str(folder),
        "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_INSTALL_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise MissingTool(_advice("npm took too long")) from None
    if done.returncode != 0:
        raise MissingTool(_advice(done.stderr.strip()[-1000:]))


def _advice(reason: str) -> str:
    return (
        f"Firebase's Auth emulator could not be installed: {reason}\n"
        f"Try again, or install npm's firebase-tools yourself and put its folder into {OVERRIDE}"
    )


def _home() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "cadenza" / f"firebase-tools-{VERSION}"
