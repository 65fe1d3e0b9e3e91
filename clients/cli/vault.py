"""Where sign-ins are kept: the system's keyring, or a file that only its owner can read."""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from clients.cli.oauth import Tokens

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "cadenza"
LOCK_TIMEOUT_S = 30.0
_LOCK_POLL_S = 0.05


class VaultBusy(Exception):
    """Another command has held the sign-ins for too long."""


class Vault:
    """One sign-in for each platform's address.

    `keyring` is the system's, or None where it has none that is worth the name.
    """

    def __init__(self, folder: Path, keyring: "KeyringBackend | None") -> None:
        self._folder = folder
        self._keyring = keyring
        self._file = folder / "sign-ins.json"

    @classmethod
    def of_this_user(cls) -> "Vault":
        return cls(Path(typer.get_app_dir("cadenza")), _system_keyring())

    def load(self, address: str) -> Tokens | None:
        """The sign-in to a platform, if there is one."""
        text = self._in_keyring(address) or self._in_file().get(address)
        if not text:
            return None
        try:
            return msgspec.json.decode(text, type=Tokens)
        except msgspec.DecodeError:
            return None

    def save(self, address: str, tokens: Tokens) -> str:
        """Keeps a sign-in, and says where."""
        text = msgspec.json.encode(tokens).decode()
        if self._keyring is not None:
            from keyring.errors import KeyringError

            # Some systems' keyrings take only short texts: whatever the reason, the file does.
            with contextlib.suppress(KeyringError, OSError):
                self._keyring.set_password(SERVICE, address, text)
                self._write({**self._in_file(), address: None})
                return f"the keyring ({self._keyring.name})"
        self._write({**self._in_file(), address: text})
        return str(self._file)

    def forget(self, address: str) -> None:
        """Forgets a sign-in, wherever it lies."""
        if self._keyring is not None:
            from keyring.errors import KeyringError

            with contextlib.suppress(KeyringError, OSError):
                self._keyring.delete_password(SERVICE, address)
        self._write({**self._in_file(), address: None})

    @contextlib.contextmanager
    def locked(self, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
        """Keeps other commands from renewing a sign-in meanwhile; raises `VaultBusy`.

        Without file locks (Windows) the server's patience with two renewals at once has to do.
        """
        try:
            import fcntl
        except ImportError:
            yield
            return
        self._make_folder()
        deadline = time.monotonic() + timeout_s
        with (self._folder / "lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise VaultBusy("Another command is renewing the sign-in") from None
                    time.sleep(_LOCK_POLL_S)
            yield

    def _in_keyring(self, address: str) -> str | None:
        if self._keyring is None:
            return None
        from keyring.errors import KeyringError

        try:
            return self._keyring.get_password(SERVICE, address)
        except (KeyringError, OSError):
            return None

    def _in_file(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError):
            return {}

    def _write(self, sign_ins: dict[str, str | None]) -> None:
        kept = {address: text for address, text in sign_ins.items() if text is not None}
        if not kept:
            self._file.unlink(missing_ok=True)
            return
        self._make_folder()
        # Temporary files are made readable by their owner alone.
        with tempfile.NamedTemporaryFile(
            "w", dir=self._folder, prefix=".sign-ins-", delete=False, encoding="utf-8"
        ) as part:
            json.dump(kept, part)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(self._file)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _system_keyring() -> "KeyringBackend | None":
    import keyring

    backend = keyring.get_keyring()
    # Below 1 are the one that always fails, the one that forgets, and files in plain text.
    return backend if backend.priority >= 1 else None
