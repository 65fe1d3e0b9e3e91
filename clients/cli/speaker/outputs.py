"""Where a speaker's sound goes: to this machine's sound system, or nowhere at the same pace."""

import asyncio
import enum
import math
import time
from collections.abc import Callable
from typing import Protocol

import httpx

from clients.cli import player
from clients.cli.api import Api
from clients.cli.play import Playable, Quality, open_track

# Cadenza's media comes in pieces of so many seconds.
_PIECE_S = 6
# Below this one hears nothing.
_SILENCE_DB = -60.0


class Kind(enum.StrEnum):
    """How a speaker plays."""

    null = "null"
    ffplay = "ffplay"


class Output(Protocol):
    """Plays one track at a time. `position_ms` is where in it, playing or not."""

    @property
    def position_ms(self) -> int: ...

    @property
    def is_playing(self) -> bool: ...

    async def load(self, track_id: str, session: str) -> None:
        """Gets ready to play a track; raises what `open_track` raises."""
        ...

    async def play(self, position_ms: int, volume_percent: int) -> None:
        """Plays what was loaded, from there on; `ended` is called at its end."""
        ...

    async def stop(self) -> None: ...

    def go_to(self, position_ms: int) -> None:
        """While nothing is played: from where to go on."""
        ...


class _Timed:
    """Knows where in the track it is by the time that went by."""

    def __init__(
        self,
        api: Api,
        cdn: httpx.AsyncClient,
        quality: Quality,
        ended: Callable[[Exception | None], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._cdn = cdn
        self._quality = quality
        self._ended = ended
        self._clock = clock
        self._playable: Playable | None = None
        self._from_ms = 0
        self._since: float | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_playing(self) -> bool:
        return self._since is not None

    @property
    def position_ms(self) -> int:
        position = self._from_ms
        if self._since is not None:
            position += round((self._clock() - self._since) * 1000)
        return min(position, self._playable.duration_ms) if self._playable else position

    async def load(self, track_id: str, session: str) -> None:
        await self.stop()
        self._playable = None
        self._playable = await open_track(
            self._api, self._cdn, track_id, quality=self._quality, session=session
        )
        self._from_ms = 0

    async def play(self, position_ms: int, volume_percent: int) -> None:
        await self.stop()
        if self._playable is None:
            return
        self._from_ms = position_ms
        self._since = self._clock()
        self._task = asyncio.create_task(self._run(self._playable, position_ms, volume_percent))

    async def stop(self) -> None:
        self._from_ms = self.position_ms
        self._since = None
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def go_to(self, position_ms: int) -> None:
        self._from_ms = position_ms

    async def _run(self, playable: Playable, position_ms: int, volume_percent: int) -> None:
        problem: Exception | None = None
        try:
            await self._sound(playable, position_ms, volume_percent)
            self._from_ms, self._since = playable.duration_ms, None
        except Exception as error:  # noqa: BLE001  # whatever it is, the speaker goes on
            self._from_ms, self._since = self.position_ms, None
            problem = error
        self._ended(problem)

    async def _sound(self, playable: Playable, position_ms: int, volume_percent: int) -> None:
        raise NotImplementedError


class NullOutput(_Timed):
    """Makes no sound, and takes as long as if it did."""

    async def _sound(self, playable: Playable, position_ms: int, volume_percent: int) -> None:
        await asyncio.sleep(max(0, playable.duration_ms - position_ms) / 1000)


class AloudOutput(_Timed):
    """Through ffplay, else FFmpeg's own sound output."""

    async def _sound(self, playable: Playable, position_ms: int, volume_percent: int) -> None:
        skipped = min(position_ms // (_PIECE_S * 1000), max(0, len(playable.piece_urls) - 2))
        first, *pieces = playable.piece_urls
        media = playable.fetcher.in_order([first, *pieces[skipped:]])
        gain = player.gain_db(playable.loudness) + volume_db(volume_percent)
        command = player.speaker_command(playable.key, gain)
        await player.run(cut(command, skipped * _PIECE_S, position_ms / 1000), media)


def cut(command: list[str], pieces_begin_s: float, from_s: float) -> list[str]:
    """The command, passing over what lies before `from_s` in pieces from `pieces_begin_s` on.

    ffplay counts as the pieces do; FFmpeg counts from where its input begins.
    """
    at = command.index("-af") + 1
    is_ffplay = "-nodisp" in command
    start = from_s if is_ffplay else from_s - pieces_begin_s
    filters = f"atrim=start={start:.3f},asetpts=PTS-STARTPTS,{command[at]}"
    return [*command[:at], filters, *command[at + 1 :]]


def volume_db(percent: int) -> float:
    """What a volume takes away, so that each step sounds as large as the others."""
    if percent <= 0:
        return _SILENCE_DB
    return max(_SILENCE_DB, 20 * math.log10((percent / 100) ** 2))


def output_of(
    kind: Kind,
    api: Api,
    cdn: httpx.AsyncClient,
    ended: Callable[[Exception | None], None],
    quality: Quality = Quality.high,
) -> Output:
    made = NullOutput if kind is Kind.null else AloudOutput
    return made(api, cdn, quality, ended)
