"""Decoding and playing with FFmpeg, which is fed an encrypted fragmented MP4 through a pipe."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from clients.cli.api import Loudness

TARGET_LUFS = -14.0
PEAK_CEILING_DB = -1.0

# FFmpeg's names of sound outputs, the best first, and what each calls its default device.
_SOUND_DEVICES = {"pulse": "default", "alsa": "default", "audiotoolbox": "-", "sndio": "default"}
# FFmpeg's names of the formats that files can be written in.
WRITABLE = {".flac": "flac", ".wav": "wav"}


class NoPlayer(Exception):
    """A program that is needed is not on this machine; the message says which and what to do."""


class PlaybackFailed(Exception):
    """FFmpeg could not decode or play; the message is its own."""


class Measure(msgspec.Struct, frozen=True):
    """How much sound there was: frames of samples, and how many of them make a second."""

    samples: int
    sample_rate: int

    @property
    def duration_s(self) -> float:
        return self.samples / self.sample_rate


def find_ffmpeg() -> str:
    """The FFmpeg that PyPI's imageio-ffmpeg carries, else that on PATH; raises `NoPlayer`.

    In this order: older ones do not copy FLAC, or miss where the sound of a track ends.
    """
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        if found := shutil.which("ffmpeg"):
            return found
        raise NoPlayer(
            "FFmpeg is not on PATH. Install it, or `pip install imageio-ffmpeg`."
        ) from error


def gain_db(loudness: Loudness) -> float:
    """What brings a track to `TARGET_LUFS` without its true peak passing the ceiling."""
    return min(TARGET_LUFS - loudness.integrated_lufs, PEAK_CEILING_DB - loudness.true_peak_db)


async def aloud(media: AsyncIterator[bytes], key: bytes, gain: float) -> None:
    """Plays to the end, or until the listener stops; raises `NoPlayer`, `PlaybackFailed`."""
    await run(speaker_command(key, gain), media)


async def write(media: AsyncIterator[bytes], key: bytes, target: Path, *, lossless: bool) -> None:
    """Decodes into a WAV or FLAC file, which appears only when it is whole."""
    part = target.with_name(f".{target.name}.part")
    format = WRITABLE[target.suffix.lower()]
    # 24 bits hold whatever a lossless source has; FLAC chooses by itself.
    codec = ["-c:a", "pcm_s24le"] if lossless and format == "wav" else []
    try:
        async with _decrypted(media, key) as plain:
            await run([*_decode(plain), *codec, "-f", format, "-y", str(part)], _nothing())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


async def measure(media: AsyncIterator[bytes], key: bytes) -> Measure:
    """Decodes to nothing and tells how much there was."""
    async with _decrypted(media, key) as plain:
        told = await run([*_decode(plain), "-f", "framecrc", "pipe:1"], _nothing())
    return measure_of(told)


@asynccontextmanager
async def _decrypted(media: AsyncIterator[bytes], key: bytes) -> AsyncIterator[Path]:
    """The track as a plain MP4 file, whose end is where the source ended.

    FFmpeg does not read the length of a fragmented file's last frame, and would play its padding.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "track.mp4"
        await run([*_decode("pipe:0", key), "-c", "copy", str(plain)], media)
        yield plain


def speaker_command(key: bytes, gain: float) -> list[str]:
    """The command that plays its input: ffplay, else FFmpeg's sound output; raises `NoPlayer`."""
    volume = ["-af", f"volume={gain:.2f}dB"]
    if ffplay := shutil.which("ffplay"):
        quiet = ["-hide_banner", "-v", "error", "-nodisp", "-autoexit"]
        return [ffplay, *quiet, *_decryption(key), *volume, "-i", "pipe:0"]
    # The one that PyPI has plays to nothing.
    ffmpeg = shutil.which("ffmpeg") or find_ffmpeg()
    listed = subprocess.run(
        [ffmpeg, "-hide_banner", "-devices"], capture_output=True, text=True, check=False
    ).stdout
    for device, name in _SOUND_DEVICES.items():
        if _can_play_to(device, listed):
            return [*_decode("pipe:0", key, ffmpeg), *volume, "-f", device, name]
    raise NoPlayer(
        "Nothing here can play sound: install ffplay (it comes with FFmpeg), "
        "or decode with --to FILE.flac or --null."
    )


def measure_of(told: bytes) -> Measure:
    """Reads FFmpeg's framecrc output: a line a frame, its length in samples the fourth field."""
    samples = 0
    sample_rate = 0
    for line in told.decode().splitlines():
        if line.startswith("#sample_rate 0:"):
            sample_rate = int(line.rsplit(":", 1)[1])
        elif not line.startswith("#"):
            samples += int(line.split(",")[3])
    if not sample_rate or not samples:
        raise PlaybackFailed("nothing could be decoded")
    return Measure(samples, sample_rate)


async def run(command: list[str], media: AsyncIterator[bytes]) -> bytes:
    """Feeds `media` to the command and returns its standard output; raises `PlaybackFailed`.

    The command does not outlive this call. One that ends early and content, as when the listener
    closes the player, is no failure.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    output = asyncio.create_task(process.stdout.read())
    complaints = asyncio.create_task(process.stderr.read())
    try:
        await _feed(process.stdin, media)
        status = await process.wait()
        await asyncio.wait([output, complaints])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        output.cancel()
        complaints.cancel()
    if status != 0:
        lines = complaints.result().decode(errors="replace").strip().splitlines()
        raise PlaybackFailed(lines[-1] if lines else f"{command[0]} ended with status {status}")
    return output.result()


async def _feed(pipe: asyncio.StreamWriter, media: AsyncIterator[bytes]) -> None:
    try:
        async for piece in media:
            pipe.write(piece)
            await pipe.drain()
        pipe.close()
        await pipe.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return


async def _nothing() -> AsyncIterator[bytes]:
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece


def _decode(source: str | Path, key: bytes = b"", ffmpeg: str = "") -> list[str]:
    strict = ["-hide_banner", "-nostdin", "-v", "error", "-xerror"]
    program = ffmpeg or find_ffmpeg()
    return [program, *strict, *_decryption(key), "-i", str(source), "-map", "0:a:0"]


def _decryption(key: bytes) -> list[str]:
    return ["-decryption_key", key.hex()] if key else []


def _can_play_to(device: str, listed: str) -> bool:
    rows = (line.split() for line in listed.splitlines())
    return any(len(row) >= 2 and "E" in row[0] and row[1] == device for row in rows)
