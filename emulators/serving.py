"""Small servers of our own on this machine."""

import contextlib
import socket
from collections.abc import AsyncIterator

from aiohttp import web


class PortTaken(Exception):
    """Somebody else listens where the edge should; the message says how to go on."""


def refuse_taken_port(port: int) -> None:
    """Raises `PortTaken` if another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise _taken(port) from error


def _taken(port: int) -> PortTaken:
    return PortTaken(f"port {port} is in use by another program; choose one with: --port N")


@contextlib.asynccontextmanager
async def serving(app: web.Application, port: int) -> AsyncIterator[None]:
    """Serve on both loopbacks: `localhost` is either. Raises `PortTaken`."""
    # Bodies are passed on as they come: a compressed one is for its receiver to unpack.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, auto_decompress=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError as error:
            raise _taken(port) from error
        with contextlib.suppress(OSError):  # a machine without IPv6
            await web.TCPSite(runner, "::1", port).start()
        yield
    finally:
        await runner.cleanup()
