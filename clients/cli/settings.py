"""Which platform the command line speaks to, and with which token."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

DEFAULT_API = "http://localhost:8080"
DEVELOPMENT_TOKEN = Path(".cadenza", "dev-token")
PROJECT_ROOT = Path(__file__).resolve().parents[2]


class NoToken(Exception):
    """No access token was found; the message says where it may be put."""


class Token(msgspec.Struct, frozen=True):
    """An access token and, for messages, where it came from."""

    value: str
    source: str


class Settings(msgspec.Struct, frozen=True):
    """The platform's address, without a slash at its end, and the token to call it with."""

    api: str
    token: Token


def load(
    *,
    api: str = "",
    token_file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """What the options, then the environment, then the files say; raises `NoToken`."""
    address = api or environ.get("CADENZA_API", "") or DEFAULT_API
    if "://" not in address:
        address = f"http://{address}"
    return Settings(
        address.rstrip("/"), find_token(token_file, environ=environ, folder=folder or Path.cwd())
    )


def find_token(token_file: Path | None, *, environ: Mapping[str, str], folder: Path) -> Token:
    """The file given, else `CADENZA_TOKEN`, else the development token of a local platform.

    The latter lies in `.cadenza/dev-token` of `folder`, of a folder above it, or of the project
    that this program was installed from.
    """
    if token_file is not None:
        return _read(token_file)
    if value := environ.get("CADENZA_TOKEN", "").strip():
        return Token(value, "CADENZA_TOKEN")
    for root in (folder, *folder.parents, PROJECT_ROOT):
        if (path := root / DEVELOPMENT_TOKEN).is_file():
            return _read(path)
    raise NoToken(
        "No access token. Set CADENZA_TOKEN, give --token-file, "
        "or start a local platform with `cadenza up`, which writes a development token."
    )


def _read(path: Path) -> Token:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoToken(f"The token file {path} cannot be read: {error}") from error
    if not value:
        raise NoToken(f"The token file {path} is empty.")
    return Token(value, str(path))
