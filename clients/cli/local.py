"""The commands that run the platform on this machine, where its emulators are installed."""

import typer

_COMMANDS = {
    "up": "Run the whole platform on this machine.",
    "status": "Show what of the local platform runs.",
    "logs": "Show the local platform's logs.",
}


def register(app: typer.Typer) -> None:
    """Adds `up`, `status` and `logs`, or stand-ins that say what is missing."""
    try:
        from emulators.commands import register as register_platform
    except ModuleNotFoundError as error:
        for name, purpose in _COMMANDS.items():
            _add_stand_in(app, name, purpose, missing=error.name or str(error))
    else:
        register_platform(app)


def _add_stand_in(app: typer.Typer, name: str, purpose: str, *, missing: str) -> None:
    @app.command(name, help=purpose)
    def stand_in() -> None:
        typer.echo(
            f"`cadenza {name}` needs {missing}, which is not installed.\n"
            "In a checkout of the project, `uv sync` installs all that the local platform needs.",
            err=True,
        )
        raise typer.Exit(2)
