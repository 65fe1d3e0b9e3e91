from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.media import ladder, manifest
from functions.media.manifest import Bandwidth, Segment

PLAYLIST = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:7
#EXT-X-MAP:URI="{name}/init.mp4"
#EXTINF:6.000,
{name}/00001.m4s
#EXTINF:6.000,
{name}/00002.m4s
#EXTINF:0.500,
{name}/00003.m4s
#EXT-X-ENDLIST
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for order, encoding in enumerate(ladder.streamed(is_lossless=True), start=1):
        (tmp_path / f"{encoding.name}.m3u8").write_text(PLAYLIST.format(name=encoding.name))
        (tmp_path / encoding.name).mkdir()
        for number, size in enumerate((6000, 7500, 900), start=1):
            path = tmp_path / encoding.name / f"{number:05d}.m4s"
            path.write_bytes(bytes(size * order))
    return tmp_path


def test_master(folder: Path) -> None:
    assert manifest.master(ladder.streamed(is_lossless=True), folder) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=10000,AVERAGE-BANDWIDTH=9216,CODECS="mp4a.40.2"\n'
        "aac96.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=20000,AVERAGE-BANDWIDTH=18432,CODECS="mp4a.40.2"\n'
        "aac160.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=30000,AVERAGE-BANDWIDTH=27648,CODECS="mp4a.40.2"\n'
        "aac320.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=40000,AVERAGE-BANDWIDTH=36864,CODECS="fLaC"\n'
        "flac.m3u8\n"
    )


def test_the_mpd_of_everything_has_the_renditions_of_both() -> None:
    lossy = mpd("7.3", adaptation_set(0, 0, 1, 2))
    lossless = mpd("7.30002", adaptation_set(0, 0))

    assert manifest.joined_mpd(lossy, lossless) == mpd(
        "7.30002", adaptation_set(0, 0, 1, 2), adaptation_set(1, 3)
    )


def test_the_longer_of_two_renditions_is_not_cut_short() -> None:
    one, other = mpd("10.5", adaptation_set(0, 0)), mpd("9.5", adaptation_set(0, 0))

    assert 'mediaPresentationDuration="PT10.5S"' in manifest.joined_mpd(one, other)


@pytest.mark.parametrize("broken", ["", "<MPD></MPD>"])
def test_what_is_no_mpd_is_not_joined(broken: str) -> None:
    whole = mpd("7.3", adaptation_set(0, 0))

    for pair in ((broken, whole), (whole, broken)):
        with pytest.raises(ValueError, match="not an MPD"):
            manifest.joined_mpd(*pair)


def mpd(seconds: str, *sets: str) -> str:
    """As the packager writes it, in short."""
    return (
        f'<MPD xmlns="urn:x" mediaPresentationDuration="PT{seconds}S">\n  <Period id="0">\n'
        + "".join(sets)
        + "  </Period>\n</MPD>\n"
    )


def adaptation_set(number: int, *representations: int) -> str:
    inner = "".join(f'      <Representation id="{id}"/>\n' for id in representations)
    return f'    <AdaptationSet id="{number}">\n{inner}    </AdaptationSet>\n'


def test_a_short_last_segment_does_not_count_as_the_peak() -> None:
    assert manifest.measure([Segment(6, 6000), Segment(0.1, 6000)]).peak == 15738


def test_a_track_of_one_segment() -> None:
    assert manifest.measure([Segment(0.5, 1000)]) == Bandwidth(peak=16000, average=16000)


@given(st.lists(st.builds(Segment, st.floats(0.01, 10), st.integers(1, 10**7)), min_size=1))
def test_the_peak_is_at_least_the_average(track: list[Segment]) -> None:
    bandwidth = manifest.measure(track)
    assert bandwidth.peak >= bandwidth.average > 0 or sum(s.size for s in track) < 100
