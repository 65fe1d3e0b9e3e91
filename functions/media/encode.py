"""One FFmpeg pass from PCM to every encoding, loudness, the fingerprint, and mono to listen to."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from functions.media import ladder, loudness, programs
from functions.media.loudness import Loudness
from functions.media.pcm import PcmFormat
from functions.media.tags import Tags

FINGERPRINT = "fingerprint.txt"
MONO_RATE = 22_050
# AcoustID compares the first two minutes.
_FINGERPRINT_S = "120"
_LOSSY_RATES = (44_100, 48_000)
_BITEXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")


@dataclass(frozen=True)
class Places:
    """Where the pass writes: MP4 files to be packaged, and files that are ready as they are."""

    to_package: Path
    ready: Path


class Encoder:
    """Takes PCM while its context is open; leaving it waits until the files are whole.

    Leaving by an exception stops FFmpeg at once. The same PCM gives the same bytes. Somebody else
    has to read `mono` to its end meanwhile.
    """

    def __init__(self, pcm: PcmFormat, tags: Tags, places: Places, *, is_lossless: bool) -> None:
        self._command = _command(pcm, tags, places, is_lossless)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in __exit__
        self._loudness: Loudness | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
        )
        return self

    @property
    def mono(self) -> IO[bytes]:
        """The mean of the channels at `MONO_RATE`, as 32-bit floats, while the context is open."""
        assert self._process.stdout is not None
        return self._process.stdout

    def write(self, block: bytes) -> None:
        """Whole frames; raises `ProgramFailedError`."""
        assert self._process.stdin is not None
        view = memoryview(block)
        try:
            while view:
                view = view[self._process.stdin.write(view) :]
        except BrokenPipeError:
            self._process.wait()
            raise self._failure() from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        with self._log, self._process.stdin:
            if kind is not None:
                self._process.kill()
                self._process.wait()
                return
            self._process.stdin.close()
            if self._process.wait():
                raise self._failure()
            self._loudness = loudness.parse(self._said())

    @property
    def loudness(self) -> Loudness:
        """Known once the context has been left."""
        assert self._loudness is not None
        return self._loudness

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _failure(self) -> programs.ProgramFailedError:
        return programs.failure(self._command[0], self._process.returncode, self._said())


def lossy_rate(rate: int) -> int:
    """The sample rate that AAC and Vorbis are encoded at: one that every player knows."""
    if rate in _LOSSY_RATES:
        return rate
    return 44_100 if 44_100 % rate == 0 or rate % 44_100 == 0 else 48_000


def _command(pcm: PcmFormat, tags: Tags, places: Places, is_lossless: bool) -> list[str]:
    command = [programs.ffmpeg(), "-hide_banner", "-nostats", "-y", "-f", pcm.encoding]
    command += ["-ar", str(pcm.rate), "-ac", str(pcm.channels), "-i", "pipe:0"]
    command += ["-filter_complex", _graph(pcm, is_lossless)]
    for encoding in ladder.AAC:
        target = str(places.to_package / f"{encoding.name}.mp4")
        command += ["-map", f"[{encoding.name}]", "-c:a", "aac", "-b:a", str(encoding.bitrate)]
        command += [*_BITEXACT, target]
    if is_lossless:
        target = str(places.to_package / f"{ladder.FLAC.name}.mp4")
        command += ["-map", f"[{ladder.FLAC.name}]", "-c:a", "flac", *_BITEXACT, target]
    for encoding in ladder.VORBIS:
        target = str(places.ready / f"{encoding.name}.ogg")
        command += ["-map", f"[{encoding.name}]", "-c:a", "libvorbis"]
        command += ["-b:a", str(encoding.bitrate), *_BITEXACT, *_comments(tags), target]
    command += ["-map", "[fingerprint]", "-t", _FINGERPRINT_S, "-f", "chromaprint"]
    command += ["-fp_format", "base64", str(places.ready / FINGERPRINT)]
    return [*command, "-map", "[mono]", "-f", "f32le", "pipe:1"]


def _graph(pcm: PcmFormat, is_lossless: bool) -> str:
    """FLAC gets the samples as they are; all else gets stereo at a common rate.

    Mono goes to both channels at full level, so that every lossy track has the same shape: players
    join and switch them without starting their decoder anew.
    """
    common = [f"aresample={lossy_rate(pcm.rate)}"] if lossy_rate(pcm.rate) != pcm.rate else []
    if pcm.channels == 1:
        common.append("pan=stereo|c0=c0|c1=c0")
    outputs = [encoding.name for encoding in (*ladder.AAC, *ladder.VORBIS)]
    outputs += ["fingerprint", "meter", "heard"]
    labels = "".join(f"[{name}]" for name in outputs)
    chain = ",".join([*common, f"asplit={len(outputs)}"]) + labels
    graph = f"[0:a]asplit=2[{ladder.FLAC.name}][in];[in]{chain}" if is_lossless else f"[0:a]{chain}"
    mono = f"[heard]aresample={MONO_RATE},pan=mono|c0=0.5*c0+0.5*c1[mono]"
    return f"{graph};[meter]ebur128=peak=true:framelog=quiet,anullsink;{mono}"


def _comments(tags: Tags) -> list[str]:
    """What a downloaded file says about itself."""
    comments = {"title": tags.title, "artist": "; ".join(tags.artists), "album": tags.album}
    return [part for name, text in comments.items() for part in ("-metadata", f"{name}={text}")]
