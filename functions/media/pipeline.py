"""From an audio file to everything that is published of it. No cloud in here."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from functions.media import covers, ladder, package, source, tags
from functions.media.analysis.listener import Heard, hear, listen
from functions.media.covers import InvalidCoverError
from functions.media.decode import Decoder
from functions.media.embedding import Embedding
from functions.media.encode import Encoder, Places
from functions.media.loudness import Loudness
from functions.media.network.tagger import Tagger
from functions.media.tags import Tags
from functions.media.waveform import PeakMeter
from shared.events import Download, Features, Rendition

PEAKS = "peaks.bin"
ANALYSIS = "analysis.json"
EMBEDDING = "embedding.json"


@dataclass(frozen=True)
class Result:
    """What was made: files under `media` and `images`, and what the catalogue is told of them.

    `samples` and `sample_rate` are the source's own. `cover_id` is "" without a cover.
    """

    media: Path
    images: Path
    tags: Tags
    samples: int
    sample_rate: int
    channels: int
    loudness: Loudness
    features: Features
    cover_id: str
    renditions: list[Rendition]
    downloads: list[Download]
    warnings: list[str] = field(default_factory=list)

    @property
    def duration_ms(self) -> int:
        return round(self.samples * 1000 / self.sample_rate)


def process(
    path: Path,
    out: Path,
    *,
    filename: str,
    keys: package.Keys,
    max_duration_s: int,
    spare_picture: Callable[[], bytes | None] = lambda: None,
) -> Result:
    """Make all of a track's files in the empty folder `out`.

    `spare_picture` is asked for a cover when the file carries none that can be used; it may raise
    `InvalidCoverError`. Raises `Rejected` when the file cannot become a track, and
    `ProgramFailedError` when a program fails.
    """
    audio = source.inspect(path)
    description = tags.read(path, filename)
    media, work, images = (_folder(out / name) for name in ("media", "work", "images"))
    cover_id, warnings = _cover([lambda: description.picture, spare_picture], images)

    decoder = Decoder(path, audio, max_duration_s)
    # Downmixing is not lossless, so more than two channels get no FLAC.
    is_lossless = audio.is_lossless and audio.channels <= 2
    loudness, heard = _encode(decoder, description, Places(work, media), is_lossless)

    streamed = ladder.streamed(is_lossless)
    package.package(streamed, work, media, keys)
    return Result(
        media=media,
        images=images,
        tags=description,
        samples=decoder.samples,
        sample_rate=audio.rate,
        channels=audio.channels,
        loudness=loudness,
        features=heard.features,
        cover_id=cover_id,
        renditions=[Rendition(e.name, e.codec, e.bitrate, e.is_lossless) for e in streamed],
        downloads=[_download(encoding, media) for encoding in ladder.VORBIS],
        warnings=[*warnings, *decoder.warnings],
    )


def _encode(
    decoder: Decoder, description: Tags, places: Places, is_lossless: bool
) -> tuple[Loudness, Heard]:
    """Every encoding while decoding: the PCM is in memory a block at a time, and never on disk.

    FFmpeg gives back what it is to sound like while it is fed, so that is heard in a thread.
    """
    meter, tagger = PeakMeter(decoder.pcm), Tagger()
    encoder = Encoder(decoder.pcm, description, places, is_lossless=is_lossless)
    with ThreadPoolExecutor(1) as pool, encoder, closing(decoder.blocks()) as blocks:
        listening = pool.submit(listen, encoder.mono, tagger.add)
        for block in blocks:
            encoder.write(block)
            meter.add(block)
    heard = hear(listening.result(), encoder.loudness.integrated_lufs)
    embedding = Embedding(vector=heard.vector, network=tagger.impression())
    (places.ready / PEAKS).write_bytes(meter.points())
    (places.ready / ANALYSIS).write_bytes(msgspec.json.encode(heard.analysis))
    (places.ready / EMBEDDING).write_bytes(msgspec.json.encode(embedding))
    return encoder.loudness, heard


def _cover(candidates: Sequence[Callable[[], bytes | None]], images: Path) -> tuple[str, list[str]]:
    """The id of the first usable candidate ("" if none), and what was wrong with others."""
    warnings: list[str] = []
    for candidate in candidates:
        try:
            picture = candidate()
            if picture is not None:
                return covers.write(picture, images), warnings
        except InvalidCoverError as error:
            warnings.append(str(error))
    return "", warnings


def _download(encoding: ladder.Encoding, media: Path) -> Download:
    path = f"{encoding.name}.ogg"
    size = (media / path).stat().st_size
    return Download(encoding.name, encoding.codec, encoding.bitrate, path, size)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path
