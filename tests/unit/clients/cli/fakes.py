"""The platform and Cloud Storage as the command line sees them, in memory."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from clients.cli.retry import Patience
from shared import ids

SESSION = "https://storage.test/session/"


@dataclass
class Waits:
    """Stands in for sleeping: remembers the waits, and lets a clock go on by them."""

    seconds: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def clock(self) -> float:
        return sum(self.seconds)

    def patience(self, attempts: int = 6) -> Patience:
        return Patience(attempts=attempts, sleep=self.sleep, jitter=lambda: 1.0)


@dataclass
class FakeStorage:
    """Resumable sessions as Cloud Storage keeps them. `faults` are used up, one a request."""

    sessions: dict[str, bytearray] = field(default_factory=dict)
    faults: list[Callable[[httpx.Request, bytearray], httpx.Response | None]] = field(
        default_factory=list
    )
    ranges: list[str] = field(default_factory=list)

    def open(self, name: str) -> str:
        self.sessions[name] = bytearray()
        return SESSION + name

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        assert "Authorization" not in request.headers
        assert request.method == "PUT"
        self.ranges.append(request.headers["Content-Range"])
        stored = self.sessions.get(request.url.path.rsplit("/", 1)[-1])
        if stored is None:
            return httpx.Response(404)
        if self.faults and (answer := self.faults.pop(0)(request, stored)) is not None:
            return answer
        return self._take(request, stored)

    def _take(self, request: httpx.Request, stored: bytearray) -> httpx.Response:
        asked = re.fullmatch(r"bytes (?:\*|(\d+)-(\d+))/(\d+)", request.headers["Content-Range"])
        assert asked
        size = int(asked[3])
        if asked[1] is not None:
            start, end = int(asked[1]), int(asked[2])
            assert len(request.content) == end - start + 1
            assert end + 1 == size or len(request.content) % (256 * 1024) == 0
            assert start <= len(stored), "a gap"
            # Bytes that were stored before are ignored.
            stored += request.content[len(stored) - start :]
        if len(stored) == size:
            return httpx.Response(200, json={"size": str(size)})
        headers = {"Range": f"bytes=0-{len(stored) - 1}"} if stored else {}
        return httpx.Response(308, headers=headers)


def drop(request: httpx.Request, stored: bytearray) -> httpx.Response | None:
    """The connection breaks before anything is stored."""
    raise httpx.ReadError("connection reset", request=request)


def keep_and_drop(kept: int) -> Callable[[httpx.Request, bytearray], httpx.Response | None]:
    """The connection breaks once `kept` bytes of the chunk are stored."""

    def fault(request: httpx.Request, stored: bytearray) -> httpx.Response | None:
        stored += request.content[:kept]
        raise httpx.ReadError("connection reset", request=request)

    return fault


def respond(
    status: int, **headers: str
) -> Callable[[httpx.Request, bytearray], httpx.Response | None]:
    """Nothing is stored, and this is the answer."""
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, stored: httpx.Response(status, headers=written)


@dataclass
class FakePlatform:
    """Takes uploads and makes each a track after `polls` looks at it, or rejects it."""

    storage: FakeStorage = field(default_factory=FakeStorage)
    polls: int = 1
    rejected: dict[str, str] = field(default_factory=dict)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    uploads: dict[str, dict[str, object]] = field(default_factory=dict)
    posts: list[dict[str, object]] = field(default_factory=list)
    asked_at_once: list[int] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] != "Bearer good":
            return failure(401, "The access token expired")
        if request.method == "POST":
            return self._post(json.loads(request.content))
        wanted = request.url.params["ids"].split(",")
        self.asked_at_once.append(len(wanted))
        return httpx.Response(200, json={"uploads": [self._look_at(one) for one in wanted]})

    def _post(self, body: dict[str, object]) -> httpx.Response:
        self.posts.append(body)
        filename = str(body["filename"])
        if filename in self.refused:
            return failure(*self.refused[filename])
        upload_id = ids.derive("upload", str(body["sha256"]))
        if upload_id in self.uploads:
            known = self.uploads[upload_id]
            if known["status"] == "pending" and upload_id not in self.storage.sessions:
                self.storage.open(upload_id)
            return httpx.Response(200, json=known)
        self.uploads[upload_id] = {
            "id": upload_id,
            "status": "pending",
            "filename": filename,
            "size": body["size"],
            "kind": body.get("kind", "audio"),
            "upload_url": self.storage.open(upload_id),
            "created_at": "2026-01-01T00:00:00.000+00:00",
            "looks": 0,
        }
        return httpx.Response(201, json=self.uploads[upload_id])

    def _look_at(self, upload_id: str) -> dict[str, object] | None:
        upload = self.uploads.get(upload_id)
        if upload is None:
            return None
        looks = upload["looks"]
        assert isinstance(looks, int)
        upload["looks"] = looks + 1
        filename = str(upload["filename"])
        if len(self.storage.sessions[upload_id]) == upload["size"] and looks + 1 >= self.polls:
            if filename in self.rejected:
                reason = {"code": "not_audio", "message": self.rejected[filename]}
                upload.update(status="rejected", reason=reason)
            else:
                upload.update(status="ready", track_id=ids.derive("track", upload_id))
        return upload


def failure(status: int, message: str) -> httpx.Response:
    """The contract's error object."""
    return httpx.Response(status, json={"error": {"status": status, "message": message}})
