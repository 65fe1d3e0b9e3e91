"""PostgreSQL in Cloud SQL's place, with the declared databases and users made on it.

It trusts whoever connects over the loopback: users differ in what they may do, as in the cloud,
but need no password.
"""

import asyncio
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from emulators import tools
from emulators.gather import Program
from emulators.processes import Command, StartFailed, base_environment
from emulators.tools import MissingTool

NAME = "postgres"

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
DATABASE = "gcp:sql/database:Database"
USER = "gcp:sql/user:User"

_OWNER = "postgres"
# Cloud SQL's own role, which owns the databases that are made through its API.
_SUPERUSER = "cloudsqlsuperuser"
_READY_WITHIN_S = 30.0
# PostgreSQL refuses to run as root. Whoever it runs as instead may not see root's folders.
_UNPRIVILEGED = "nobody"


class TooManyInstances(Exception):
    """More Cloud SQL instances are declared than the one server that runs here."""


def command(port: int, folder: Path) -> Command:
    """Starts on the data in `folder`; makes it first if there is none."""
    data = folder / "data"
    if not data.exists():
        _make_data(data)
    return Command(
        name=NAME,
        argv=_as_server(
            [
                _program("postgres"),
                "-D", str(data),
                "-p", str(port),
                "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=",
                "-c", "log_min_messages=warning",
            ]
        ),
        env=base_environment(),
        cwd=folder,
        port=port,
    )  # fmt: skip


async def make(port: int, program: Program) -> None:
    """Make every declared database and user that an earlier run has not left behind."""
    if len(program.all(INSTANCE)) > 1:
        raise TooManyInstances("one Cloud SQL instance can run here")
    connection = await _connected(port)
    try:
        await _make_role(connection, _SUPERUSER, "CREATEDB CREATEROLE NOLOGIN")
        for user in program.all(USER):
            name = user.outputs["name"]
            await _make_role(connection, name, "LOGIN")
            for role in user.inputs.get("databaseRoles", []):
                await connection.execute(f"GRANT {_quoted(role)} TO {_quoted(name)}")
        for database in program.all(DATABASE):
            await _make_database(connection, database.outputs["name"])
    finally:
        await connection.close()


def _make_data(data: Path) -> None:
    """All or nothing: a folder with the name is a whole one."""
    draft = data.with_name("data.draft")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(draft, *_unprivileged_ids())
    initdb = _as_server(
        [
            _program("initdb"),
            "-D", str(draft),
            "-U", _OWNER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            # As strict with Unicode as Cloud SQL's, on machines without any locales.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
    )  # fmt: skip
    done = subprocess.run(
        initdb, check=False, capture_output=True, text=True, env=base_environment(), cwd="/"
    )
    if done.returncode != 0:
        raise StartFailed(f"the database's files cannot be made:\n{done.stdout}{done.stderr}")
    draft.rename(data)


def _program(name: str) -> str:
    return str(tools.postgres() / name)


def _as_server(argv: Sequence[str]) -> list[str]:
    """As ourselves, or where that is root, as nobody with one capability: to pass any folder."""
    if os.geteuid() != 0:
        return list(argv)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise MissingTool(
            "PostgreSQL refuses to run as root, and to run it as somebody else needs setpriv\n"
            "(util-linux). Install that, or run this as an ordinary user."
        )
    user, group = _unprivileged_ids()
    only = "-all,+dac_override"
    return [
        setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups",
        f"--inh-caps={only}", f"--ambient-caps={only}", *argv,
    ]  # fmt: skip


def _unprivileged_ids() -> tuple[int, int]:
    entry = pwd.getpwnam(_UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid


async def _connected(port: int) -> "asyncpg.Connection[asyncpg.Record]":
    """It opens its port a moment before it lets anybody in."""
    deadline = asyncio.get_running_loop().time() + _READY_WITHIN_S
    while True:
        try:
            return await asyncpg.connect(
                host="127.0.0.1", port=port, user=_OWNER, database=_OWNER, ssl=False
            )
        except (OSError, asyncpg.CannotConnectNowError):
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.05)


async def _make_role(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, rights: str
) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f"CREATE ROLE {_quoted(name)} {rights}")


async def _make_database(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f"CREATE DATABASE {_quoted(name)} OWNER {_quoted(_SUPERUSER)}")


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
