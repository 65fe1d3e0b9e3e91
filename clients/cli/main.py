"""The `cadenza` command."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from clients.cli import account, import_, local, play, player, report
from clients.cli import add as adding
from clients.cli.connections import Connections
from clients.cli.failures import REJECTED, Unusable, explained
from clients.cli.files import Song, find_songs
from clients.cli.options import ApiOption, TokenFileOption
from clients.cli.play import Delivery, Quality
from clients.cli.settings import Settings
from clients.cli.speaker import command as speaker
from clients.cli.upload import Uploader

app = typer.Typer(
    help="Cadenza: a music-streaming platform that anyone can own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.command("add")
def add_command(
    *,
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Audio files, or folders of them.")],
    api: ApiOption = "",
    token_file: TokenFileOption = None,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Files on their way at once.")] = 4,
    wait: Annotated[bool, typer.Option(help="Wait until the tracks can be played.")] = True,
    timeout: Annotated[float, typer.Option(min=0, help="How long to wait, in seconds.")] = 600,
) -> None:
    """Upload music, and wait until it can be played."""
    connections = Connections.of(context)
    with explained():
        songs = find_songs(paths)
        if not songs:
            raise Unusable("There are no audio files there.")
        known = connections.settings(api=api, token_file=token_file)
    console = Console()
    patience_s = timeout if wait else None
    with explained(known):
        outcomes = asyncio.run(
            _add(connections, console, known, songs, parallel, timeout_s=patience_s)
        )
    if console.is_terminal:
        console.print(report.table_of(outcomes))
    console.print(report.summary_of(outcomes), highlight=False)
    if any(outcome.fate in adding.UNHAPPY for outcome in outcomes):
        raise typer.Exit(REJECTED)


@app.command("play")
def play_command(
    *,
    context: typer.Context,
    track: Annotated[str, typer.Argument(help="A track's id, spotify:track: URI or address.")],
    api: ApiOption = "",
    token_file: TokenFileOption = None,
    quality: Annotated[Quality, typer.Option(help="The most that you want.")] = Quality.high,
    delivery: Annotated[Delivery, typer.Option(help="How the CDN lets you in.")] = Delivery.cookie,
    to: Annotated[Path | None, typer.Option(help="Decode to this .wav or .flac file.")] = None,
    null: Annotated[bool, typer.Option("--null", help="Decode, and only tell how much.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file of --to.")] = False,
) -> None:
    """Play a track, or decode it to a file."""
    connections = Connections.of(context)
    with explained():
        _check_target(to, null=null, force=force)
        track_id = play.track_id_of(track)
        known = connections.settings(api=api, token_file=token_file)
    with explained(known):
        asyncio.run(_play(connections, known, track_id, quality, delivery, to=to, null=null))


async def _add(
    connections: Connections,
    console: Console,
    known: Settings,
    songs: list[Song],
    parallel: int,
    *,
    timeout_s: float | None,
) -> list[adding.Outcome]:
    with ExitStack() as stack:
        watcher: adding.Watcher = report.PlainLines(console)
        if console.is_terminal:
            watcher = report.Bars(stack.enter_context(report.bars_on(console)))
        async with connections.api(known) as api, connections.storage() as storage:
            patience = connections.patience
            uploader = Uploader(storage, patience=patience)
            adder = adding.Adder(api, uploader, watcher, parallel=parallel, patience=patience)
            return await adder.add(songs, timeout_s=timeout_s)


async def _play(
    connections: Connections,
    known: Settings,
    track_id: str,
    quality: Quality,
    delivery: Delivery,
    *,
    to: Path | None,
    null: bool,
) -> None:
    async with connections.api(known) as api, connections.cdn() as cdn:
        found = await play.open_track(api, cdn, track_id, quality=quality, delivery=delivery)
        typer.echo(play.title_of(await api.track(track_id), found))
        is_flac = to is not None and to.suffix.lower() == ".flac"
        if found.lossless_withheld and (is_flac or quality is Quality.lossless):
            name = found.rendition.name
            typer.echo(f"Lossless takes a premium or family plan: this is {name}.", err=True)
        if null:
            measure = await player.measure(found.media(), found.key)
            typer.echo(f"{measure.samples} samples at {measure.sample_rate} Hz")
            typer.echo(f"{measure.duration_s:.3f} s")
        elif to is not None:
            lossless = found.rendition.lossless
            await player.write(found.media(), found.key, to, lossless=lossless)
            typer.echo(f"Wrote {to}")
        else:
            await player.aloud(found.media(), found.key, player.gain_db(found.loudness))


def _check_target(to: Path | None, *, null: bool, force: bool) -> None:
    if to is None:
        return
    if null:
        raise Unusable("--to and --null exclude each other.")
    if to.suffix.lower() not in player.WRITABLE:
        raise Unusable(f"{to} is neither a .wav nor a .flac file.")
    if not to.parent.is_dir():
        raise Unusable(f"There is no folder {to.parent}.")
    if to.exists() and not force:
        raise Unusable(f"{to} is there already; --force overwrites it.")


account.register(app)
import_.register(app)
speaker.register(app)
local.register(app)

if __name__ == "__main__":
    app()
