"""Playing a track: from its id to the pieces and the key that a player needs."""

import enum
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

import httpx
import msgspec

from clients.cli import hls
from clients.cli.api import Api, Loudness, Rendition, Track
from clients.cli.media import MediaFetcher
from clients.cli.retry import Patience
from shared import ids


class NotATrack(Exception):
    """The text names no track."""


class NoRendition(Exception):
    """The stream offers nothing that can be played here."""


class Quality(enum.StrEnum):
    """The most that the listener wants."""

    low = "low"
    normal = "normal"
    high = "high"
    lossless = "lossless"


class Delivery(enum.StrEnum):
    """How the CDN learns that the listener may fetch."""

    cookie = "cookie"
    url = "url"


_MOST_BITS_A_SECOND = {Quality.low: 96_000, Quality.normal: 160_000, Quality.high: 320_000}


class Playable(msgspec.Struct, frozen=True):
    """Everything needed to hear one rendition of a track; `key` is empty if it is clear.

    `lossless_withheld`: there is a lossless rendition, which the listener's plan does not have.
    """

    rendition: Rendition
    loudness: Loudness
    duration_ms: int
    piece_urls: list[str]
    key: bytes
    fetcher: MediaFetcher
    lossless_withheld: bool = False

    def media(self) -> AsyncIterator[bytes]:
        """One fragmented MP4, in pieces."""
        return self.fetcher.in_order(self.piece_urls)


def track_id_of(text: str) -> str:
    """The id in an id, a `spotify:track:` URI or a URL that ends with one; raises `NotATrack`."""
    if text.startswith("spotify:"):
        _, _, rest = text.partition(":")
        kind, _, track_id = rest.partition(":")
        if kind != "track":
            raise NotATrack(f"{text} is a {kind}, not a track")
    else:
        track_id = urlsplit(text).path.rstrip("/").rsplit("/", 1)[-1]
    if not ids.is_valid(track_id):
        raise NotATrack(f"{text} is no track's id, URI or address")
    return track_id


def choose(renditions: Sequence[Rendition], quality: Quality) -> Rendition:
    """The best that is not more than asked for, else the smallest; raises `NoRendition`."""
    if not renditions:
        raise NoRendition("the track has no renditions")
    lossless = [item for item in renditions if item.lossless]
    lossy = [item for item in renditions if not item.lossless]
    if not lossy or (quality is Quality.lossless and lossless):
        return lossless[0]
    most = _MOST_BITS_A_SECOND.get(quality, _MOST_BITS_A_SECOND[Quality.high])
    fitting = [item for item in lossy if item.bitrate <= most]
    if fitting:
        return max(fitting, key=lambda item: item.bitrate)
    return min(lossy, key=lambda item: item.bitrate)


def title_of(track: Track, found: Playable) -> str:
    """One line for the listener: who, what, how long, how good."""
    artists = ", ".join(artist.name for artist in track.artists)
    minutes, seconds = divmod(found.duration_ms // 1000, 60)
    return f"{artists}: {track.name} ({minutes}:{seconds:02}, {found.rendition.name})"


async def open_track(
    api: Api,
    media_client: httpx.AsyncClient,
    track_id: str,
    *,
    quality: Quality,
    delivery: Delivery = Delivery.cookie,
    session: str = "",
    patience: Patience | None = None,
) -> Playable:
    """Asks for the stream, reads its playlists and asks for the key.

    `session` is where it is played, for accounts that may play in one place at a time.

    Raises `ApiError`, `Unreachable`, `MediaUnavailable`, `BadPlaylist` or `NoRendition`.
    """
    access = await api.stream(track_id, signed_urls=delivery is Delivery.url, session=session)
    stream = access.stream
    fetcher = MediaFetcher(media_client, access, patience=patience)
    rendition = choose(stream.renditions, quality)
    master = await fetcher.get(stream.manifest_url)
    for variant in hls.parse_master(_text(master), stream.manifest_url):
        if variant.name == rendition.name:
            break
    else:
        raise NoRendition(f"the manifest does not offer {rendition.name}")
    playlist = hls.parse_media(_text(await fetcher.get(variant.url)), variant.url)
    key = await api.licence(stream.licence_url, playlist.key_id) if playlist.key_id else b""
    return Playable(
        rendition=rendition,
        loudness=stream.loudness,
        duration_ms=stream.duration_ms,
        piece_urls=[playlist.init_url, *playlist.segment_urls],
        key=key,
        fetcher=fetcher,
        lossless_withheld=stream.lossless_withheld,
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
