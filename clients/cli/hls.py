"""Reading HLS playlists, the part of RFC 8216 that Cadenza's own media uses."""

import re
from urllib.parse import urljoin, urlsplit

import msgspec

_KEY_ID = re.compile(r"0[xX]([0-9a-fA-F]{32})")
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


class BadPlaylist(Exception):
    """The text is no playlist, or uses what this reader does not know."""


class Variant(msgspec.Struct, frozen=True):
    """A media playlist that a master playlist offers; `name` is its file's, without suffix."""

    name: str
    url: str


class MediaPlaylist(msgspec.Struct, frozen=True):
    """A track's pieces in order. `key_id` is 16 bytes, empty where nothing is encrypted."""

    init_url: str
    segment_urls: list[str]
    duration_s: float
    key_id: bytes


def parse_master(text: str, url: str) -> list[Variant]:
    """The variants of the master playlist at `url`; raises `BadPlaylist`."""
    addresses: list[str] = []
    follows_stream = False
    for line in _lines(text):
        if line.startswith("#EXT-X-MEDIA:"):
            if address := _attributes(line).get("URI"):
                addresses.append(address)
        elif line.startswith("#EXT-X-STREAM-INF:"):
            follows_stream = True
        elif follows_stream and not line.startswith("#"):
            addresses.append(line)
            follows_stream = False
    if not addresses:
        raise BadPlaylist("the master playlist offers nothing")
    urls = [urljoin(url, address) for address in dict.fromkeys(addresses)]
    return [Variant(_stem(address), address) for address in urls]


def parse_media(text: str, url: str) -> MediaPlaylist:
    """The media playlist at `url`, whole and of one piece; raises `BadPlaylist`."""
    init_url = ""
    keys: list[dict[str, str]] = []
    segments: list[str] = []
    duration_s = 0.0
    lines = _lines(text)
    for line in lines:
        if not line.startswith("#"):
            segments.append(urljoin(url, line))
        elif line.startswith("#EXT-X-MAP:"):
            if init_url:
                raise BadPlaylist("the playlist changes its initialisation")
            init_url = urljoin(url, _attributes(line).get("URI", ""))
        elif line.startswith("#EXT-X-KEY:"):
            keys.append(_attributes(line))
        elif line.startswith("#EXTINF:"):
            duration_s += _seconds(line)
        elif line.startswith("#EXT-X-BYTERANGE:"):
            raise BadPlaylist("byte ranges are not understood")
    if not init_url or not segments:
        raise BadPlaylist("the media playlist lacks its initialisation or its segments")
    if "#EXT-X-ENDLIST" not in lines:
        raise BadPlaylist("the media playlist has no end")
    return MediaPlaylist(init_url, segments, duration_s, _key_id(keys))


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise BadPlaylist("not an HLS playlist")
    return lines


def _attributes(line: str) -> dict[str, str]:
    _, _, listed = line.partition(":")
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(listed)}


def _key_id(keys: list[dict[str, str]]) -> bytes:
    """The key that the playlist names, in whichever of its systems' lines that is."""
    encrypting = [key for key in keys if key.get("METHOD") != "NONE"]
    for key in encrypting:
        if named := _KEY_ID.fullmatch(key.get("KEYID", "")):
            return bytes.fromhex(named[1])
    if encrypting:
        raise BadPlaylist("the media is encrypted with a key that the playlist does not name")
    return b""


def _seconds(line: str) -> float:
    try:
        return float(line.removeprefix("#EXTINF:").split(",", 1)[0])
    except ValueError:
        raise BadPlaylist(f"not a duration: {line}") from None


def _stem(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
