"""Segments and encrypts with Shaka Packager: CMAF for HLS and DASH, scheme cbcs."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from functions.media import manifest, programs
from functions.media.ladder import Encoding
from shared.content_keys import ContentKey

SEGMENT_S = 6
# Of all renditions, and of those that every plan may hear.
MASTER, MPD = "master.m3u8", "manifest.mpd"
LOSSY_MASTER, LOSSY_MPD = "lossy.m3u8", "lossy.mpd"

_LOSSLESS_MPD = "lossless.mpd"
_KEY_LINE = re.compile(r"^#EXT-X-KEY:.*$", re.MULTILINE)


class Keys(NamedTuple):
    """What a track's renditions are encrypted with."""

    lossy: ContentKey
    lossless: ContentKey


def package(encodings: Sequence[Encoding], encoded: Path, out: Path, keys: Keys) -> None:
    """From `<encoded>/<name>.mp4` to `<out>/<name>.m3u8`, `<out>/<name>/…` and the manifests.

    Players find a key by the playlist's key line alone; the segments carry only its id.
    """
    lossy = [encoding for encoding in encodings if not encoding.is_lossless]
    lossless = [encoding for encoding in encodings if encoding.is_lossless]
    _package(lossy, encoded, out, keys.lossy, LOSSY_MPD)
    mpd = (out / LOSSY_MPD).read_text()
    if lossless:
        # In one run, every file would ask for the keys of all.
        _package(lossless, encoded, out, keys.lossless, _LOSSLESS_MPD)
        mpd = manifest.joined_mpd(mpd, (out / _LOSSLESS_MPD).read_text())
        (out / _LOSSLESS_MPD).unlink()
    (out / MPD).write_text(mpd)
    (out / LOSSY_MASTER).write_text(manifest.master(lossy, out))
    (out / MASTER).write_text(manifest.master(encodings, out))


def with_clearkey(playlist: str, kid: bytes) -> str:
    """The playlist with the one key line that hls.js plays through ClearKey.

    It takes the key's id from the data URI and asks the licence address it is configured with.
    """
    encoded = base64.b64encode(kid).decode()
    line = (
        f'#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,{encoded}",'
        f'KEYID=0x{kid.hex()},KEYFORMAT="org.w3.clearkey"'
    )
    return _KEY_LINE.sub(line, playlist)


def _package(
    encodings: Sequence[Encoding], encoded: Path, out: Path, key: ContentKey, mpd: str
) -> None:
    programs.run(_command(encodings, encoded, key, mpd), cwd=out)
    for encoding in encodings:
        playlist = out / f"{encoding.name}.m3u8"
        playlist.write_text(with_clearkey(playlist.read_text(), key.kid))


def _command(encodings: Sequence[Encoding], encoded: Path, key: ContentKey, mpd: str) -> list[str]:
    streams = [
        f"in={encoded / encoding.name}.mp4,stream=audio"
        f",init_segment={encoding.name}/init.mp4"
        f",segment_template={encoding.name}/$Number%05d$.m4s"
        f",playlist_name={encoding.name}.m3u8,hls_group_id=audio,hls_name={encoding.name}"
        for encoding in encodings
    ]
    return [
        programs.packager(),
        *streams,
        f"--segment_duration={SEGMENT_S}",
        "--generate_static_live_mpd",
        f"--mpd_output={mpd}",
        # It insists on writing one; ours replaces it.
        f"--hls_master_playlist_output={MASTER}",
        "--enable_raw_key_encryption",
        f"--keys=label=:key_id={key.kid.hex()}:key={key.key.hex()}",
        f"--iv={key.iv.hex()}",
        "--protection_scheme=cbcs",
        "--clear_lead=0",
        "--protection_systems=CommonSystem",
        # A second run makes the same bytes: no time of day in them, no threads that race for ids.
        "--use_fake_clock_for_muxer",
        "--single_threaded",
        "--quiet",
    ]
