"""The encodings that every track gets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Encoding:
    """`bitrate` in bits a second, nominal; 0 where it varies with the music (lossless).

    `codecs` is what a manifest calls it (RFC 6381).
    """

    name: str
    codec: str
    bitrate: int
    codecs: str = ""

    @property
    def is_lossless(self) -> bool:
        return self.codec == "flac"


AAC = tuple(
    Encoding(f"aac{kbps}", "aac", kbps * 1000, codecs="mp4a.40.2") for kbps in (96, 160, 320)
)
FLAC = Encoding("flac", "flac", 0, codecs="fLaC")
VORBIS = tuple(Encoding(f"vorbis{kbps}", "vorbis", kbps * 1000) for kbps in (96, 160, 320))


def streamed(is_lossless: bool) -> tuple[Encoding, ...]:
    """What HLS and DASH carry, from low to high."""
    return (*AAC, FLAC) if is_lossless else AAC
