"""Which platform the command line speaks to, and with which token."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

DEFAULT_API = "http://localhost:8080"
DEVELOPMENT_TOKEN = Path(".cadenza", "dev-token")
PROJECT_ROOT = Path(__file__).resolve().parents[2]


class NoToken(Exception):
    """No access token was found; the message says where it may be put."""


class Token(msgspec.Struct, frozen=True):
    """An access token and, for messages, where it came from.

    The value is "" where a sign-in gives it: it is fetched when it is needed, and renewed.
    """

    value: str
    source: str


SIGNED_IN = Token("", "your sign-in")


class Settings(msgspec.Struct, frozen=True):
    """The platform's address, without a slash at its end, and the token to call it with."""

    api: str
    token: Token


def load(
    *,
    api: str = "",
    token_file: Path | None = None,
    has_sign_in: Callable[[str], bool] = lambda address: False,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """What the options, then the environment, then the sign-in, then the files say.

    Raises `NoToken`.
    """
    address = find_address(api, environ=environ)
    token = find_token(
        token_file,
        environ=environ,
        folder=folder or Path.cwd(),
        has_sign_in=lambda: has_sign_in(address),
    )
    return Settings(address, token)


def find_address(api: str = "", *, environ: Mapping[str, str] = os.environ) -> str:
    """The platform's address, without a slash at its end."""
    address = api or environ.get("CADENZA_API", "") or DEFAULT_API
    if "://" not in address:
        address = f"http://{address}"
    return address.rstrip("/")


def find_token(
    token_file: Path | None,
    *,
    environ: Mapping[str, str],
    folder: Path,
    has_sign_in: Callable[[], bool] = lambda: False,
) -> Token:
    """The file given, else `CADENZA_TOKEN`, else the sign-in, else a local platform's own token.

    The latter lies in `.cadenza/dev-token` of `folder`, of a folder above it, or of the project
    that this program was installed from.
    """
    if token_file is not None:
        return _read(token_file)
    if value := environ.get("CADENZA_TOKEN", "").strip():
        return Token(value, "CADENZA_TOKEN")
    if has_sign_in():
        return SIGNED_IN
    for root in (folder, *folder.parents, PROJECT_ROOT):
        if (path := root / DEVELOPMENT_TOKEN).is_file():
            return _read(path)
    raise NoToken(
        "No access token. Sign in with `cadenza login`, set CADENZA_TOKEN, give --token-file, "
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
