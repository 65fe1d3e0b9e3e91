import sys
from collections.abc import AsyncIterator

import pytest

from clients.cli import player
from clients.cli.api import Loudness
from clients.cli.player import NoPlayer, PlaybackFailed


def test_gain_is_limited_by_the_peak() -> None:
    assert player.gain_db(Loudness(-9.0, 0.0)) == -5.0
    assert player.gain_db(Loudness(-20.0, -3.0)) == 2.0


def test_a_measure_is_read() -> None:
    told = b"#tb 0: 1/44100\n#sample_rate 0: 44100\n0, 0, 0, 1024, 4096, 0x0\n0, 1, 1, 76, 9, 0x1\n"
    measure = player.measure_of(told)
    assert (measure.samples, measure.sample_rate) == (1100, 44100)
    with pytest.raises(PlaybackFailed):
        player.measure_of(b"")


def test_ffplay_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    command = player.speaker_command(b"\x01" * 16, -2.5)
    assert command[0] == "/bin/ffplay"
    assert command[command.index("-decryption_key") + 1] == "01" * 16
    assert "volume=-2.50dB" in command


def test_no_ffmpeg_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(NoPlayer, match="imageio-ffmpeg"):
        player.find_ffmpeg()


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _broken() -> AsyncIterator[bytes]:
    yield b"x"
    raise PlaybackFailed("the source broke")


async def test_a_command_is_fed() -> None:
    assert await player.run(["cat"], _pieces(b"a", b"b")) == b"ab"


async def test_a_command_that_stops_early_is_no_failure() -> None:
    assert await player.run(["true"], _pieces(*[b"x" * 65536] * 50)) == b""


async def test_a_failing_command_is_told_in_its_own_words() -> None:
    with pytest.raises(PlaybackFailed, match="no such key"):
        await player.run(["sh", "-c", "echo no such key >&2; exit 3"], _pieces())


async def test_a_failing_source_ends_the_command() -> None:
    with pytest.raises(PlaybackFailed, match="source broke"):
        await player.run(["sh", "-c", "exec sleep 60"], _broken())
