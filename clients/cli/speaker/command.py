"""The command `speaker`."""

import asyncio
import contextlib
import platform
import signal
import uuid
from pathlib import Path
from typing import Annotated

import typer

from clients.cli import login, settings
from clients.cli.connections import Connections
from clients.cli.failures import explained
from clients.cli.options import ApiOption, TokenFileOption
from clients.cli.play import Quality
from clients.cli.reports import Spool
from clients.cli.settings import SIGNED_IN, NoToken, Settings
from clients.cli.speaker.connect import ConnectApi
from clients.cli.speaker.device import Speaker
from clients.cli.speaker.outputs import Kind, output_of
from shared import ids


def register(app: typer.Typer) -> None:
    app.command("speaker")(speaker_command)


def speaker_command(
    *,
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What the device is called.")] = "Speaker",
    output: Annotated[Kind, typer.Option(help="Where the sound goes.")] = Kind.ffplay,
    quality: Annotated[Quality, typer.Option(help="The most that you want.")] = Quality.high,
    volume: Annotated[int, typer.Option(min=0, max=100, help="To begin with, in percent.")] = 60,
    device_id: Annotated[
        str, typer.Option("--id", help="The device's own id; else one made of its name.")
    ] = "",
    api: ApiOption = "",
    token_file: TokenFileOption = None,
) -> None:
    """Be a speaker that plays what you choose elsewhere."""
    connections = Connections.of(context)
    address = settings.find_address(api)
    with explained():
        known = _known(connections, address, token_file)
    own_id = device_id or ids.derive("speaker", platform.node(), str(uuid.getnode()), name)
    with explained(known):
        asyncio.run(_run(connections, known, name, own_id, output, quality=quality, volume=volume))


def _known(connections: Connections, address: str, token_file: Path | None) -> Settings:
    """As other commands have it; where nobody is signed in, a code is shown to do so elsewhere."""
    try:
        return connections.settings(api=address, token_file=token_file)
    except NoToken:
        server = connections.server(address)
        tokens = asyncio.run(login.by_code(server, sleep=connections.patience.sleep))
        where = connections.vault().save(address, tokens)
        typer.echo(f"Signed in to {address}; kept in {where}.")
        return Settings(address, SIGNED_IN)


async def _run(
    connections: Connections,
    known: Settings,
    name: str,
    device_id: str,
    kind: Kind,
    *,
    quality: Quality,
    volume: int,
) -> None:
    spool = Spool(Path(typer.get_app_dir("cadenza")) / f"plays-{device_id}.jsonl")
    async with connections.api_as(ConnectApi, known) as api, connections.cdn() as cdn:
        speaker = Speaker(
            api,
            lambda ended: output_of(kind, api, cdn, ended, quality),
            spool,
            device_id=device_id,
            name=name,
            volume_percent=volume,
            say=lambda text: typer.echo(f"{name}: {text}"),
        )
        typer.echo(f"{name} is ready (device {device_id}). Ctrl-C ends it.")
        life = asyncio.create_task(speaker.run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such handlers; there Ctrl-C ends the loop.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, life.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await life
    typer.echo(f"{name} is gone.")
