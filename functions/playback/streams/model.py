"""What a listener is given to play a track."""

from dataclasses import dataclass

import msgspec

from functions.playback.streams import signing
from functions.playback.streams.signing import SigningKey
from shared.protos.catalog_pb2 import Track


class Loudness(msgspec.Struct, frozen=True):
    """For the player's gain: LUFS (EBU R128) and dBTP."""

    integrated_lufs: float
    true_peak_db: float


class StreamRendition(msgspec.Struct, frozen=True):
    """One rung of the ladder."""

    name: str
    codec: str
    bitrate: int
    lossless: bool


class StreamDownload(msgspec.Struct, frozen=True):
    """A whole file. `bytes` is its size."""

    name: str
    codec: str
    bitrate: int
    bytes: int
    url: str


class Stream(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a track's media lies and until when it may be fetched (seconds since the epoch).

    `lossless_withheld`: there is a lossless rendition, which the listener's plan does not have.
    """

    track_id: str
    manifest_url: str
    dash_url: str
    licence_url: str
    peaks_url: str
    expires_at: int
    duration_ms: int
    loudness: Loudness
    renditions: list[StreamRendition]
    downloads: list[StreamDownload]
    signed_query: str = ""
    lossless_withheld: bool = False


@dataclass(frozen=True)
class Access:
    """Leave to fetch all media of one track from the CDN until `expires` (seconds, epoch)."""

    key: SigningKey
    url_prefix: str
    expires: int

    @property
    def cookie(self) -> str:
        return signing.signed_cookie(self.key, self.url_prefix, self.expires)

    @property
    def query(self) -> str:
        return signing.signed_query(self.key, self.url_prefix, self.expires)


def stream(
    track: Track, access: Access, *, licence_url: str, signed_urls: bool, lossless: bool
) -> Stream:
    """The stream of a track; with `signed_urls` each address carries its own leave.

    Without `lossless` only the other renditions are offered, by manifests of their own.
    """
    manifest, mpd = ("master.m3u8", "manifest.mpd") if lossless else ("lossy.m3u8", "lossy.mpd")
    renditions = [item for item in track.media.renditions if lossless or not item.lossless]
    query = access.query if signed_urls else ""
    suffix = f"?{query}" if query else ""

    def url(path: str) -> str:
        return f"{access.url_prefix}{path}{suffix}"

    return Stream(
        track_id=track.id,
        manifest_url=url(manifest),
        dash_url=url(mpd),
        licence_url=licence_url,
        peaks_url=url("peaks.bin"),
        expires_at=access.expires,
        duration_ms=track.duration_ms,
        loudness=Loudness(track.media.integrated_lufs, track.media.true_peak_db),
        renditions=[
            StreamRendition(item.name, item.codec, item.bitrate, item.lossless)
            for item in renditions
        ],
        downloads=[
            StreamDownload(item.name, item.codec, item.bitrate, item.bytes, url(item.path))
            for item in track.media.downloads
        ],
        signed_query=query,
        lossless_withheld=len(renditions) < len(track.media.renditions),
    )
