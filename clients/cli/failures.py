"""What a user is told when something does not work, and the exit code that goes with it."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from clients.cli.api import ApiError, Unreachable
from clients.cli.files import NotThere
from clients.cli.hls import BadPlaylist
from clients.cli.login import LoginFailed
from clients.cli.media import MediaUnavailable
from clients.cli.oauth import NoServer, Refused
from clients.cli.play import NoRendition, NotATrack
from clients.cli.player import NoPlayer, PlaybackFailed
from clients.cli.session import SignedOut
from clients.cli.settings import SIGNED_IN, NoToken, Settings
from clients.cli.vault import VaultBusy

# Some of the work was done, some was refused.
REJECTED = 1
# Nothing could be done: wrong usage, no platform, no leave.
UNUSABLE = 2


class Unusable(Exception):
    """The command cannot do what it was asked; the message says why."""


_EXPLAINED = (
    ApiError,
    BadPlaylist,
    LoginFailed,
    MediaUnavailable,
    NoPlayer,
    NoRendition,
    NoServer,
    NoToken,
    NotATrack,
    NotThere,
    PlaybackFailed,
    Refused,
    SignedOut,
    Unreachable,
    Unusable,
    VaultBusy,
)


@contextmanager
def explained(known: Settings | None = None) -> Iterator[None]:
    """Ends the command with a message in place of a traceback, for failures that are expected."""
    try:
        yield
    except _EXPLAINED as error:
        typer.echo(explain(error, known), err=True)
        raise typer.Exit(UNUSABLE) from error


def explain(error: Exception, known: Settings | None) -> str:
    """The failure in the user's terms, with what to do about it."""
    if isinstance(error, Unreachable):
        return f"{error}\nIs the platform running? `cadenza up` starts one on this machine."
    if isinstance(error, ApiError):
        return _explain_answer(error, known)
    return str(error)


def _explain_answer(error: ApiError, known: Settings | None) -> str:
    where = f" ({known.token.source})" if known else ""
    match error.status:
        case 401:
            advice = "A local platform writes a fresh one when `cadenza up` starts it."
            if known and known.token == SIGNED_IN:
                advice = "`cadenza login` signs in anew."
            return f"The access token{where} was refused: {error.message}\n{advice}"
        case 403:
            return f"The access token{where} does not allow this: {error.message}"
        case 404:
            return f"Not found: {error.message}"
        case _:
            return f"The platform answered {error.status}: {error.message}"
