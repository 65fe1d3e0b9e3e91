"""What lists a track's renditions: HLS multivariant playlists (RFC 8216), and DASH's MPD.

Bandwidths are measured from the segments themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.media.ladder import Encoding

_SEGMENT = re.compile(r"^#EXTINF:(?P<seconds>[\d.]+),.*\n(?P<uri>[^#\n]+)$", re.MULTILINE)
_ADAPTATION_SETS = re.compile(r"^ *<AdaptationSet .*</AdaptationSet>\n", re.MULTILINE | re.DOTALL)
_END_OF_PERIOD = re.compile(r"^ *</Period>\n", re.MULTILINE)
_LENGTH = re.compile(r'(?<=mediaPresentationDuration="PT)[\d.]+(?=S")')


@dataclass(frozen=True)
class Segment:
    """One file of a media playlist."""

    seconds: float
    size: int


@dataclass(frozen=True)
class Bandwidth:
    """In bits a second."""

    peak: int
    average: int


def master(encodings: Sequence[Encoding], folder: Path) -> str:
    """The playlist of the media playlists `<folder>/<name>.m3u8`, in the order given."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for encoding in encodings:
        playlist = folder / f"{encoding.name}.m3u8"
        bandwidth = measure(segments(playlist))
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth.peak},"
            f'AVERAGE-BANDWIDTH={bandwidth.average},CODECS="{encoding.codecs}"'
        )
        lines.append(playlist.name)
    return "\n".join(lines) + "\n"


def joined_mpd(first: str, second: str) -> str:
    """One MPD of the renditions of two, each of one period, as the packager writes them.

    Raises `ValueError` for others.
    """
    added, end, length = (
        pattern.search(text)
        for pattern, text in ((_ADAPTATION_SETS, second), (_END_OF_PERIOD, first), (_LENGTH, first))
    )
    if added is None or end is None or length is None:
        raise ValueError("not an MPD of the packager's")
    sets = added[0]
    for element in ("AdaptationSet", "Representation"):
        sets = _renumbered(sets, element, by=first.count(f"<{element} "))
    longest = max(length[0], *_LENGTH.findall(second), key=float)
    joined = first[: end.start()] + sets + first[end.start() :]
    return _LENGTH.sub(longest, joined)


def segments(playlist: Path) -> list[Segment]:
    """The segments of a media playlist, sizes from the files beside it."""
    return [
        Segment(float(found["seconds"]), (playlist.parent / found["uri"]).stat().st_size)
        for found in _SEGMENT.finditer(playlist.read_text())
    ]


def measure(track: Sequence[Segment]) -> Bandwidth:
    """BANDWIDTH is that of the busiest segment, AVERAGE-BANDWIDTH that of all of them.

    RFC 8216 takes the peak over runs of 0.5 to 1.5 target durations. A shorter segment at the end
    does not count, unless there is no other.
    """
    longest = max(segment.seconds for segment in track)
    peak = max(
        segment.size * 8 / segment.seconds for segment in track if segment.seconds >= longest / 2
    )
    total = sum(segment.size for segment in track) * 8
    average = total / sum(segment.seconds for segment in track)
    return Bandwidth(peak=round(max(peak, average)), average=round(average))


def _renumbered(mpd: str, element: str, by: int) -> str:
    return re.sub(rf'(?<=<{element} id=")\d+', lambda id: str(int(id[0]) + by), mpd)
