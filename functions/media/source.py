"""What an uploaded file is: its codec and shape, and whether its container is whole."""

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import msgspec

from functions.media import programs
from functions.media.rejection import Rejected

# Containers of sound only: no playlists or scripts, which could make FFmpeg open other addresses.
FORMATS = "wav,w64,aiff,caf,flac,ogg,mp3,aac,mov,matroska,wv,ape,tta"
INPUT_OPTIONS = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)

# FFmpeg takes almost any bytes for MP3 with a score of 1; real files get 24 and more.
_MIN_PROBE_SCORE = 10
_MIN_RATE, _MAX_RATE = 8_000, 384_000
_MAX_CHANNELS = 8
_LOSSLESS = {"flac", "alac", "wavpack", "ape", "tta"}
_LOSSLESS_PCM = ("pcm_s", "pcm_u", "pcm_f")
_PROBE_TIMEOUT_S = 60
_OGG_TAIL = 128 * 1024


@dataclass(frozen=True)
class Source:
    """The audio of a file. `claimed_samples` is what the container says, None if it does not.

    `bits` are those of a lossless sample, 0 otherwise.
    """

    codec: str
    container: str
    rate: int
    channels: int
    bits: int
    is_float: bool
    is_lossless: bool
    claimed_samples: int | None


class _Stream(msgspec.Struct):
    codec_name: str = ""
    sample_fmt: str = ""
    sample_rate: str = "0"
    channels: int = 0
    bits_per_sample: int = 0
    bits_per_raw_sample: str = "0"
    duration_ts: int | None = None
    time_base: str = "0/1"


class _Format(msgspec.Struct):
    format_name: str = ""
    probe_score: int = 0


class _Probe(msgspec.Struct):
    streams: list[_Stream] = []
    format: _Format = msgspec.field(default_factory=_Format)


def inspect(path: Path) -> Source:
    """Look at the file's headers; raises `Rejected`."""
    if path.stat().st_size == 0:
        raise Rejected("empty", "The file is empty")
    source = _source(*_probe(path))
    with path.open("rb") as file:
        if source.container == "ogg" and _ogg_is_cut_off(file):
            raise Rejected("truncated", "The file breaks off in the middle of an Ogg page")
        if source.container == "wav" and _wav_is_cut_off(file):
            raise Rejected("truncated", "The file holds less audio than its header says")
    return source


def _probe(path: Path) -> tuple[_Probe, str]:
    command = [programs.ffprobe(), "-v", "warning", *INPUT_OPTIONS]
    command += ["-select_streams", "a:0", "-show_streams", "-show_format", "-of", "json", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise Rejected("unsupported", "The file's headers are too hard to read") from error
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        if "moov atom not found" in said:
            raise Rejected("truncated", "The file breaks off before its index (moov)")
        raise Rejected("not_audio", "This is not an audio file of a kind that we know")
    return msgspec.json.decode(done.stdout, type=_Probe), said


def _source(probe: _Probe, said: str) -> Source:
    if probe.format.probe_score < _MIN_PROBE_SCORE:
        raise Rejected("not_audio", "This is not an audio file of a kind that we know")
    if not probe.streams:
        raise Rejected("not_audio", "The file has no audio stream")
    stream = probe.streams[0]
    rate = int(stream.sample_rate)
    if not stream.codec_name or not rate or not stream.channels:
        raise Rejected("not_audio", "The file's audio cannot be made out")
    if not _MIN_RATE <= rate <= _MAX_RATE:
        raise Rejected("unsupported", f"A sample rate of {rate} Hz is not supported")
    if stream.channels > _MAX_CHANNELS:
        raise Rejected("unsupported", f"{stream.channels} channels are not supported")
    codec = stream.codec_name
    return Source(
        codec=codec,
        container=probe.format.format_name,
        rate=rate,
        channels=stream.channels,
        bits=int(stream.bits_per_raw_sample) or stream.bits_per_sample,
        is_float=stream.sample_fmt.startswith(("flt", "dbl")),
        is_lossless=codec in _LOSSLESS or codec.startswith(_LOSSLESS_PCM),
        claimed_samples=_claimed_samples(stream, said),
    )


def _claimed_samples(stream: _Stream, said: str) -> int | None:
    if stream.duration_ts is None or "Estimating duration from bitrate" in said:
        return None
    seconds = stream.duration_ts * Fraction(stream.time_base)
    return int(seconds * int(stream.sample_rate)) or None


def _ogg_is_cut_off(file: BinaryIO) -> bool:
    """Whether the last Ogg page (RFC 3533) ends beyond the file."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _OGG_TAIL))
    tail = file.read()
    start = tail.rfind(b"OggS\0")
    if start < 0:
        return True
    page = tail[start:]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return True
    return 27 + page[26] + sum(page[27 : 27 + page[26]]) > len(page)


def _wav_is_cut_off(file: BinaryIO) -> bool:
    """Whether the data chunk of a RIFF file ends beyond the file."""
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(4) != b"RIFF":
        return False
    position = 12
    while position + 8 <= size:
        file.seek(position)
        name, length = file.read(4), int.from_bytes(file.read(4), "little")
        if name == b"data":
            # Programs that write to a pipe cannot know the length; they leave a huge one.
            return length < 0x7FFFFFFF and position + 8 + length > size
        position += 8 + length + length % 2
    return True
