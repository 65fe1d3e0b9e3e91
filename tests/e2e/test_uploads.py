"""What is sent in, good and bad: each ends as ready or rejected, never between."""

import concurrent.futures
import shutil
import subprocess
from pathlib import Path

import mutagen
import mutagen.flac
import pytest
import soundfile

from tests import sounds
from tests.platform import Platform


def rejected_as(platform: Platform, path: Path) -> str:
    """The reason's code, after `cadenza add` has said that the file was rejected."""
    done = platform.add(path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "rejected" in done.stdout
    outcome = platform.outcome_of(sounds.sha256(path))
    assert outcome.status == "rejected"
    assert outcome.track_id == ""
    return outcome.code


def test_a_text_file_named_mp3(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "lyrics.mp3"
    path.write_text("la la la\n" * 1000)

    assert rejected_as(platform, path) == "not_audio"


def test_an_empty_file(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "empty.flac"
    path.touch()
    done = platform.add(path)
    assert (done.returncode, "the file is empty" in done.stdout) == (1, True)

    with platform.client() as client:
        body = {"filename": path.name, "size": 0, "sha256": sounds.sha256(path)}
        upload = client.post("/v1/uploads", json=body).json()
        client.put(upload["upload_url"], content=b"", headers={"Content-Range": "bytes */0"})

    outcome = platform.outcome_of(sounds.sha256(path))
    assert (outcome.status, outcome.code) == ("rejected", "empty")


def test_a_truncated_flac(platform: Platform, tmp_path: Path) -> None:
    whole = sounds.write(tmp_path / "whole.flac", seconds=8, seed=20)
    path = tmp_path / "half.flac"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    assert rejected_as(platform, path) == "truncated"


def test_a_file_of_three_hours(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(180):
            file.buffer_write(bytes(2 * 8000 * 60), "int16")

    assert rejected_as(platform, path) == "too_long"


def test_a_corrupt_cover_costs_the_cover_and_not_the_track(
    platform: Platform, tmp_path: Path
) -> None:
    path = sounds.write(tmp_path / "cover.flac", seed=21, tags={"title": "Torn Sleeve"})
    file = mutagen.flac.FLAC(path)
    picture = mutagen.flac.Picture()
    picture.type, picture.mime, picture.data = 3, "image/jpeg", b"\xff\xd8\xff no picture at all"
    file.add_picture(picture)
    file.save()

    assert platform.add(path).returncode == 0
    outcome = platform.outcome_of(sounds.sha256(path))
    assert outcome.status == "ready"
    assert any("cover" in warning for warning in outcome.warnings)
    assert platform.get(f"/v1/tracks/{outcome.track_id}")["album"]["images"] == []


def test_hostile_tags(platform: Platform, tmp_path: Path) -> None:
    path = sounds.write(
        tmp_path / "hostile.flac",
        seed=22,
        tags={
            "title": "x" * 10_000_000,
            "artist": "../../etc/passwd\x00\x1b[31m",
            "album": "\u202egnp.exe\n; rm -rf /",
            "tracknumber": "-99999999999999999999",
        },
    )

    assert platform.add(path).returncode == 0
    outcome = platform.outcome_of(sounds.sha256(path))
    track = platform.get(f"/v1/tracks/{outcome.track_id}")
    assert len(track["name"]) <= 500
    shown = track["name"] + track["artists"][0]["name"] + track["album"]["name"]
    assert not any(ord(character) < 32 or character == "\u202e" for character in shown)
    assert platform.cadenza("play", outcome.track_id, "--null").returncode == 0


def test_the_same_file_twice(platform: Platform, tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "once.ogg", seed=23, tags={"title": "Once"})
    copy = Path(shutil.copy(path, tmp_path / "other name.ogg"))

    first, again, renamed = platform.add(path), platform.add(path), platform.add(copy)

    assert [done.returncode for done in (first, again, renamed)] == [0, 0, 0]
    assert "already there" in again.stdout
    assert "already there" in renamed.stdout


def test_two_clients_racing_with_the_same_file(platform: Platform, tmp_path: Path) -> None:
    path = sounds.write(
        tmp_path / "race.flac", seed=24, tags={"title": "Race", "album": "Races", "artist": "R"}
    )

    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = list(pool.map(platform.add, [path, path]))

    assert [done.returncode for done in runs] == [0, 0], [done.stdout for done in runs]
    track = platform.get(f"/v1/tracks/{platform.outcome_of(sounds.sha256(path)).track_id}")
    assert track["album"]["total_tracks"] == 1


def test_an_album_track_by_track(platform: Platform, tmp_path: Path) -> None:
    """Several clients at once, several discs: one album, in order, with the folder's cover."""
    from PIL import Image

    folder = tmp_path / "Album"
    folder.mkdir()
    Image.new("RGB", (700, 700), "teal").save(folder / "folder.jpg")
    files = [
        sounds.write(
            folder / f"{disc}-{number}.ogg",
            seconds=1,
            seed=100 * disc + number,
            tags={
                "title": f"Part {disc}.{number}",
                "artist": f"Singer {number}",
                "albumartist": "Various Artists",
                "album": "Parts",
                "discnumber": str(disc),
                "tracknumber": f"{number}/3",
                "date": "2024-05-06",
            },
        )
        for disc in (1, 2)
        for number in (1, 2, 3)
    ]

    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = list(pool.map(platform.add, files))

    assert [done.returncode for done in runs] == [0] * 6, [done.stdout for done in runs]
    track = platform.get(f"/v1/tracks/{platform.outcome_of(sounds.sha256(files[0])).track_id}")
    album = platform.get(f"/v1/albums/{track['album']['id']}")
    assert album["total_tracks"] == 6
    assert album["album_type"] == "compilation"
    assert album["artists"][0]["name"] == "Various Artists"
    assert (album["release_date"], album["release_date_precision"]) == ("2024-05-06", "day")
    names = [item["name"] for item in album["tracks"]["items"]]
    assert names == [f"Part {disc}.{number}" for disc in (1, 2) for number in (1, 2, 3)]
    assert [image["width"] for image in album["images"]] == [640, 300, 64]
    with platform.client() as client:
        picture = client.get(album["images"][0]["url"])
    assert picture.headers["Content-Type"] == "image/jpeg"


def test_what_was_interrupted_goes_on(platform: Platform, tmp_path: Path) -> None:
    """A client that dies in the middle, and another that takes over."""
    path = sounds.write(tmp_path / "interrupted.flac", seconds=40, seed=25)
    first_half = path.read_bytes()[: 8 * 256 * 1024]
    with platform.client() as client:
        body = {
            "filename": path.name,
            "size": path.stat().st_size,
            "sha256": sounds.sha256(path),
        }
        upload = client.post("/v1/uploads", json=body).json()
        client.put(
            upload["upload_url"],
            content=first_half,
            headers={
                "Content-Range": f"bytes 0-{len(first_half) - 1}/{path.stat().st_size}",
                "Authorization": "",
            },
        )
        known = client.post("/v1/uploads", json=body).json()

    assert known["upload_url"] == upload["upload_url"]
    assert platform.add(path).returncode == 0
    assert platform.outcome_of(sounds.sha256(path)).status == "ready"


def test_bytes_that_are_not_what_was_promised(platform: Platform, tmp_path: Path) -> None:
    promised = sounds.write(tmp_path / "promised.flac", seconds=1, seed=26)
    sent = sounds.write(tmp_path / "sent.flac", seconds=1, seed=27)
    with platform.client() as client:
        body = {
            "filename": "song.flac",
            "size": sent.stat().st_size,
            "sha256": sounds.sha256(promised),
        }
        upload = client.post("/v1/uploads", json=body).json()
        client.put(upload["upload_url"], content=sent.read_bytes(), headers={"Authorization": ""})

    outcome = platform.outcome_of(sounds.sha256(promised))

    assert (outcome.status, outcome.code) == ("rejected", "digest_mismatch")
    assert platform.add(promised).returncode == 0, "it may be tried again"
    assert platform.outcome_of(sounds.sha256(promised)).status == "ready"


def test_a_job_killed_half_way_is_done_again(platform: Platform, tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "killed.flac", seconds=60, seed=28)
    assert platform.cadenza("add", str(path), "--no-wait").returncode == 0

    killed = _kill_the_job()

    assert killed, "the job was over before it could be killed"
    outcome = platform.outcome_of(sounds.sha256(path))
    assert outcome.status == "ready"
    played = platform.cadenza("play", outcome.track_id, "--quality", "lossless", "--null")
    assert f"{60 * sounds.RATE} samples" in played.stdout


def _kill_the_job(within_s: float = 20) -> bool:
    import time

    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        # FFmpeg runs: the job is in the middle of its work.
        found = subprocess.run(
            ["pgrep", "-f", "ffmpeg.*aac320"], capture_output=True, text=True, check=False
        ).stdout.split()
        if found:
            job = Path(f"/proc/{found[0]}/stat").read_text().rsplit(")", 1)[1].split()[1]
            subprocess.run(["kill", "-9", job], check=True)
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("argument", ["nowhere", "."])
def test_nothing_to_add(platform: Platform, tmp_path: Path, argument: str) -> None:
    done = platform.add(tmp_path / argument)

    assert done.returncode == 2
    assert done.stdout + done.stderr
