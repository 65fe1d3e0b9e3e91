"""Serving gRPC on Cloud Run: a service beside its health, until the process is asked to stop.

Cloud Run checks who calls, and ends TLS.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.api_core.exceptions import Aborted, RetryError, ServerError, TooManyRequests
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from shared import settings, telemetry
from shared.errors import Unavailable
from shared.settings import UnitSettings
from shared.telemetry import fields

# Cloud Run kills ten seconds after it asks to stop.
GRACE_S = 8.0
_OUTAGES = (Aborted, RetryError, ServerError, TooManyRequests, Unavailable)

S = TypeVar("S", bound=UnitSettings)

log = logging.getLogger(__name__)


class Server:
    """A gRPC server. `name` is the service's full name, under which its health is asked for.

    `add` registers the service. Calls that are under way have `grace_s` seconds to end.
    """

    def __init__(
        self, name: str, add: Callable[[grpc.aio.Server], None], *, grace_s: float = GRACE_S
    ) -> None:
        self._name = name
        self._grace_s = grace_s
        self._health = health.aio.HealthServicer()
        # Without port sharing a port that is taken is an error, not a fight.
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add(self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    async def start(self, address: str) -> int:
        """Returns the port."""
        port: int = self._server.add_insecure_port(address)
        await self._server.start()
        for name in ("", self._name):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        log.info("serving", extra=fields(port=port))
        return port

    async def stop(self) -> None:
        """Takes no more calls, and ends those under way."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._grace_s)

    async def run(self, port: int) -> None:
        """Serves until the process is asked to stop."""
        asked_to_stop = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, asked_to_stop.set)
        await self.start(f"[::]:{port}")
        await asked_to_stop.wait()
        await self.stop()


def main(into: type[S], create: Callable[[S], Server]) -> None:
    """Reads the settings, and serves on `PORT` what `create` makes of them."""
    configured = settings.load(into)
    telemetry.configure(configured.google_cloud_project, configured.log_level)

    async def serve() -> None:
        await create(configured).run(int(os.environ.get("PORT", "8080")))

    asyncio.run(serve())


@asynccontextmanager
async def outages_end(context: Any, message: str) -> AsyncIterator[None]:
    """Ends the call with `UNAVAILABLE` where what it reads is not answering."""
    try:
        yield
    except _OUTAGES as error:
        log.warning(message, exc_info=error)
        await context.abort(grpc.StatusCode.UNAVAILABLE, message)


async def refuse(context: Any, message: str) -> None:
    """Ends the call: its caller asks for what makes no sense."""
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
