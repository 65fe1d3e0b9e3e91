"""A headless Connect device: does what the platform commands, and tells what it does."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from clients.cli.api import ApiError, Unreachable
from clients.cli.hls import BadPlaylist
from clients.cli.media import MediaUnavailable
from clients.cli.play import NoRendition
from clients.cli.reports import Spool
from clients.cli.retry import Sleep
from clients.cli.speaker.connect import Command, ConnectApi, Doing, TakenOver, command_of
from clients.cli.speaker.listening import Listening
from clients.cli.speaker.outputs import Output
from clients.cli.speaker.sse import Event

# Three of them fit into the silence after which a device is gone.
HEARTBEAT_S = 8.0
_FIRST_RETRY_S = 0.5
_LONGEST_RETRY_S = 20.0
# A refusal of the token, or of the device's right to be one, does not pass.
_FINAL = frozenset({401, 403})
_CANNOT_PLAY = (ApiError, Unreachable, MediaUnavailable, NoRendition, BadPlaylist)

Say = Callable[[str], None]


class Speaker:
    """One device. `run` is the whole of its life.

    Commands may be missed and come late: each holds all that is to be, so the last one is enough.
    """

    def __init__(
        self,
        api: ConnectApi,
        output: Callable[[Callable[[Exception | None], None]], Output],
        spool: Spool,
        *,
        device_id: str,
        name: str,
        volume_percent: int = 60,
        say: Say = lambda text: None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api = api
        self._output = output(self._track_ended)
        self._spool = spool
        self._device_id = device_id
        self._name = name
        self._volume = volume_percent
        self._say = say
        self._sleep = sleep
        self._wake = asyncio.Event()
        self._wanted: tuple[Command, float] | None = None
        self._done = Command(
            version=0, command_version=0, action="", device_id="", turn=0, positioned=0
        )
        self._listening: Listening | None = None
        self._loaded_turn = 0
        self._ended = False
        self._taken_over = False
        self._last_id = ""

    async def run(self) -> None:
        """Until cancelled; raises `ApiError` when the platform will not have it any more."""
        tasks = [
            asyncio.create_task(work)
            for work in (self._listen(), self._work(), self._beat(), self._send_reports())
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._leave()

    async def _leave(self) -> None:
        await self._finish("stopped")
        await self._output.stop()
        with suppress(ApiError, Unreachable):
            await self._spool.send(self._api)
        with suppress(ApiError, Unreachable):
            await self._api.leave(self._device_id)

    async def _listen(self) -> None:
        """Hears events, connecting again for as long as there is hope."""
        failures = 0
        while True:
            try:
                await self._api.register(self._device_id, self._name, self._volume)
                async for event in self._api.events(
                    self._device_id, self._device_id, self._last_id
                ):
                    failures = 0
                    self._hear(event)
            except Unreachable:
                failures += 1
            except ApiError as error:
                if error.status in _FINAL:
                    raise
                failures += 1
            pause = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2**failures)
            await self._sleep(pause * random.random())  # noqa: S311  # jitter is no secret

    def _hear(self, event: Event) -> None:
        self._last_id = event.id
        match event.name:
            case "command":
                with suppress(msgspec.DecodeError):
                    self._want(command_of(event))
            case "session_taken_over":
                with suppress(msgspec.DecodeError):
                    by = msgspec.json.decode(event.data, type=TakenOver).by
                    self._say(f"Playback was taken over by {by}.")
                    self._taken_over = True
                    self._wake.set()

    def _want(self, command: Command) -> None:
        if self._wanted is None or command.command_version >= self._wanted[0].command_version:
            if self._is_new(command):
                # It came after whatever ended the session: to play here is to take over again.
                self._taken_over = False
            self._wanted = (command, time.monotonic())
            self._wake.set()

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._ended:
                await self._go_on()
            if self._wanted is not None and self._is_new(self._wanted[0]):
                command, heard_at = self._wanted
                await self._obey(command, heard_at)
                await self._report()
            if self._taken_over:
                self._taken_over = False
                await self._pause("stopped")
                await self._report()

    def _is_new(self, command: Command) -> bool:
        return command.command_version > self._done.command_version

    async def _obey(self, command: Command, heard_at: float) -> None:
        is_here = command.device_id == self._device_id and bool(command.uri)
        before, self._done = self._done, command
        louder = command.volume_percent != self._volume
        self._volume = command.volume_percent
        if not is_here:
            await self._pause("stopped")
            return
        position_ms = self._output.position_ms
        begins = command.turn != self._loaded_turn
        moves = begins or command.positioned > before.command_version
        if moves:
            late_ms = (time.monotonic() - heard_at) * 1000 if command.is_playing else 0
            position_ms = round(command.position_ms + late_ms)
        if begins:
            self._ended = False
            await self._finish("skipped")
            await self._load(command, position_ms)
        elif command.positioned > before.command_version and self._listening is not None:
            self._listening.stops_at(self._output.position_ms)
            self._listening.seeks += 1
        if not command.is_playing:
            await self._output.stop()
            if self._listening is not None:
                self._listening.stops_at(self._output.position_ms)
            if moves:
                self._output.go_to(position_ms)
            return
        if self._loaded_turn == command.turn and (moves or louder or not self._output.is_playing):
            await self._play(command, position_ms)

    async def _load(self, command: Command, position_ms: int) -> None:
        track_id = command.uri.rpartition(":")[2]
        try:
            await self._output.load(track_id, self._device_id)
        except _CANNOT_PLAY as error:
            self._say(f"Cannot play {command.uri}: {error}")
            self._loaded_turn = 0
            return
        self._loaded_turn = command.turn
        self._output.go_to(position_ms)
        self._say(f"Loaded {command.uri}")

    async def _play(self, command: Command, position_ms: int) -> None:
        if self._listening is None:
            self._listening = Listening(command, self._device_id, position_ms)
        self._listening.stops_at(self._output.position_ms)
        await self._output.play(position_ms, self._volume)
        self._listening.plays_from(position_ms)

    async def _pause(self, reason: str) -> None:
        """Somebody else plays now: what is loaded here will not be gone on with."""
        await self._finish(reason)
        await self._output.stop()
        self._loaded_turn = 0

    async def _finish(self, reason: str) -> None:
        """The track that was played here is over; its report is kept at once."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        report = listening.report(self._output.position_ms, reason)
        if report is not None:
            await asyncio.to_thread(self._spool.add, report)

    def _track_ended(self, problem: Exception | None) -> None:
        if problem is not None:
            self._say(f"Stopped: {problem}")
        self._ended = problem is None
        self._wake.set()

    async def _go_on(self) -> None:
        """What comes next is the platform's to say; while it is away it is asked again."""
        turn = self._loaded_turn
        await self._finish("finished")
        failures = 0
        while self._ended and turn == self._loaded_turn:
            try:
                self._want(await self._api.advance(self._device_id, turn))
            except (Unreachable, ApiError) as error:
                if isinstance(error, ApiError) and error.status in _FINAL:
                    raise
                failures += 1
                pause = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2**failures)
                await self._sleep(pause * random.random())  # noqa: S311  # jitter is no secret
                if self._wanted is not None and self._is_new(self._wanted[0]):
                    return
            else:
                self._ended = False

    async def _report(self) -> None:
        doing = Doing(
            command_version=self._done.command_version,
            timestamp=round(time.time() * 1000),
            is_playing=self._output.is_playing,
            position_ms=self._output.position_ms,
            uri=self._done.uri,
            volume_percent=self._volume,
        )
        try:
            self._want(await self._api.report(self._device_id, doing))
        except Unreachable:
            return
        except ApiError as error:
            if error.status in _FINAL:
                raise
            if error.status == 404:
                # The platform forgot us; so long as we live, we are a device.
                with suppress(ApiError, Unreachable):
                    await self._api.register(self._device_id, self._name, self._volume)

    async def _beat(self) -> None:
        while True:
            await self._sleep(HEARTBEAT_S)
            await self._report()

    async def _send_reports(self) -> None:
        while True:
            await self._spool.send(self._api)
            await self._sleep(HEARTBEAT_S)
