import pytest

from clients.cli import hls
from clients.cli.hls import BadPlaylist

MASTER = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="flac",NAME="Lossless, all of it",URI="flac.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="mp4a.40.2"
aac96.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=330000,CODECS="mp4a.40.2",AUDIO="x"
aac320.m3u8
"""
MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAA=",KEYID=0x000102030405060708090A0B0C0D0E0F,KEYFORMAT="org.w3.clearkey"
#EXT-X-MAP:URI="aac96/init.mp4"
#EXTINF:6.000,
aac96/00001.m4s
#EXTINF:2.500,
aac96/00002.m4s
#EXT-X-ENDLIST
"""
BASE = "https://cdn.test/media/t/1/"


def test_a_master_playlist_names_its_variants() -> None:
    variants = hls.parse_master(MASTER, BASE + "master.m3u8?Signature=x")
    assert [variant.name for variant in variants] == ["flac", "aac96", "aac320"]
    assert variants[1].url == BASE + "aac96.m3u8"


def test_a_media_playlist_is_read() -> None:
    playlist = hls.parse_media(MEDIA, BASE + "aac96.m3u8")
    assert playlist.init_url == BASE + "aac96/init.mp4"
    assert playlist.segment_urls == [BASE + "aac96/00001.m4s", BASE + "aac96/00002.m4s"]
    assert playlist.duration_s == 8.5
    assert playlist.key_id == bytes(range(16))


def test_clear_media_has_no_key() -> None:
    lines = [line for line in MEDIA.splitlines() if "KEY" not in line]
    assert hls.parse_media("\n".join(lines), BASE).key_id == b""
    lines.insert(1, "#EXT-X-KEY:METHOD=NONE")
    assert hls.parse_media("\r\n".join(lines), BASE).key_id == b""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("#EXTM3U", "<html>", "not an HLS"),
        ("#EXT-X-ENDLIST", "", "no end"),
        ("#EXT-X-MAP", "#EXT-X-NOTHING", "lacks"),
        ("KEYID=0x00", "KEYID=0x", "does not name"),
        ("6.000", "six", "duration"),
        ("#EXT-X-TARGETDURATION:6", "#EXT-X-BYTERANGE:5@0", "byte ranges"),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(BadPlaylist, match=why):
        hls.parse_media(MEDIA.replace(old, new, 1), BASE)


def test_an_empty_master_is_refused() -> None:
    with pytest.raises(BadPlaylist, match="nothing"):
        hls.parse_master("#EXTM3U\n", BASE)
