"""Decodes a source to exactly its own samples, and knows when they are not all there."""

import hashlib
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import IO

from functions.media import programs
from functions.media.pcm import PcmFormat
from functions.media.rejection import Rejected
from functions.media.source import INPUT_OPTIONS, Source

_BLOCK_FRAMES = 65_536
# How much less than the container claims may come out: padding that it counted, no more.
_LOSSLESS_TOLERANCE_S = 0.02
_LOSSY_TOLERANCE_S = 0.2
# Encoders fail on a handful of samples, and nobody would hear them.
_MIN_DURATION_S = 0.1
_MAX_LOG_BYTES = 1_000_000
_STREAMINFO_MD5 = slice(26, 42)


class Decoder:
    """One decoding of one file. `samples` and `warnings` are complete when `blocks` has ended."""

    def __init__(self, path: Path, source: Source, max_duration_s: int) -> None:
        self._path = path
        self._source = source
        self._max_duration_s = max_duration_s
        self.pcm = _pcm_of(source)
        self.samples = 0
        self.warnings: list[str] = []

    def blocks(self) -> Generator[bytes, None, None]:
        """The audio as `pcm`, a block of whole frames at a time; raises `Rejected`."""
        source = self._source
        limit = self._max_duration_s * source.rate
        if source.claimed_samples is not None and source.claimed_samples > limit:
            raise self._too_long()
        digest = hashlib.md5(usedforsecurity=False)
        expected = _flac_md5(self._path) if self._is_kept_as_it_is() else None
        with closing(self._decoded()) as decoded:
            for block in decoded:
                self.samples += len(block) // self.pcm.frame_bytes
                if self.samples > limit:
                    raise self._too_long()
                if expected:
                    digest.update(block)
                yield block
        self._check_length()
        if expected and digest.digest() != expected:
            raise Rejected("corrupt", "The audio differs from the checksum in the file")

    def _decoded(self) -> Generator[bytes, None, None]:
        # FFmpeg puts up to a block of extra samples before Ogg Vorbis; libsndfile is exact.
        if self._source.codec == "vorbis" and self._source.channels <= 2:
            from soundfile import LibsndfileError

            try:
                yield from self._with_libsndfile()
            except LibsndfileError as error:
                raise Rejected("corrupt", "The file's Vorbis audio cannot be decoded") from error
        else:
            yield from self._with_ffmpeg()

    def _with_libsndfile(self) -> Generator[bytes, None, None]:
        from soundfile import SoundFile

        with SoundFile(self._path) as file:
            for block in file.blocks(_BLOCK_FRAMES, dtype="float32"):
                yield block.tobytes()

    def _with_ffmpeg(self) -> Generator[bytes, None, None]:
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                self._ffmpeg_command(), stdout=subprocess.PIPE, stderr=log, bufsize=0
            )
            assert process.stdout is not None
            try:
                with process.stdout:
                    yield from self._whole_blocks(process.stdout)
                process.wait()
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            self._judge(process.returncode, log.read(_MAX_LOG_BYTES).decode(errors="replace"))

    def _ffmpeg_command(self) -> list[str]:
        strict = ["-xerror", "-err_detect", "crccheck+explode"] if self._source.is_lossless else []
        command = [programs.ffmpeg(), "-v", "error", "-nostdin", *strict, *INPUT_OPTIONS]
        command += ["-i", str(self._path), "-map", "0:a:0"]
        if self._source.channels > 2:
            command += ["-af", "aresample=out_chlayout=stereo:rematrix_maxval=1"]
        command += ["-ar", str(self.pcm.rate), "-ac", str(self.pcm.channels)]
        return [*command, "-f", self.pcm.encoding, "pipe:1"]

    def _whole_blocks(self, pipe: IO[bytes]) -> Generator[bytes, None, None]:
        wanted = _BLOCK_FRAMES * self.pcm.frame_bytes
        pending = bytearray()
        while data := pipe.read(wanted):
            pending += data
            if len(pending) >= wanted:
                yield bytes(pending[:wanted])
                del pending[:wanted]
        if pending:
            yield bytes(pending[: len(pending) // self.pcm.frame_bytes * self.pcm.frame_bytes])

    def _judge(self, status: int, log: str) -> None:
        """What FFmpeg's end says about the file; raises `Rejected`."""
        if status:
            self._check_length()
            raise Rejected("corrupt", "The file's audio is damaged and cannot be decoded")
        if "aist#" in log:
            self.warnings.append("Parts of the file could not be decoded and were left out")

    def _check_length(self) -> None:
        source = self._source
        claimed = source.claimed_samples or 0
        tolerance_s = _LOSSLESS_TOLERANCE_S if source.is_lossless else _LOSSY_TOLERANCE_S
        if claimed - self.samples > tolerance_s * source.rate:
            raise Rejected(
                "truncated",
                f"The file should last {claimed / source.rate:.1f} s, "
                f"but only the first {self.samples / source.rate:.1f} s can be decoded",
            )
        if self.samples < _MIN_DURATION_S * source.rate:
            raise Rejected("empty", "The file holds no audio to speak of")

    def _is_kept_as_it_is(self) -> bool:
        source = self._source
        return source.container == "flac" and source.bits in {16, 24} and source.channels <= 2

    def _too_long(self) -> Rejected:
        minutes = self._max_duration_s / 60
        return Rejected("too_long", f"A track may last at most {minutes:g} minutes")


def _pcm_of(source: Source) -> PcmFormat:
    """The smallest format that keeps every bit, or 32-bit floats for what was never integers."""
    if not source.is_lossless or source.is_float:
        encoding = "f32le"
    elif 0 < source.bits <= 16:
        encoding = "s16le"
    else:
        encoding = "s24le" if source.bits <= 24 else "s32le"
    return PcmFormat(encoding, source.rate, min(source.channels, 2))


def _flac_md5(path: Path) -> bytes | None:
    """The MD5 of the audio that the encoder wrote down (RFC 9639), if it did."""
    with path.open("rb") as file:
        head = file.read(42)
    if not head.startswith(b"fLaC"):
        return None
    md5 = head[_STREAMINFO_MD5]
    return md5 if any(md5) else None
