"""The emulators behind one run: started, filled with what is declared, saved, told of."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from emulators import (
    bigquery,
    bqemulator,
    firebase_auth,
    firebase_tools,
    firestore,
    postgres,
    pubsub,
    pump,
    pusher,
    redis,
    storage,
)
from emulators.addresses import Addresses
from emulators.bigquery_ml.server import BigQueryMl
from emulators.gather import Program
from emulators.processes import Command, Processes, free_port
from emulators.resumable import ResumableUploads
from emulators.serving import serving
from emulators.state import StateFolder

PROJECT = "demo-cadenza"
DATABASE = "(default)"
READY_WITHIN_S = 60.0
SAVE_EVERY_S = 15.0
# Sooner: the database keeps every sign-up at once, and must not know people that Auth forgot.
SAVE_PEOPLE_EVERY_S = 2.0

NAMES = {
    bigquery.NAME, firebase_auth.NAME, firestore.NAME, postgres.NAME, pubsub.NAME, redis.NAME,
    storage.NAME,
}  # fmt: skip

Save = Callable[[], Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)


class Backends:
    """Firestore, Pub/Sub, Cloud Storage, BigQuery, PostgreSQL, Firebase Auth; Redis if declared."""

    def __init__(
        self,
        state: StateFolder,
        processes: Processes,
        addresses: Addresses,
        say: Callable[[str], None],
        *,
        firestore_memory_mib: int,
    ) -> None:
        self._state = state
        self._processes = processes
        self._addresses = addresses
        self._say = say
        self._firestore_memory_mib = firestore_memory_mib
        self._auth_port = free_port()
        self._bigquery_port = free_port()
        self._bare_bigquery_port = free_port()
        self._bigquery_grpc_port = free_port()
        self._firestore_port = free_port()
        self._pubsub_port = free_port()
        self._storage_port = free_port()
        self._bare_storage_port = free_port()

    @property
    def bare_storage_url(self) -> str:
        """fake-gcs-server itself, behind the front that keeps resumable uploads."""
        return f"http://127.0.0.1:{self._bare_storage_port}"

    @property
    def _bare_bigquery_url(self) -> str:
        """bqemulator itself, behind the front that knows models."""
        return f"http://127.0.0.1:{self._bare_bigquery_port}"

    @property
    def _bigquery(self) -> bigquery.BigQuery:
        return bigquery.BigQuery(self._bare_bigquery_url, PROJECT)

    @property
    def _postgres_port(self) -> int:
        return self._addresses.port_of(postgres.NAME)

    def environment(self) -> dict[str, str]:
        """The variables that point Google's clients here."""
        here = self.addresses()
        return {
            "BIGQUERY_EMULATOR_HOST": here["bigquery"],
            "FIRESTORE_EMULATOR_HOST": here["firestore"],
            "PUBSUB_EMULATOR_HOST": here["pubsub"],
            "STORAGE_EMULATOR_HOST": here["storage"],
            "FIREBASE_AUTH_EMULATOR_HOST": here["firebase_auth"],
        }

    def addresses(self) -> dict[str, str]:
        """Where each answers, by its name."""
        return {
            "bigquery": f"http://127.0.0.1:{self._bigquery_port}",
            "firestore": f"127.0.0.1:{self._firestore_port}",
            "pubsub": f"127.0.0.1:{self._pubsub_port}",
            "storage": f"http://127.0.0.1:{self._storage_port}",
            "postgres": f"127.0.0.1:{self._postgres_port}",
            "firebase_auth": f"127.0.0.1:{self._auth_port}",
        }

    def saves(self) -> list[tuple[float, Save]]:
        """What is to be written to disk while the run lasts, and every how many seconds."""
        return [(SAVE_EVERY_S, self._save), (SAVE_PEOPLE_EVERY_S, self._save_people)]

    async def start(
        self, undo: contextlib.AsyncExitStack, gathering: Awaitable[Program]
    ) -> Program:
        """The emulators start while the program is gathered: neither needs the other yet."""
        began = time.monotonic()
        fire = firestore.command(
            self._firestore_port, self._state.firestore, self._firestore_memory_mib
        )
        messages = pubsub.command(self._pubsub_port, self._state.logs)
        _, _, _, _, _, program = await asyncio.gather(
            self._start_process(fire),
            self._start_process(messages),
            self._start_postgres(undo),
            self._start_auth(),
            self._start_bigquery(undo),
            gathering,
        )
        self._say(
            f"  {len(program.resources)} declared resources; Firestore, Pub/Sub, PostgreSQL, "
            f"BigQuery and Firebase Auth ({time.monotonic() - began:.1f} s)"
        )
        await postgres.make(self._postgres_port, program)
        if program.all(redis.INSTANCE):
            port = self._addresses.port_of(redis.NAME)
            await self._start_process(redis.command(port, self._state.logs))
        address = f"127.0.0.1:{self._pubsub_port}"
        await asyncio.gather(pubsub.PubSub(address).make(program), self._bigquery.make(program))
        await self._start_process(
            storage.command(
                self._bare_storage_port,
                self._state.storage,
                program,
                pubsub_address=address,
                public_address=f"127.0.0.1:{self._storage_port}",
            )
        )
        await storage.make_buckets(self._bare_storage_port, program)
        await storage.put_objects(self._bare_storage_port, program)
        undo.push_async_callback(self._save)
        undo.push_async_callback(self._save_people)
        uploads = ResumableUploads(self.bare_storage_url)
        await undo.enter_async_context(serving(uploads.app(), self._storage_port))
        models = BigQueryMl(self._bare_bigquery_url, self.bare_storage_url, self._state.models)
        await undo.enter_async_context(serving(models.app(), self._bigquery_port))
        return program

    async def deliver(self, program: Program) -> None:
        """Delivers what is published, to units and into BigQuery, until cancelled."""
        address = self.addresses()["pubsub"]
        await asyncio.gather(
            pusher.run(program, address),
            pump.run(program, pubsub_address=address, bigquery=self._bigquery),
        )

    async def _start_bigquery(self, undo: contextlib.AsyncExitStack) -> None:
        environment = await asyncio.to_thread(bqemulator.find, self._say)
        command = bigquery.command(
            self._bare_bigquery_port,
            self._bigquery_grpc_port,
            self._state.bigquery,
            environment,
            PROJECT,
        )
        await self._start_process(command)
        # Ended politely, it has written everything to its file.
        undo.push_async_callback(self._processes.stop, [bigquery.NAME])

    async def _start_postgres(self, undo: contextlib.AsyncExitStack) -> None:
        command = await asyncio.to_thread(
            postgres.command, self._postgres_port, self._state.postgres
        )
        await self._start_process(command)
        # Ended politely, it has nothing to recover when it starts again.
        undo.push_async_callback(self._processes.stop, [postgres.NAME])

    async def _start_auth(self) -> None:
        folder = self._state.firebase_auth
        package = firebase_tools.find(self._say)
        await self._start_process(firebase_auth.command(self._auth_port, folder, package, PROJECT))
        await firebase_auth.restore(self._auth_port, folder, PROJECT)

    async def _start_process(self, command: Command) -> None:
        await self._processes.start(command, ready_within_s=READY_WITHIN_S, restart=False)

    async def _save(self) -> None:
        try:
            await firestore.save(self._firestore_port, self._state.firestore, PROJECT, DATABASE)
        except Exception:  # the next one may work, and the last one counts
            log.exception("the snapshot of Firestore failed")

    async def _save_people(self) -> None:
        try:
            await firebase_auth.save(self._auth_port, self._state.firebase_auth, PROJECT)
        except Exception:  # likewise
            log.exception("the accounts of Firebase Auth were not saved")
