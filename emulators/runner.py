"""Runs the declared system on this machine: what `cadenza up` does, from gathering to Ctrl-C."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from emulators import backends, bqemulator, firebase_tools, gather, scheduler, tools
from emulators.addresses import Addresses
from emulators.backends import PROJECT, READY_WITHIN_S, Backends
from emulators.edge import urlmap
from emulators.edge.server import Edge
from emulators.edge.urlmap import UnsupportedUrlMap
from emulators.gather import GatherError
from emulators.issuer import DevIssuer
from emulators.jobs import JobRunner
from emulators.music import Music
from emulators.people import DemoPeople
from emulators.postgres import TooManyInstances
from emulators.processes import Command, Processes, StartFailed, free_port
from emulators.serving import PortTaken, refuse_taken_port, serving
from emulators.state import AlreadyRunning, NotAStateFolder, StateFolder, write_private
from emulators.storage import TooManyNotifications
from emulators.tools import MissingTool
from emulators.units import CannotRun, LocalCloud

STACK = "dev"

CANNOT_RUN = (
    AlreadyRunning, CannotRun, GatherError, MissingTool, NotAStateFolder, PortTaken, StartFailed,
    TooManyInstances, TooManyNotifications, UnsupportedUrlMap,
)  # fmt: skip
"""What `run` raises; the messages are for the user."""

Say = Callable[[str], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How to run. `root` is the project's folder; `music` is added once everything is ready."""

    root: Path
    state: StateFolder
    port: int = 8080
    fresh: bool = False
    demo: bool = True
    firestore_memory_mib: int = 512
    music: tuple[Path, ...] = ()

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.port}"


def run(options: Options, say: Say) -> None:
    """Run until Ctrl-C or SIGTERM.

    Raises what stands in the way, one of `CANNOT_RUN`; whatever was started has been ended.
    """
    lock = options.state.lock()
    try:
        refuse_taken_port(options.port)
        tools.find_all(say)
        firebase_tools.find(say)
        bqemulator.find(say)
        if options.fresh:
            options.state.forget()
        options.state.make()
        _log_to(options.state.logs / "runner.log")
        asyncio.run(_Run(options, say).until_stopped())
    finally:
        options.state.status.unlink(missing_ok=True)
        os.close(lock)


class _Run:
    """One run, from start to stop."""

    def __init__(self, options: Options, say: Say) -> None:
        self._options = options
        self._state = options.state
        self._say = say
        self._stop = asyncio.Event()
        self._failure: StartFailed | None = None
        self._started_at = time.monotonic()
        self._processes = Processes(self._state.logs, self._on_exit)
        self._addresses = Addresses(self._state)
        self._backends = Backends(
            self._state,
            self._processes,
            self._addresses,
            say,
            firestore_memory_mib=options.firestore_memory_mib,
        )
        self._jobs_port = free_port()

    async def until_stopped(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        try:
            async with contextlib.AsyncExitStack() as undo:
                undo.push_async_callback(self._processes.stop_all)
                try:
                    await self._start_and_wait(undo)
                finally:
                    # Nothing that ends from now on is started again.
                    self._processes.begin_stopping()
        finally:
            # A second Ctrl-C must not cut the clean-up short, and there is nothing left to stop.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)
        if self._failure is not None:
            raise self._failure

    async def _start_and_wait(self, undo: contextlib.AsyncExitStack) -> None:
        starting = asyncio.create_task(self._start(undo))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        else:
            await starting
            await stopped
        self._say("Stopping …")

    async def _start(self, undo: contextlib.AsyncExitStack) -> None:
        """What is undone goes backwards: services end while the emulators still answer them."""
        program = await self._backends.start(undo, asyncio.to_thread(self._gather))
        cloud = self._local_cloud(program)
        commands = cloud.service_commands()
        undo.push_async_callback(self._processes.stop, [c.name for c in commands])
        jobs = JobRunner(cloud, self._processes, self._state.executions)
        await undo.enter_async_context(serving(jobs.app(), self._jobs_port))
        undo.push_async_callback(jobs.stop)
        await self._run_deployed_jobs(cloud, jobs)
        await asyncio.gather(*(self._start_process(c, restart=True) for c in commands))
        self._say(f"  {len(commands)} services: {', '.join(c.name for c in commands)}")
        await undo.enter_async_context(serving(self._edge(cloud, commands), self._options.port))
        self._in_background(undo, scheduler.run(program))
        self._in_background(undo, self._backends.deliver(program))
        for every_s, save in self._backends.saves():
            self._in_background(undo, _regularly(every_s, save))
        if (resumed := jobs.resume()) > 0:
            self._say(f"  taking up {resumed} job(s) that the last run left unfinished")
        self._announce(commands)
        if self._options.demo:
            self._in_background(undo, self._people(cloud).make())
        self._in_background(undo, self._music().add())

    async def _run_deployed_jobs(self, cloud: LocalCloud, jobs: JobRunner) -> None:
        for job in cloud.deployed_jobs():
            if not await jobs.run_to_end(job):
                raise StartFailed(f"{job} failed; see {self._processes.log_path(job)}")

    def _gather(self) -> gather.Program:
        name, config = gather.stack_config(self._options.root, STACK)
        local = {
            "gcp:project": PROJECT,
            f"{name}:public_url": self._options.public_url,
            f"{name}:storage_url": self._backends.addresses()["storage"],
            # The emulator signs in with a Google of its own, and asks for neither.
            f"{name}:google_client_id": "local",
            f"{name}:google_client_secret": "local",
        }
        return gather.gather(
            self._options.root / "infra",
            project=name,
            stack=STACK,
            config={**config, **local},
            compute=self._addresses.compute,
        )

    def _local_cloud(self, program: gather.Program) -> LocalCloud:
        return LocalCloud(
            program=program,
            addresses=self._addresses,
            emulators={
                **self._backends.environment(),
                "CLOUD_RUN_EMULATOR_HOST": f"127.0.0.1:{self._jobs_port}",
                # Google's clients would look for a metadata server, and wait for it.
                "NO_GCE_CHECK": "true",
            },
            root=self._options.root,
            unpacked=self._state.functions,
        )

    def _edge(self, cloud: LocalCloud, commands: list[Command]) -> web.Application:
        write_private(self._state.signing_keys, cloud.secret("signing-keys"))
        url = self._options.public_url
        dev = DevIssuer.from_file(self._state.signing_keys, issuer=url, audience=url)
        write_private(self._state.dev_token, dev.token())
        edge = Edge(
            url_map=urlmap.read(cloud.program),
            unit_urls={c.name: f"http://127.0.0.1:{c.port}" for c in commands},
            storage_url=self._backends.bare_storage_url,
        )
        return edge.app()

    def _announce(self, commands: list[Command]) -> None:
        seconds = time.monotonic() - self._started_at
        self._state.write_status(
            {
                "url": self._options.public_url,
                "pid": os.getpid(),
                "ready_after_s": round(seconds, 2),
                **self._backends.addresses(),
                "cloud_run": f"127.0.0.1:{self._jobs_port}",
                "services": {c.name: f"http://127.0.0.1:{c.port}" for c in commands},
                "processes": self._processes.pids(),
            }
        )
        self._say(f"Ready after {seconds:.1f} s: {self._options.public_url}")
        self._say(f"  token   {self._state.dev_token}")
        self._say(
            "  try     cadenza add FOLDER · cadenza play TRACK · cadenza status · cadenza logs"
        )

    def _people(self, cloud: LocalCloud) -> DemoPeople:
        return DemoPeople(
            cloud,
            self._processes,
            self._state,
            url=self._options.public_url,
            say=self._say,
        )

    def _music(self) -> Music:
        return Music(
            self._processes,
            self._state,
            api=self._options.public_url,
            folders=self._options.music,
            demo=self._options.demo,
            say=self._say,
        )

    async def _start_process(self, command: Command, *, restart: bool = False) -> None:
        await self._processes.start(command, ready_within_s=READY_WITHIN_S, restart=restart)

    def _on_exit(self, name: str, code: int) -> None:
        if name in backends.NAMES:
            log_path = self._processes.log_path(name)
            self._failure = StartFailed(f"the {name} emulator ended ({code}); see {log_path}")
            self._stop.set()
        else:
            self._say(f"  {name} ended with code {code}; starting it again")

    @staticmethod
    def _in_background(undo: contextlib.AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
        async def logged() -> None:
            try:
                await work
            except Exception:  # the platform goes on without it
                log.exception("%r failed", work)

        task = asyncio.create_task(logged())

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        undo.push_async_callback(end)


async def _regularly(every_s: float, save: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """So that a crash loses little."""
    while True:
        await asyncio.sleep(every_s)
        await save()


def _log_to(path: Path) -> None:
    logging.basicConfig(
        filename=path,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
