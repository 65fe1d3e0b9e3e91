"""The platform and a sound output as a speaker sees them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from clients.cli.reports import PlayReport
from clients.cli.speaker.connect import Command, Doing
from clients.cli.speaker.sse import Event
from shared import ids

ME = "kitchen"
DURATION_MS = 200_000


def uri(name: str) -> str:
    return f"spotify:track:{ids.derive('track', name)}"


def command(version: int, **fields: object) -> Command:
    """Of the second track that was begun, here, in the middle, unless told otherwise."""
    usual = {
        "version": version,
        "command_version": version,
        "action": "play",
        "device_id": ME,
        "turn": 2,
        "positioned": version,
        "uri": uri("a"),
        "duration_ms": DURATION_MS,
        "position_ms": 50_000,
        "is_playing": True,
        "volume_percent": 60,
    }
    return msgspec.convert({**usual, **fields}, Command)


@dataclass
class FakePlatform:
    """Commands are put into `coming`; an exception in their place breaks the connection."""

    coming: "asyncio.Queue[Command | Event | Exception]" = field(default_factory=asyncio.Queue)
    doings: list[Doing] = field(default_factory=list)
    registrations: int = 0
    left: bool = False
    last_ids: list[str] = field(default_factory=list)
    advances: list[int] = field(default_factory=list)
    after: Command | Exception | None = None
    plays: list[PlayReport] = field(default_factory=list)
    current: Command = field(default_factory=lambda: command(0, device_id="", uri=""))

    async def register(self, device_id: str, name: str, volume_percent: int) -> None:
        self.registrations += 1

    async def leave(self, device_id: str) -> None:
        self.left = True

    async def report(self, device_id: str, doing: Doing) -> Command:
        self.doings.append(doing)
        return self.current

    async def advance(self, device_id: str, turn: int) -> Command:
        self.advances.append(turn)
        if isinstance(self.after, Exception):
            problem, self.after = self.after, None
            raise problem
        return self.after or self.current

    async def report_plays(self, plays: Sequence[PlayReport]) -> None:
        self.plays += plays

    async def events(self, device_id: str, session: str, last_id: str) -> AsyncIterator[Event]:
        self.last_ids.append(last_id)
        while True:
            said = await self.coming.get()
            match said:
                case Exception():
                    raise said
                case Event():
                    yield said
                case _:
                    self.current = said
                    data = msgspec.json.encode(said).decode()
                    yield Event("command", data, str(said.version))


@dataclass
class FakeOutput:
    """Remembers what it was told. Time stands still."""

    ended: Callable[[Exception | None], None]
    told: list[tuple[str, object]] = field(default_factory=list)
    position_ms: int = 0
    is_playing: bool = False
    problem: Exception | None = None

    async def load(self, track_id: str, session: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.told.append(("load", track_id))
        self.position_ms = 0

    async def play(self, position_ms: int, volume_percent: int) -> None:
        self.told.append(("play", position_ms // 1000))
        self.position_ms, self.is_playing = position_ms, True

    async def stop(self) -> None:
        if self.is_playing:
            self.told.append(("stop", self.position_ms // 1000))
        self.is_playing = False

    def go_to(self, position_ms: int) -> None:
        self.position_ms = position_ms

    def end(self) -> None:
        self.position_ms, self.is_playing = DURATION_MS, False
        self.ended(None)
