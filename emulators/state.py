"""The folder that keeps a local cloud between runs: `.cadenza/`."""

import fcntl
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec


class AlreadyRunning(Exception):
    """Another run holds the folder."""


class NotAStateFolder(Exception):
    """The folder holds somebody's files: nothing is to be written among them, or thrown away."""


@dataclass(frozen=True)
class StateFolder:
    """Paths in the folder, and the small files that the runner keeps there."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def storage(self) -> Path:
        return self.root / "storage"

    @property
    def bigquery(self) -> Path:
        return self.root / "bigquery"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def firestore(self) -> Path:
        return self.root / "firestore"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def firebase_auth(self) -> Path:
        return self.root / "firebase-auth"

    @property
    def functions(self) -> Path:
        return self.root / "functions"

    @property
    def executions(self) -> Path:
        return self.root / "executions"

    @property
    def dev_token(self) -> Path:
        return self.root / "dev-token"

    @property
    def people(self) -> Path:
        return self.root / "people.json"

    @property
    def signing_keys(self) -> Path:
        return self.root / "signing-keys.json"

    @property
    def status(self) -> Path:
        return self.root / "status.json"

    @property
    def _lock_file(self) -> Path:
        return self.root / "lock"

    def lock(self) -> int:
        """Take the folder for this run, and make it if needed.

        The lock is the kernel's: it goes with the process, however that ends. Raises
        `AlreadyRunning` or `NotAStateFolder`.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        if not self._lock_file.exists() and any(self.root.iterdir()):
            raise NotAStateFolder(f"{self.root} holds other files; choose an empty folder")
        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunning(
                f"a platform already runs on {self.root}; see it with: cadenza status"
            ) from None
        return handle

    def is_running(self) -> bool:
        """Whether a run holds the folder now."""
        if not self._lock_file.exists():
            return False
        try:
            os.close(self.lock())
        except AlreadyRunning:
            return True
        return False

    def forget(self) -> None:
        """Throw away everything that earlier runs kept; the lock stays."""
        for entry in self.root.iterdir():
            if entry == self._lock_file:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def make(self) -> None:
        """Make the folders that a run writes to, with empty logs."""
        for folder in (
            self.logs,
            self.storage,
            self.bigquery,
            self.models,
            self.firestore,
            self.postgres,
            self.firebase_auth,
            self.functions,
            self.executions,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()

    def random_bytes(self, name: str, length: int) -> bytes:
        """Random bytes that stay the same as long as the folder lives and the length does."""
        path = self.root / "random.json"
        values: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if len(values.get(name, "")) != 2 * length:
            values[name] = secrets.token_hex(length)
            write_private(path, json.dumps(values, indent=2))
        return bytes.fromhex(values[name])

    def demo_password(self) -> str:
        """The password of the demo people, as long as the folder lives."""
        text = self.random_bytes("demo-password", 6).hex()
        return f"demo-{text[:4]}-{text[4:8]}-{text[8:]}"

    def private_key(self, name: str) -> "ec.EllipticCurvePrivateKey":
        """A P-256 key that stays the same as long as the folder lives."""
        from cryptography.hazmat.primitives import serialization as forms
        from cryptography.hazmat.primitives.asymmetric import ec

        path = self.root / f"{name}.pem"
        if not path.exists():
            fresh = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
            )
            write_private(path, fresh.decode())
        key = forms.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise NotAStateFolder(f"{path} is not an elliptic key")
        return key

    def write_status(self, status: dict[str, Any]) -> None:
        write_private(self.status, json.dumps(status, indent=2))

    def read_status(self) -> dict[str, Any] | None:
        """What the last run wrote, or None."""
        try:
            status: dict[str, Any] = json.loads(self.status.read_text())
        except FileNotFoundError:
            return None
        return status


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads; readers see the old text or the new, never half."""
    draft = path.with_name(f".{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
