"""Music to start with: the folders that were asked for, or the demo on an empty state."""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from emulators.processes import Command, Processes, base_environment
from emulators.state import StateFolder

# A large collection takes hours to encode on a laptop.
ADDING_TIMEOUT_S = 24 * 3600

_ROOT = Path(__file__).parent.parent


class Music:
    """Adds music through the public API, as a user would. `api` is the platform's address."""

    def __init__(
        self,
        processes: Processes,
        state: StateFolder,
        *,
        api: str,
        folders: Sequence[Path],
        demo: bool,
        say: Callable[[str], None],
    ) -> None:
        self._processes = processes
        self._state = state
        self._api = api
        self._folders = folders
        self._demo = demo
        self._say = say

    async def add(self) -> None:
        """Add what was asked for; without that, the demo, once in the life of a state folder."""
        seeded = self._state.root / "seeded"
        folders = list(self._folders)
        if not folders and self._demo and not seeded.exists():
            demo = self._state.root / "demo"
            if not await self._compose(demo):
                return
            folders = [demo]
        if folders and await self._upload(folders) == 0:
            seeded.touch()

    async def _compose(self, folder: Path) -> bool:
        self._say("Composing a few demo tracks …")
        # A process of its own can be ended at any time.
        command = _python("demo", "emulators.demo", str(folder))
        if await self._processes.run(command, within_s=math.inf) == 0:
            return True
        self._say(f"That failed; see {self._processes.log_path(command.name)}")
        return False

    async def _upload(self, folders: Sequence[Path]) -> int:
        command = _python(
            "cli", "clients.cli.main", "add", "--api", self._api,
            "--token-file", str(self._state.dev_token), "--timeout", str(ADDING_TIMEOUT_S),
            *map(str, folders),
        )  # fmt: skip
        return await self._processes.run(command, within_s=math.inf, to_terminal=True)


def _python(name: str, module: str, *arguments: str) -> Command:
    argv = [sys.executable, "-m", module, *arguments]
    return Command(name, argv, base_environment(), _ROOT)
