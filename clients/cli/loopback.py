"""The end of a sign-in in the browser: a page on this machine that the platform redirects to."""

import asyncio
import hmac
import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import msgspec

PATH = "/callback"
_READ_TIMEOUT_S = 10.0
_LONGEST_HEAD = 16 * 1024

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Cadenza</title>
<style>
:root {{ color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }}
body {{ margin: 20vh auto 0; max-width: 32rem; padding: 0 1.5rem; }}
h1 {{ font-size: 1.75rem; line-height: 1.2; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
</main>
</body>
</html>
"""


class Redirect(msgspec.Struct, frozen=True):
    """What the platform answered: a code, or an error and its description."""

    code: str
    error: str
    description: str
    issuer: str


class Loopback:
    """Waits on a free port of this machine for the answer to one sign-in attempt.

    Only a request that carries the attempt's `state` counts; anybody may send others.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self._redirect: asyncio.Future[Redirect] = asyncio.get_running_loop().create_future()
        self._page: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._shown = asyncio.Event()
        self.redirect_uri = ""

    @classmethod
    @asynccontextmanager
    async def listening(cls, state: str) -> AsyncIterator["Loopback"]:
        """A loopback that listens as long as the context lasts."""
        loopback = cls(state)
        server = await asyncio.start_server(loopback._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        port = server.sockets[0].getsockname()[1]
        loopback.redirect_uri = f"http://127.0.0.1:{port}{PATH}"
        try:
            yield loopback
        finally:
            server.close()
            if not loopback._page.done():
                loopback._page.set_result(_page("Not signed in", "The sign-in was given up."))

    async def redirect(self, timeout_s: float) -> Redirect:
        """The platform's answer; raises `TimeoutError`."""
        return await asyncio.wait_for(asyncio.shield(self._redirect), timeout_s)

    async def show(self, title: str, text: str) -> None:
        """Shows the browser how it ended, and waits a moment until it has seen it."""
        self._page.set_result(_page(title, text))
        try:
            await asyncio.wait_for(self._shown.wait(), _READ_TIMEOUT_S)
        except TimeoutError:
            return

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
            status, page = await self._answer(head)
            writer.write(_response(status, page))
            await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
            if self._page.done():
                self._shown.set()

    async def _answer(self, head: bytes) -> tuple[str, bytes]:
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        address = urlsplit(rest.partition(" ")[0])
        if address.path != PATH:
            return "404 Not Found", _page("Nothing here", "There is only a sign-in's end here.")
        if method != "GET":
            return "405 Method Not Allowed", _page("Nothing here", "Only a browser comes here.")
        query = parse_qs(address.query)
        given = query.get("state", [])
        if len(given) != 1 or not hmac.compare_digest(given[0].encode(), self._state.encode()):
            return "400 Bad Request", _page(
                "Not signed in", "This is no answer to the sign-in that was begun here."
            )
        if self._redirect.done():
            return "400 Bad Request", _page("Not signed in", "This sign-in is over already.")
        self._redirect.set_result(
            Redirect(
                code=_only(query, "code"),
                error=_only(query, "error"),
                description=_only(query, "error_description"),
                issuer=_only(query, "iss"),
            )
        )
        return "200 OK", await self._page


def _only(query: dict[str, list[str]], name: str) -> str:
    values = query.get(name, [])
    return values[0] if len(values) == 1 else ""


def _page(title: str, text: str) -> bytes:
    return _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()


def _response(status: str, page: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + page
