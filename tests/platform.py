"""The whole platform, run by the command that users run."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import msgspec

from emulators.issuer import ROLES, SCOPES, USER, DevIssuer
from emulators.processes import free_port
from emulators.state import StateFolder
from tests import sounds

ROOT = Path(__file__).parents[1]
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 20.0


class Outcome(msgspec.Struct, frozen=True):
    """What became of an upload."""

    status: str
    track_id: str
    code: str
    warnings: list[str]


@dataclass(frozen=True)
class Platform:
    """A running platform, its state folder and its process."""

    state: Path
    process: "subprocess.Popen[bytes]"

    @cached_property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads((self.state / "status.json").read_text())
        return status

    @property
    def url(self) -> str:
        return str(self.status["url"])

    def token(
        self,
        *,
        user: str = USER,
        scopes: tuple[str, ...] = SCOPES,
        lifetime_s: int = 3600,
        roles: tuple[str, ...] = ROLES,
        plan: str = "premium",
        country: str = "",
    ) -> str:
        """A token that the platform's own issuer signed."""
        issuer = DevIssuer.from_file(
            StateFolder(self.state).signing_keys, issuer=self.url, audience=self.url
        )
        return issuer.token(
            subject=user,
            scopes=scopes,
            lifetime_s=lifetime_s,
            roles=roles,
            plan=plan,
            country=country,
        )

    def client(self, token: str | None = None) -> httpx.Client:
        """An HTTP client that calls with a token."""
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def get(self, path: str) -> Any:
        """The JSON at a path; raises unless the answer is a success."""
        with self.client() as client:
            answer = client.get(path)
        answer.raise_for_status()
        return answer.json()

    def add(self, *paths: Path, timeout_s: int = 300) -> "subprocess.CompletedProcess[str]":
        """`cadenza add`, as a user runs it."""
        return self.cadenza("add", *map(str, paths), "--timeout", str(timeout_s))

    def added(self, *files: Path, timeout_s: int = 300) -> list[str]:
        """The ids of the tracks that these files have become."""
        done = self.add(*files, timeout_s=timeout_s)
        assert done.returncode == 0, done.stdout + done.stderr
        outcomes = [self.outcome_of(sounds.sha256(file)) for file in files]
        assert all(outcome.status == "ready" for outcome in outcomes), outcomes
        return [outcome.track_id for outcome in outcomes]

    def cadenza(
        self, command: str, *arguments: str, token_file: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """A `cadenza` command against this platform, with the development token or another."""
        argv = [
            sys.executable, "-m", "clients.cli.main", command, *arguments,
            "--api", self.url, "--token-file", str(token_file or self.state / "dev-token"),
        ]  # fmt: skip
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)

    def outcome_of(self, sha256: str, *, within_s: float = 120) -> Outcome:
        """Waits until the upload of this content has come to an end."""
        from functions.media.model import upload_id

        deadline = time.monotonic() + within_s
        while True:
            upload = self.get(f"/v1/uploads/{upload_id(USER, sha256)}")
            if upload["status"] in {"ready", "rejected"}:
                return Outcome(
                    upload["status"],
                    upload.get("track_id", ""),
                    upload.get("reason", {}).get("code", ""),
                    upload.get("warnings", []),
                )
            if time.monotonic() > deadline:
                raise TimeoutError(f"still {upload['status']} after {within_s} s")
            time.sleep(0.2)

    def log(self, name: str) -> str:
        return (self.state / "logs" / f"{name}.log").read_text(errors="replace")


def start(state: Path, arguments: Sequence[str] = (), *, port: int | None = None) -> Platform:
    """`cadenza up`; returns when it is ready."""
    state.mkdir(parents=True, exist_ok=True)
    argv = [
        sys.executable, "-m", "clients.cli.main", "up", *arguments,
        "--state", str(state), "--port", str(port or free_port()),
    ]  # fmt: skip
    with (state.parent / f"{state.name}.out").open("ab") as output:
        process = subprocess.Popen(
            argv, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    deadline = time.monotonic() + READY_WITHIN_S
    while not _is_ready(state, process.pid):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError((state.parent / f"{state.name}.out").read_text())
        time.sleep(0.05)
    return Platform(state, process)


def _is_ready(state: Path, pid: int) -> bool:
    status = StateFolder(state).read_status()
    return status is not None and status["pid"] == pid


def stop(platform: Platform) -> int:
    """Ctrl-C; the exit code."""
    platform.process.send_signal(signal.SIGINT)
    return platform.process.wait(timeout=STOP_WITHIN_S)


@contextlib.contextmanager
def running(state: Path, arguments: Sequence[str] = ()) -> Iterator[Platform]:
    platform = start(state, arguments)
    try:
        yield platform
    finally:
        if platform.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                stop(platform)
            platform.process.kill()


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that has ended but was not waited for does not count)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state != "Z"
