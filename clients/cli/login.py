"""Signing in: in the browser of this machine, or by a code typed in on another."""

import asyncio
import contextlib
import webbrowser
from collections.abc import Callable

import typer

from clients.cli.api import Unreachable
from clients.cli.loopback import Loopback, Redirect
from clients.cli.oauth import Attempt, AuthorizationServer, Device, Refused, Tokens
from clients.cli.retry import Sleep

BROWSER_TIMEOUT_S = 300.0
_SLOW_DOWN_S = 5.0

OpenBrowser = Callable[[str], bool]
Say = Callable[[str], None]


class LoginFailed(Exception):
    """Nobody was signed in; the message says why."""


async def in_browser(
    server: AuthorizationServer,
    *,
    open_browser: OpenBrowser,
    say: Say = typer.echo,
    timeout_s: float = BROWSER_TIMEOUT_S,
) -> Tokens:
    """Authorization code with PKCE, answered to a free port of this machine (RFC 8252).

    Raises `LoginFailed`, `NoServer` and `Unreachable`.
    """
    attempt = Attempt()
    async with Loopback.listening(attempt.state) as loopback:
        address = await server.authorization_url(attempt, loopback.redirect_uri)
        # In a thread: a browser that runs in the terminal would hold up the redirect.
        opening = asyncio.create_task(asyncio.to_thread(_open, open_browser, address))
        say(f"Sign in in your browser. If it does not open by itself, go to\n\n  {address}\n")
        try:
            redirect = await loopback.redirect(timeout_s)
        except TimeoutError:
            raise LoginFailed(f"Nobody signed in within {timeout_s:.0f} s.") from None
        finally:
            opening.cancel()
        try:
            tokens = await _exchange(server, redirect, attempt, loopback.redirect_uri)
        except (LoginFailed, Unreachable) as error:
            await loopback.show("Not signed in", str(error))
            raise
        await loopback.show(
            "You are signed in", "You may close this page and go back to the command line."
        )
        return tokens


def _open(open_browser: OpenBrowser, address: str) -> None:
    # The address has been printed: a machine without a browser is no failure.
    with contextlib.suppress(webbrowser.Error, OSError):
        open_browser(address)


async def _exchange(
    server: AuthorizationServer, redirect: Redirect, attempt: Attempt, redirect_uri: str
) -> Tokens:
    issuer = (await server.metadata()).issuer
    # RFC 9207: the answer of another server must not make us send it to ours.
    if redirect.issuer and redirect.issuer != issuer:
        raise LoginFailed("The answer came from another server than the one that was asked.")
    if redirect.error:
        raise LoginFailed(_reason(redirect.error, redirect.description))
    if not redirect.code:
        raise LoginFailed("The platform's answer holds no code.")
    try:
        return await server.exchange(redirect.code, attempt, redirect_uri)
    except Refused as error:
        raise LoginFailed(_reason(error.code, str(error))) from error


async def by_code(server: AuthorizationServer, *, sleep: Sleep, say: Say = typer.echo) -> Tokens:
    """The device flow (RFC 8628): for machines without a browser.

    Raises `LoginFailed`, `NoServer` and `Unreachable`.
    """
    try:
        device = await server.begin_device()
    except Refused as error:
        raise LoginFailed(_reason(error.code, str(error))) from error
    say(f"On any device, go to\n\n  {device.verification_uri}\n\nand enter the code\n")
    say(f"  {device.user_code}\n")
    if device.verification_uri_complete:
        say(f"or go straight to\n\n  {device.verification_uri_complete}\n")
    return await _poll(server, device, sleep)


async def _poll(server: AuthorizationServer, device: Device, sleep: Sleep) -> Tokens:
    interval = max(1.0, device.interval)
    waited = 0.0
    while waited < device.expires_in:
        await sleep(interval)
        waited += interval
        try:
            return await server.poll_device(device)
        except Unreachable:
            # RFC 8628, 3.5: ask less often while nobody answers.
            interval *= 2
        except Refused as error:
            if error.code == "slow_down":
                interval += _SLOW_DOWN_S
            elif error.code != "authorization_pending":
                raise LoginFailed(_reason(error.code, str(error))) from error
    raise LoginFailed("The code has expired.")


def _reason(code: str, description: str) -> str:
    match code:
        case "access_denied":
            return "You did not agree."
        case "expired_token":
            return "The code has expired."
        case _:
            return f"The platform refused: {description or code}"
