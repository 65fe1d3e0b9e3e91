"""The pipeline on real encoders: what goes in comes out, to the sample."""

import base64
import filecmp
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from mutagen.flac import FLAC, Picture

from functions.media import pipeline, tags
from functions.media.embedding import Embedding
from functions.media.network.checkpoint import InvalidCheckpointError
from functions.media.network.musicnn import Musicnn
from functions.media.package import Keys
from functions.media.pipeline import Result
from functions.media.rejection import Rejected
from shared import ids
from shared.content_keys import DerivedKeys
from tests.integration.functions.media import listening
from tests.integration.functions.media.listening import ffmpeg
from tests.unit.functions.media import sounds

TRACK = ids.derive("track", "me", "song")
DERIVED = DerivedKeys(bytes(range(32)))
KEYS = Keys(DERIVED.content_key(TRACK), DERIVED.lossless_key(TRACK))
AAC = ["aac96", "aac160", "aac320"]
LOSSLESS = [*AAC, "flac"]
VORBIS = ["vorbis96", "vorbis160", "vorbis320"]

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a file of 7.3 s of sound by FFmpeg."""

    def made(name: str, *options: str, rate: int = 44_100, seconds: float = 7.3) -> Path:
        sound = f"aevalsrc=0.4*sin(880*t)+0.05*random(0)|0.2*sin(660*t):s={rate}:d={seconds}"
        path = tmp_path / name
        ffmpeg("-f", "lavfi", "-i", sound, *options, path)
        return path

    return made


def process(path: Path, out: Path, *, max_duration_s: int = 600) -> Result:
    return pipeline.process(path, out, filename=path.name, keys=KEYS, max_duration_s=max_duration_s)


def rejected(path: Path, tmp_path: Path, *, max_duration_s: int = 600) -> Rejected:
    with pytest.raises(Rejected) as caught:
        process(path, tmp_path / "out", max_duration_s=max_duration_s)
    return caught.value


class Input(NamedTuple):
    name: str
    options: tuple[str, ...]
    rate: int
    renditions: list[str]


@pytest.mark.parametrize(
    "given",
    [
        Input("a.wav", (), 44_100, LOSSLESS),
        Input("a.wav", ("-c:a", "pcm_f32le"), 48_000, LOSSLESS),
        Input("a.aiff", (), 48_000, LOSSLESS),
        Input("a.flac", (), 44_100, LOSSLESS),
        Input("a.flac", ("-ac", "1"), 48_000, LOSSLESS),
        Input("a.flac", ("-sample_fmt", "s32"), 96_000, LOSSLESS),
        Input("a.m4a", ("-c:a", "alac"), 44_100, LOSSLESS),
        Input("a.m4a", (), 44_100, AAC),
        Input("a.mp3", (), 48_000, AAC),
        Input("a.mp3", ("-ac", "1"), 22_050, AAC),
        Input("a.ogg", ("-c:a", "libvorbis"), 44_100, AAC),
        Input("a.opus", (), 48_000, AAC),
    ],
)
def test_every_encoding_has_exactly_the_sources_samples(
    make: Make, tmp_path: Path, given: Input
) -> None:
    rate = given.rate
    result = process(make(given.name, *given.options, rate=rate), tmp_path / "out")

    assert (result.samples, result.sample_rate) == (round(7.3 * rate), rate)
    assert result.duration_ms == 7300
    assert [rendition.name for rendition in result.renditions] == given.renditions
    assert [download.name for download in result.downloads] == VORBIS
    lossy_rate = {22_050: 44_100, 96_000: 48_000}.get(rate, rate)
    expected = round(7.3 * lossy_rate)
    for aac in AAC:
        assert len(listening.samples(listening.decrypted(result, aac, KEYS.lossy.key))) == expected
    for vorbis in VORBIS:
        assert len(listening.samples(result.media / f"{vorbis}.ogg")) == expected
    assert len((result.media / "peaks.bin").read_bytes()) == 800
    assert (result.media / "fingerprint.txt").read_text().startswith("AQ")
    assert -25 < result.loudness.integrated_lufs < -5
    assert -10 < result.loudness.true_peak_db < 0


@pytest.mark.parametrize(
    ("options", "rate", "channels"),
    [((), 44_100, 2), (("-ac", "1"), 48_000, 1), (("-sample_fmt", "s32"), 96_000, 2)],
)
def test_flac_is_the_source_bit_by_bit(
    make: Make, tmp_path: Path, options: tuple[str, ...], rate: int, channels: int
) -> None:
    path = make("a.flac", *options, rate=rate)
    result = process(path, tmp_path / "out")
    heard = listening.samples(listening.decrypted(result, "flac", KEYS.lossless.key), channels)
    assert np.array_equal(heard, listening.samples(path, channels))


def test_vorbis_is_not_shifted(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.ogg", seconds=3)
    result = process(path, tmp_path / "out")
    heard = listening.samples(result.media / "vorbis320.ogg")
    assert np.abs(heard - listening.samples(path)).max() < 0.02


def test_more_than_two_channels_are_mixed_down(make: Make, tmp_path: Path) -> None:
    path = make("a.flac", "-af", "pan=5.1|FL=c0|FR=c1|FC=c0|LFE=c0|BL=c0|BR=c1")
    result = process(path, tmp_path / "out")
    assert result.channels == 6
    assert [rendition.name for rendition in result.renditions] == AAC
    assert result.loudness.true_peak_db < 0


def test_nothing_can_be_heard_without_the_key(make: Make, tmp_path: Path) -> None:
    result = process(make("a.flac"), tmp_path / "out")
    for name in LOSSLESS:
        joined = listening.join(result, name)
        right, other = KEYS if name != "flac" else reversed(KEYS)
        assert listening.errors(["-decryption_key", right.key.hex()], joined) == ""
        for options in ([], *(["-decryption_key", key.hex()] for key in (other.key, bytes(16)))):
            assert listening.errors(options, joined) != "", (name, options)


def test_no_rendition_asks_for_the_key_of_another(make: Make, tmp_path: Path) -> None:
    """Players ask for every key id that they come across, and one refusal refuses them all."""
    result = process(make("a.flac"), tmp_path / "out")
    for name in LOSSLESS:
        own, other = KEYS if name != "flac" else reversed(KEYS)
        for file in (result.media / name).iterdir():
            assert other.kid not in file.read_bytes()
        assert own.kid in (result.media / name / "init.mp4").read_bytes()
    asked = key_ids(result.media / "lossy.mpd")
    assert asked == {KEYS.lossy.kid}
    assert key_ids(result.media / "manifest.mpd") == {KEYS.lossy.kid, KEYS.lossless.kid}


def key_ids(mpd: Path) -> set[bytes]:
    """Those that are named outright, and those in the initialisation data."""
    text = mpd.read_text()
    named = re.findall(r'default_KID="([0-9a-f-]+)"', text)
    boxes = [base64.b64decode(box) for box in re.findall(r"<cenc:pssh>(.*)</cenc:pssh>", text)]
    assert len(boxes) == len(named)
    # A box of version 1: its head of 28 bytes, how many ids, the ids, and no data.
    held = [box[at : at + 16] for box in boxes for at in range(32, len(box) - 4, 16)]
    return {uuid.UUID(kid).bytes for kid in named} | set(held)


def renditions_of(mpd: Path) -> list[str]:
    """The folders of what it lists, in order."""
    return re.findall(r'initialization="(.*)/init.mp4"', mpd.read_text())


@pytest.mark.parametrize(("file", "all_of_it"), [("a.flac", LOSSLESS), ("a.mp3", AAC)])
def test_manifests_list_everything_or_all_but_lossless(
    make: Make, tmp_path: Path, file: str, all_of_it: list[str]
) -> None:
    media = process(make(file), tmp_path / "out").media
    for master, mpd, listed in (
        ("master.m3u8", "manifest.mpd", all_of_it),
        ("lossy.m3u8", "lossy.mpd", AAC),
    ):
        lines = (media / master).read_text().splitlines()
        assert [line for line in lines if not line.startswith("#")] == [
            f"{name}.m3u8" for name in listed
        ]
        assert renditions_of(media / mpd) == listed
        text = (media / mpd).read_text()
        assert re.findall(r'<Representation id="(\d+)"', text) == [
            str(number) for number in range(len(listed))
        ]
    assert not list(media.glob("lossless*"))


def test_playlists(make: Make, tmp_path: Path) -> None:
    result = process(make("a.flac"), tmp_path / "out")
    for name in LOSSLESS:
        lines = (result.media / f"{name}.m3u8").read_text().splitlines()
        keys = [line for line in lines if line.startswith("#EXT-X-KEY")]
        assert len(keys) == 1
        kid = KEYS.lossless.kid if name == "flac" else KEYS.lossy.kid
        assert f"KEYID=0x{kid.hex()}" in keys[0]
        segments = [line for line in lines if line and not line.startswith("#")]
        assert segments == [f"{name}/00001.m4s", f"{name}/00002.m4s"]
        assert all((result.media / segment).exists() for segment in segments)
    text = "".join(p.read_text() for p in result.media.glob("*.m*"))
    assert not [key for key in KEYS if key.key.hex() in text]


def test_two_runs_make_the_same_bytes(make: Make, tmp_path: Path) -> None:
    path = make("a.flac")
    one, other = (process(path, tmp_path / name).media for name in ("one", "other"))
    files = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert len(files) == 4 * (2 + 2) + 11
    _, different, odd = filecmp.cmpfiles(one, other, map(str, files), shallow=False)
    assert (different, odd) == ([], [])


def test_silence_has_finite_loudness(tmp_path: Path, make: Make) -> None:
    path = make("a.flac", "-af", "volume=0", seconds=1)
    loudness = process(path, tmp_path / "out").loudness
    assert (loudness.integrated_lufs, loudness.true_peak_db) == (-70.0, -144.0)


def test_a_cover_from_the_file(make: Make, tmp_path: Path) -> None:
    path = with_picture(make("a.flac", seconds=1), sounds.picture())
    result = process(path, tmp_path / "out")
    assert (result.images / result.cover_id / "640.jpg").exists()
    assert result.warnings == []


def test_a_damaged_cover_gives_way_to_the_spare_one(make: Make, tmp_path: Path) -> None:
    path = with_picture(make("a.flac", seconds=1), b"\xff\xd8\xff" + bytes(100))
    result = pipeline.process(
        path,
        tmp_path / "out",
        filename="a.flac",
        keys=KEYS,
        max_duration_s=60,
        spare_picture=sounds.picture,
    )
    assert (result.images / result.cover_id / "64.jpg").exists()
    assert result.warnings == ["The cover is not a picture of a kind that we know"]


def test_a_damaged_cover_alone_is_only_a_warning(make: Make, tmp_path: Path) -> None:
    result = process(with_picture(make("a.flac", seconds=1), b"junk"), tmp_path / "out")
    assert result.cover_id == ""
    assert len(result.warnings) == 1


def test_hostile_tags_reach_no_file_name_and_no_shell(make: Make, tmp_path: Path) -> None:
    path = make("a.flac", seconds=1)
    file = FLAC(path)
    file["title"] = "../../$(touch hacked);`id`\x07\u202e -f null"
    file["artist"] = "<Unknown>"
    file.save()
    result = process(path, tmp_path / "out")
    assert result.tags.title == "../../$(touch hacked);`id` -f null"
    assert result.tags.artists == [tags.UNKNOWN_ARTIST]
    assert tags.read(result.media / "vorbis96.ogg", "x.ogg").title == result.tags.title
    assert list(tmp_path.rglob("hacked")) == []


def with_picture(path: Path, data: bytes) -> Path:
    file, picture = FLAC(path), Picture()
    picture.type, picture.mime, picture.data = 3, "image/jpeg", data
    file.add_picture(picture)
    file.save()
    return path


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.flac", b"", "empty"),
        ("text.mp3", b"This is no music.\n" * 20_000, "not_audio"),
        ("page.html", b"<!doctype html><title>No</title>", "not_audio"),
        ("noise.mp3", np.random.default_rng(1).bytes(100_000), "not_audio"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/x.mp3\n", "not_audio"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile /etc/passwd\n", "not_audio"),
        ("picture.jpg", sounds.picture(), "not_audio"),
    ],
)
def test_what_is_no_audio(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert rejected(path, tmp_path).code == code


def test_a_film_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1", path)
    assert rejected(path, tmp_path).code == "not_audio"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.flac", ()),
        ("a.wav", ()),
        ("a.aiff", ()),
        ("a.m4a", ("-c:a", "alac")),
        ("a.m4a", ("-movflags", "+faststart")),
        ("a.mp3", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.opus", ()),
    ],
)
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_file_that_breaks_off(
    make: Make, tmp_path: Path, name: str, options: tuple[str, ...], kept: float
) -> None:
    path = make(name, *options)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert rejected(path, tmp_path).code == "truncated"


def test_a_flac_with_a_wrong_checksum(make: Make, tmp_path: Path) -> None:
    path = make("a.flac", seconds=1)
    data = bytearray(path.read_bytes())
    data[26] ^= 1
    path.write_bytes(data)
    assert rejected(path, tmp_path).code == "corrupt"


def test_a_file_without_samples(make: Make, tmp_path: Path) -> None:
    assert rejected(make("a.wav", seconds=0.001), tmp_path).code == "empty"


def test_an_absurd_sample_rate(make: Make, tmp_path: Path) -> None:
    assert rejected(make("a.wav", rate=4000), tmp_path).code == "unsupported"


def test_a_track_of_three_hours_is_refused_at_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=10800", path)
    error = rejected(path, tmp_path, max_duration_s=7200)
    assert (error.code, error.message) == ("too_long", "A track may last at most 120 minutes")


def test_a_header_that_hides_the_length(make: Make, tmp_path: Path) -> None:
    path = make("a.flac")
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:42] = bytes(20)  # neither a length nor a checksum
    path.write_bytes(data)
    assert rejected(path, tmp_path, max_duration_s=5).code == "too_long"


def test_without_its_network_a_track_is_a_track(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> Musicnn:
        raise InvalidCheckpointError(folder.name)

    monkeypatch.setattr(Musicnn, "read", fail)
    result = process(make("a.ogg", "-c:a", "libvorbis", seconds=3), tmp_path / "out")
    raw = (result.media / pipeline.EMBEDDING).read_bytes()
    embedding = msgspec.json.decode(raw, type=Embedding)
    assert embedding.network is None
    assert any(embedding.vector)
