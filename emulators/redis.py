"""Redis in Memorystore's place, where an instance is declared."""

from pathlib import Path

from emulators import tools
from emulators.processes import Command, base_environment

NAME = "redis"

INSTANCE = "gcp:redis/instance:Instance"


def command(port: int, folder: Path) -> Command:
    """It keeps nothing: what it holds is worth half a minute."""
    return Command(
        name=NAME,
        argv=[
            str(tools.redis_server()),
            "--bind", "127.0.0.1",
            "--port", str(port),
            "--save", "",
            "--appendonly", "no",
        ],
        env=base_environment(),
        cwd=folder,
        port=port,
    )  # fmt: skip
