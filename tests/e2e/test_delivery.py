"""What the edge serves, to whom, and how."""

import base64
import json
import subprocess
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from clients.cli.player import find_ffmpeg
from functions.playback.streams.signing import SigningKey, signed_cookie
from shared import ids
from shared.content_keys import complement
from tests.e2e.conftest import AddedTrack
from tests.platform import Platform

COOKIE = "Cloud-CDN-Cookie"


def cookie_of(platform: Platform, track: AddedTrack) -> str:
    with platform.client() as client:
        answer = client.get(f"/v1/tracks/{track.id}/stream")
    return answer.headers["Set-Cookie"].split(";")[0].removeprefix(f"{COOKIE}=")


def fetch(url: str, cookie: str = "", **headers: str) -> httpx.Response:
    if cookie:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    return httpx.get(url, headers=headers)


def test_the_cookie_opens_every_file_of_the_track(
    platform: Platform, lossless_track: AddedTrack
) -> None:
    stream = lossless_track.stream(platform)
    cookie = cookie_of(platform, lossless_track)
    prefix = stream["manifest_url"].removesuffix("master.m3u8")

    for path, content_type in {
        "master.m3u8": "application/vnd.apple.mpegurl",
        "aac160.m3u8": "application/vnd.apple.mpegurl",
        "manifest.mpd": "application/dash+xml",
        "lossy.m3u8": "application/vnd.apple.mpegurl",
        "lossy.mpd": "application/dash+xml",
        "flac/init.mp4": "audio/mp4",
        "flac/00001.m4s": "audio/mp4",
        "vorbis160.ogg": "audio/ogg",
    }.items():
        answer = fetch(prefix + path, cookie)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == content_type, path
        assert "immutable" in answer.headers["Cache-Control"], path
    assert len(fetch(stream["peaks_url"], cookie).content) == 800


def test_without_a_cookie_nothing_is_served(platform: Platform, lossless_track: AddedTrack) -> None:
    url = lossless_track.stream(platform)["manifest_url"]

    assert fetch(url).status_code == 403


def test_a_tampered_cookie_opens_nothing(platform: Platform, lossless_track: AddedTrack) -> None:
    url = lossless_track.stream(platform)["manifest_url"]
    policy, signature = cookie_of(platform, lossless_track).split(":Signature=")
    wider = base64.urlsafe_b64encode(f"{platform.url}/".encode()).decode()
    fields = policy.split(":")

    for forged in (
        f"{policy}:Signature={'A' * 27}=",
        f"{policy}:Signature={signature[::-1]}",
        f"URLPrefix={wider}:{fields[1]}:{fields[2]}:Signature={signature}",
        f"{fields[0]}:Expires={int(time.time()) + 10**6}:{fields[2]}:Signature={signature}",
        policy,
        "nonsense",
    ):
        assert fetch(url, forged).status_code == 403, forged


def test_an_expired_cookie_opens_nothing(platform: Platform, lossless_track: AddedTrack) -> None:
    url = lossless_track.stream(platform)["manifest_url"]
    prefix = url.removesuffix("master.m3u8")
    secret = bytes.fromhex(
        json.loads((platform.state / "random.json").read_text())["cdn-signing-key"]
    )
    key = SigningKey("cadenza-1", secret)
    now = int(time.time())

    assert fetch(url, signed_cookie(key, prefix, now + 60)).status_code == 200
    assert fetch(url, signed_cookie(key, prefix, now - 1)).status_code == 403


def test_a_cookie_opens_no_other_track(platform: Platform, lossless_track: AddedTrack) -> None:
    stream = lossless_track.stream(platform)
    cookie = cookie_of(platform, lossless_track)
    other = stream["manifest_url"].replace(lossless_track.id, "0" * 22)

    assert fetch(other, cookie).status_code == 403


def test_signed_urls_work_without_cookies(platform: Platform, lossless_track: AddedTrack) -> None:
    stream = lossless_track.stream(platform, delivery="url")
    segment = stream["manifest_url"].replace("master.m3u8", "aac96/00001.m4s")

    assert fetch(stream["manifest_url"]).status_code == 200
    assert fetch(segment).status_code == 200
    assert fetch(stream["downloads"][0]["url"]).status_code == 200
    assert fetch(segment.replace("Signature=", "Signature=A")).status_code == 403
    assert fetch(segment.split("?")[0]).status_code == 403


def test_ranges_and_the_cache(platform: Platform, lossless_track: AddedTrack) -> None:
    stream = lossless_track.stream(platform)
    cookie = cookie_of(platform, lossless_track)
    url = stream["downloads"][2]["url"]

    first = fetch(url, cookie)
    again = fetch(url, cookie)
    part = fetch(url, cookie, Range="bytes=100-199")
    end = fetch(url, cookie, Range="bytes=-10")
    beyond = fetch(url, cookie, Range=f"bytes={len(first.content)}-")

    assert (first.headers["X-Cache-Status"], again.headers["X-Cache-Status"]) == ("miss", "hit")
    assert len(first.content) == stream["downloads"][2]["bytes"]
    assert (part.status_code, part.content) == (206, first.content[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(first.content)}"
    assert end.content == first.content[-10:]
    assert beyond.status_code == 416
    assert fetch(url, cookie, **{"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_saved_segment_is_nothing_without_the_key(
    platform: Platform, lossless_track: AddedTrack, tmp_path: Path
) -> None:
    prefix = lossless_track.stream(platform)["manifest_url"].removesuffix("master.m3u8")
    cookie = cookie_of(platform, lossless_track)
    saved = tmp_path / "saved.mp4"
    saved.write_bytes(
        b"".join(
            fetch(f"{prefix}aac160/{part}", cookie).content for part in ("init.mp4", "00002.m4s")
        )
    )
    kid = _base64url(ids.to_bytes(lossless_track.id))
    with platform.client() as client:
        licence = client.post("/v1/licence", json={"kids": [kid]}).json()
    key = base64.urlsafe_b64decode(licence["keys"][0]["k"] + "==").hex()
    command = [find_ffmpeg(), "-v", "error", "-xerror"]
    decode = ["-i", str(saved), "-f", "null", "-"]

    for options in ([], ["-decryption_key", "00" * 16]):
        refused = subprocess.run([*command, *options, *decode], capture_output=True, check=False)
        assert refused.stderr, options
    heard = subprocess.run(
        [*command, "-decryption_key", key, *decode], capture_output=True, check=False
    )
    assert (heard.returncode, heard.stderr) == (0, b"")


def test_the_free_plan_has_no_lossless(
    platform: Platform, lossless_track: AddedTrack, tmp_path: Path
) -> None:
    """Neither listed nor opened: the media is the same for all, the keys are not."""
    with platform.client(platform.token(plan="free")) as client:
        answer = client.get(f"/v1/tracks/{lossless_track.id}/stream")
        cookie = answer.headers["Set-Cookie"].split(";")[0].removeprefix(f"{COOKIE}=")
        kid = ids.to_bytes(lossless_track.id)
        refused = client.post("/v1/licence", json={"kids": [_base64url(complement(kid))]})
        given = client.post("/v1/licence", json={"kids": [_base64url(kid)]}).json()
    stream = answer.json()

    assert [item["name"] for item in stream["renditions"]] == ["aac96", "aac160", "aac320"]
    assert stream["lossless_withheld"] is True
    for url in (stream["manifest_url"], stream["dash_url"]):
        listed = fetch(url, cookie)
        assert listed.status_code == 200, url
        assert "flac" not in listed.text.lower(), url
        assert "aac320" in listed.text, url
    assert refused.status_code == 403
    assert refused.json()["error"]["reason"] == "PREMIUM_REQUIRED"

    prefix = stream["manifest_url"].removesuffix("lossy.m3u8")
    assert f"KEYID=0x{complement(kid).hex()}," in fetch(f"{prefix}flac.m3u8", cookie).text
    key = base64.urlsafe_b64decode(given["keys"][0]["k"] + "==").hex()
    saved = tmp_path / "saved.mp4"
    for rendition, opens in (("aac320", True), ("flac", False)):
        parts = [f"{prefix}{rendition}/{part}" for part in ("init.mp4", "00002.m4s")]
        saved.write_bytes(b"".join(fetch(part, cookie).content for part in parts))
        command = [find_ffmpeg(), "-v", "error", "-xerror", "-decryption_key", key]
        decode = ["-i", str(saved), "-f", "null", "-"]
        heard = subprocess.run([*command, *decode], capture_output=True, check=False)
        assert (heard.stderr == b"") is opens, rendition


def test_lossless_comes_out_bit_by_bit_for_who_pays(
    platform: Platform, lossless_track: AddedTrack, tmp_path: Path
) -> None:
    free = tmp_path / "free-token"
    free.write_text(platform.token(plan="free"))
    arguments = ["play", lossless_track.id, "--quality", "lossless", "--to"]

    paid = platform.cadenza(*arguments, str(tmp_path / "paid.flac"))
    lossy = platform.cadenza(*arguments, str(tmp_path / "free.flac"), token_file=free)

    assert (paid.returncode, paid.stderr) == (0, "")
    source, _ = soundfile.read(lossless_track.file, dtype="int32")
    assert np.array_equal(soundfile.read(tmp_path / "paid.flac", dtype="int32")[0], source)
    assert lossy.returncode == 0, lossy.stderr
    assert "Lossless takes a premium or family plan: this is aac320." in lossy.stderr
    heard, _ = soundfile.read(tmp_path / "free.flac", dtype="int32")
    assert heard.shape == source.shape
    assert not np.array_equal(heard, source)


@pytest.mark.parametrize("path", ["/v1/licence", "/v1/tracks/{id}/stream", "/v1/uploads"])
def test_without_a_token_there_is_nothing_to_be_had(
    platform: Platform, lossless_track: AddedTrack, path: str
) -> None:
    url = platform.url + path.format(id=lossless_track.id)
    method = "GET" if path.endswith("stream") else "POST"
    expired = platform.token(lifetime_s=-10)
    scopeless = platform.token(scopes=())

    assert httpx.request(method, url).status_code == 401
    assert httpx.request(method, url, headers=_bearer(expired)).status_code == 401
    assert httpx.request(method, url, headers=_bearer(scopeless)).status_code == 403


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
