"""The commands `login`, `logout` and `whoami`."""

import asyncio
from typing import Annotated

import typer

from clients.cli import login, settings
from clients.cli.api import Me, Unreachable
from clients.cli.connections import Connections
from clients.cli.failures import explained
from clients.cli.oauth import NoServer, Refused, Tokens
from clients.cli.options import ApiOption, TokenFileOption
from clients.cli.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("login")(login_command)
    app.command("logout")(logout_command)
    app.command("whoami")(whoami_command)


def login_command(
    *,
    context: typer.Context,
    api: ApiOption = "",
    device: Annotated[
        bool, typer.Option("--device", help="Sign in by a code, on another device.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, help="How long to wait for the browser, in seconds.")
    ] = login.BROWSER_TIMEOUT_S,
) -> None:
    """Sign in to a platform."""
    connections = Connections.of(context)
    address = settings.find_address(api)
    with explained():
        tokens = asyncio.run(_login(connections, address, device=device, timeout_s=timeout))
        where = connections.vault().save(address, tokens)
    typer.echo(f"Signed in to {address}; kept in {where}.")


def logout_command(*, context: typer.Context, api: ApiOption = "") -> None:
    """Sign out of a platform, here and there."""
    connections = Connections.of(context)
    address = settings.find_address(api)
    vault = connections.vault()
    tokens = vault.load(address)
    if tokens is None:
        typer.echo(f"You are not signed in to {address}.")
        return
    # Here first: whoever signs out must be signed out even if the platform is away.
    vault.forget(address)
    try:
        asyncio.run(connections.server(address).revoke(tokens.refresh_token))
    except (NoServer, Refused, Unreachable) as error:
        typer.echo(f"Signed out here; the platform does not know of it: {error}", err=True)
        return
    typer.echo(f"Signed out of {address}.")


def whoami_command(
    *, context: typer.Context, api: ApiOption = "", token_file: TokenFileOption = None
) -> None:
    """Show who is signed in."""
    connections = Connections.of(context)
    with explained():
        known = connections.settings(api=api, token_file=token_file)
    with explained(known):
        me = asyncio.run(_whoami(connections, known))
    typer.echo(_line_of(me, known))


async def _login(
    connections: Connections, address: str, *, device: bool, timeout_s: float
) -> Tokens:
    server = connections.server(address)
    if device:
        return await login.by_code(server, sleep=connections.patience.sleep)
    return await login.in_browser(
        server, open_browser=connections.open_browser, timeout_s=timeout_s
    )


async def _whoami(connections: Connections, known: Settings) -> Me:
    async with connections.api(known) as api:
        return await api.me()


def _line_of(me: Me, known: Settings) -> str:
    name = me.display_name or me.id
    email = f" <{me.email}>" if me.email else ""
    details = ", ".join(detail for detail in (me.product, me.country) if detail)
    about = f" ({details})" if details else ""
    return f"{name}{email}{about} at {known.api}, by {known.token.source}"
