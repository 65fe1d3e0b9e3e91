"""Firebase's Auth emulator, with its accounts kept on disk between runs."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from emulators import tools
from emulators.processes import Command, base_environment
from emulators.state import write_private

NAME = "firebase-auth"

_LAUNCHER = Path(__file__).with_suffix(".js")
_ACCOUNTS = "accounts.json"
# What the emulator takes for the project's owner.
_OWNER = {"Authorization": "Bearer owner"}
_TIMEOUT = aiohttp.ClientTimeout(total=30)


def command(port: int, folder: Path, package: Path, project: str) -> Command:
    """`package` is the folder of npm's firebase-tools."""
    return Command(
        name=NAME,
        argv=[tools.node(), str(_LAUNCHER), str(package), str(port), project],
        env=base_environment(),
        cwd=folder,
        port=port,
    )


async def restore(port: int, folder: Path, project: str) -> None:
    """Give the emulator the accounts that were saved last."""
    saved = folder / _ACCOUNTS
    if not saved.exists():
        return
    body = json.loads(saved.read_text())
    if not body.get("users"):  # the emulator refuses an empty list
        return
    answer = await _call("POST", port, project, "batchCreate", body)
    if failed := answer.get("error"):
        raise RuntimeError(f"accounts that were not taken back: {failed}")


async def save(port: int, folder: Path, project: str) -> None:
    """Write down all accounts, unless nothing has changed since the last time."""
    accounts = json.dumps(await _call("GET", port, project, "batchGet?maxResults=-1"))
    saved = folder / _ACCOUNTS
    if not saved.exists() or saved.read_text() != accounts:
        write_private(saved, accounts)


async def _call(
    method: str, port: int, project: str, operation: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    service = f"http://127.0.0.1:{port}/identitytoolkit.googleapis.com/v1"
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT, headers=_OWNER) as session,
        session.request(
            method, f"{service}/projects/{project}/accounts:{operation}", json=body
        ) as answer,
    ):
        answer.raise_for_status()
        result: dict[str, Any] = await answer.json()
        return result
