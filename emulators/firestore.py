"""Google's Firestore emulator, with its contents kept on disk between runs."""

import asyncio
import shutil
import time
from pathlib import Path

import aiohttp

from emulators import tools
from emulators.processes import Command, base_environment
from emulators.state import write_private

NAME = "firestore"
_CURRENT = "current"
_EXPORT_TIMEOUT = aiohttp.ClientTimeout(total=120)


def command(port: int, folder: Path, memory_mib: int) -> Command:
    """Starts with what the last snapshot in `folder` holds, if there is one.

    It keeps everything in memory: some 100,000 tracks in 512 MiB.
    """
    seed = _last_snapshot(folder)
    return Command(
        name=NAME,
        argv=[
            tools.java(),
            f"-Xmx{memory_mib}m",
            "-Duser.language=en",
            "-cp",
            str(tools.firestore_jar()),
            "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
            "--host=127.0.0.1",
            f"--port={port}",
            *([f"--seed_from_export={seed}"] if seed is not None else []),
        ],
        env=base_environment(),
        cwd=folder,
        port=port,
    )


async def save(port: int, folder: Path, project: str, database: str) -> None:
    """Write a snapshot; until it is whole, the last one counts."""
    name = f"snapshot-{time.time_ns()}"
    request = {
        "database": f"projects/{project}/databases/{database}",
        "export_directory": str(folder),
        "export_name": name,
    }
    url = f"http://127.0.0.1:{port}/emulator/v1/projects/{project}:export"
    async with (
        aiohttp.ClientSession(timeout=_EXPORT_TIMEOUT) as session,
        session.post(url, json=request) as answer,
    ):
        answer.raise_for_status()
    write_private(folder / _CURRENT, name)
    for older in folder.glob("snapshot-*"):
        if older.name != name:
            await asyncio.to_thread(shutil.rmtree, older, ignore_errors=True)


def _last_snapshot(folder: Path) -> Path | None:
    pointer = folder / _CURRENT
    if not pointer.exists():
        return None
    name = pointer.read_text()
    metadata = folder / name / f"{name}.overall_export_metadata"
    return metadata if metadata.exists() else None
