from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from clients.cli import local, player
from clients.cli.connections import Connections
from clients.cli.main import app
from clients.cli.player import Measure
from shared import ids
from tests.unit.clients.cli.fakes import FakePlatform, Waits, failure
from tests.unit.clients.cli.test_play import TRACK, Edge


class Network:
    """Platform and storage behind one transport, as the commands reach them."""

    def __init__(self, platform: FakePlatform) -> None:
        self.platform = platform

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "storage.test":
            return await self.platform.storage.answer(request)
        return self.platform.answer(request)


def _run(network: httpx.MockTransport, *arguments: str, token: str = "good") -> Result:
    connections = Connections(network, Waits().patience(2))
    environ = {"CADENZA_TOKEN": token, "CADENZA_API": "http://api.test"}
    return CliRunner().invoke(app, arguments, env=environ, obj=connections)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


def _network(platform: FakePlatform) -> httpx.MockTransport:
    return httpx.MockTransport(Network(platform).answer)


def test_adding_tells_each_track(platform: FakePlatform, tmp_path: Path) -> None:
    (tmp_path / "[a].flac").write_bytes(b"one")
    result = _run(_network(platform), "add", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "[a].flac: spotify:track:" in result.output
    assert "1 ready" in result.output


def test_a_rejected_file_makes_exit_code_1(platform: FakePlatform, tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"one")
    platform.rejected["a.flac"] = "This is no audio"
    result = _run(_network(platform), "add", str(tmp_path))
    assert result.exit_code == 1
    assert "This is no audio" in result.output


def test_nothing_to_add_is_a_usage_problem(platform: FakePlatform, tmp_path: Path) -> None:
    result = _run(_network(platform), "add", str(tmp_path))
    assert result.exit_code == 2
    assert "no audio files" in result.output


def test_an_expired_token_is_explained(platform: FakePlatform, tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"one")
    result = _run(_network(platform), "add", str(tmp_path), token="old")
    assert result.exit_code == 2
    assert "(CADENZA_TOKEN) was refused: The access token expired" in result.output


def test_a_platform_that_is_away_is_explained(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    (tmp_path / "a.flac").write_bytes(b"one")
    result = _run(httpx.MockTransport(refuse), "add", str(tmp_path))
    assert result.exit_code == 2
    assert "Is the platform running?" in result.output


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "was refused"), (403, "does not allow"), (404, "Not found"), (418, "answered 418")],
)
def test_playing_explains_refusals(status: int, message: str) -> None:
    network = httpx.MockTransport(lambda request: failure(status, "said so"))
    result = _run(network, "play", ids.derive("track", "x"), "--null")
    assert result.exit_code == 2
    assert message in result.output
    assert "said so" in result.output


@pytest.mark.parametrize(
    ("withheld", "wanted", "said"),
    [
        (True, ["--quality", "lossless", "--null"], True),
        (True, ["--quality", "low", "--to", "song.flac"], True),
        (True, ["--quality", "low", "--to", "song.wav"], False),
        (False, ["--quality", "low", "--to", "song.flac"], False),
    ],
)
def test_who_wants_lossless_hears_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, withheld: bool, wanted: list[str], said: bool
) -> None:
    async def decoded(*_: object, **__: object) -> Measure:
        return Measure(1, 1)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(player, "measure", decoded)
    monkeypatch.setattr(player, "write", decoded)
    network = httpx.MockTransport(Edge(withheld=withheld))
    result = _run(network, "play", TRACK, *wanted)
    assert result.exit_code == 0, result.output
    assert ("Lossless takes a premium or family plan: this is aac" in result.stderr) is said


def test_playing_refuses_bad_targets(tmp_path: Path) -> None:
    network = httpx.MockTransport(lambda request: failure(500, "not reached"))
    there = tmp_path / "there.wav"
    there.touch()
    for to, why in (("x.mp3", "neither"), (str(there), "--force"), ("no/where.wav", "no folder")):
        result = _run(network, "play", ids.derive("track", "x"), "--to", to)
        assert (result.exit_code, why in result.output) == (2, True), result.output


def test_local_commands_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    import typer

    monkeypatch.setitem(sys.modules, "emulators.commands", None)
    bare = typer.Typer()
    local.register(bare)
    result = CliRunner().invoke(bare, ["up"])
    assert result.exit_code == 2
    assert "is not installed" in result.output
