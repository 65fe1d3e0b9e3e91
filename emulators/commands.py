"""`cadenza up`, `cadenza status` and `cadenza logs`."""

import gc
import os
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from emulators.state import StateFolder

ROOT = Path(__file__).parent.parent

StateOption = Annotated[
    Path, typer.Option("--state", help="The folder that keeps everything between runs.")
]
_DEFAULT_STATE = ROOT / ".cadenza"


def register(app: typer.Typer) -> None:
    """Add the commands of the local cloud to the command line."""
    app.command()(up)
    app.command()(status)
    app.command()(logs)


def up(
    music: Annotated[
        list[Path] | None, typer.Argument(help="Folders of music to add when ready.")
    ] = None,
    *,
    port: Annotated[int, typer.Option(help="The port of the edge.")] = 8080,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier runs kept.")] = False,
    demo: Annotated[bool, typer.Option(help="Add demo tracks to an empty state.")] = True,
    firestore_memory: Annotated[
        int,
        typer.Option(min=256, help="MiB for Firestore's emulator; 512 hold 100,000 tracks."),
    ] = 512,
    state: StateOption = _DEFAULT_STATE,
) -> None:
    """Run the whole platform on this machine until Ctrl-C."""
    from emulators.runner import CANNOT_RUN, Options, run

    for folder in music or []:
        if not folder.exists():
            _fail(f"{folder} does not exist")
    options = Options(
        root=ROOT,
        state=StateFolder(state.resolve()),
        port=port,
        fresh=fresh,
        demo=demo,
        firestore_memory_mib=firestore_memory,
        music=tuple(folder.resolve() for folder in music or []),
    )
    typer.echo("Starting Cadenza …")
    try:
        run(options, _say)
    except CANNOT_RUN as error:
        _fail(str(error))
    # Taking the declared program apart object by object would hold the terminal for a second.
    gc.freeze()
    typer.echo("Stopped; what was added is kept.")


def status(
    state: StateOption = _DEFAULT_STATE,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what runs, and where."""
    folder = StateFolder(state.resolve())
    running = folder.read_status() if folder.is_running() else None
    if running is None:
        _fail("Cadenza does not run; start it with: make up")
    if as_json:
        typer.echo(folder.status.read_text())
        return
    typer.echo(f"Cadenza runs at {running['url']} (ready after {running['ready_after_s']} s)")
    for kind in ("firestore", "pubsub", "storage", "postgres", "firebase_auth"):
        typer.echo(f"  {kind:16} {running[kind]}")
    for name, url in sorted(running["services"].items()):
        typer.echo(f"  {name:16} {url}")


def logs(
    service: Annotated[str | None, typer.Argument(help="One service; all without it.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they grow.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many lines of each.")] = 50,
    state: StateOption = _DEFAULT_STATE,
) -> None:
    """Show what the services, jobs and emulators have logged."""
    folder = StateFolder(state.resolve()).logs
    known = sorted(path.stem for path in folder.glob("*.log"))
    if service is not None and service not in known:
        _fail(f"there is no log of {service}; there is: {', '.join(known) or 'none yet'}")
    tails = {name: _Tail(name, folder / f"{name}.log") for name in known}
    for name, tail in tails.items():
        if service in (None, name):
            tail.show(last=lines)
    while follow:
        time.sleep(0.3)
        for path in sorted(folder.glob("*.log")):
            if service in (None, path.stem):
                tails.setdefault(path.stem, _Tail(path.stem, path)).show()


class _Tail:
    """Shows a log's whole lines as they come, also when the file is begun anew."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path
        self._position = 0

    def show(self, last: int | None = None) -> None:
        """Show the lines that were not read yet, or the last of them."""
        try:
            with self._path.open("rb") as log:
                if log.seek(0, os.SEEK_END) < self._position:
                    self._position = 0
                log.seek(self._position)
                fresh = log.read()
        except FileNotFoundError:
            return
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._position += len(whole)
        shown = whole.decode(errors="replace").splitlines()
        for line in shown if last is None else shown[max(0, len(shown) - last) :]:
            typer.echo(f"{self._name:16} {line}")


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
