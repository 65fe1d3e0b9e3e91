from pathlib import Path

import pytest

from clients.cli import settings
from clients.cli.settings import NoToken


@pytest.fixture(autouse=True)
def _no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PROJECT_ROOT", tmp_path / "project")


def _write_token(root: Path, value: str) -> Path:
    path = root / ".cadenza" / "dev-token"
    path.parent.mkdir(parents=True)
    path.write_text(value + "\n")
    return path


def test_the_address_is_local_unless_said(tmp_path: Path) -> None:
    environ = {"CADENZA_TOKEN": "t"}
    assert settings.load(environ=environ, folder=tmp_path).api == "http://localhost:8080"
    environ["CADENZA_API"] = "https://music.example/"
    assert settings.load(environ=environ, folder=tmp_path).api == "https://music.example"
    given = settings.load(api="other.example:1234", environ=environ, folder=tmp_path)
    assert given.api == "http://other.example:1234"


def test_a_given_file_wins_over_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(" from-file \n")
    found = settings.find_token(path, environ={"CADENZA_TOKEN": "env"}, folder=tmp_path)
    assert (found.value, found.source) == ("from-file", str(path))


def test_the_environment_wins_over_the_development_token(tmp_path: Path) -> None:
    _write_token(tmp_path, "dev")
    found = settings.find_token(None, environ={"CADENZA_TOKEN": "env"}, folder=tmp_path)
    assert found.value == "env"


def test_the_development_token_is_looked_for_upward(tmp_path: Path) -> None:
    path = _write_token(tmp_path, "dev")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    found = settings.find_token(None, environ={}, folder=below)
    assert (found.value, found.source) == ("dev", str(path))


def test_the_development_token_is_found_beside_the_project(tmp_path: Path) -> None:
    _write_token(tmp_path / "project", "dev")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert settings.find_token(None, environ={}, folder=elsewhere).value == "dev"


def test_no_token_is_explained(tmp_path: Path) -> None:
    with pytest.raises(NoToken, match="CADENZA_TOKEN"):
        settings.find_token(None, environ={}, folder=tmp_path)
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(NoToken, match="is empty"):
        settings.find_token(empty, environ={}, folder=tmp_path)
    with pytest.raises(NoToken, match="cannot be read"):
        settings.find_token(tmp_path / "none", environ={}, folder=tmp_path)


def test_a_sign_in_wins_over_the_development_token(tmp_path: Path) -> None:
    _write_token(tmp_path, "dev")
    asked: list[str] = []

    def has_sign_in(address: str) -> bool:
        asked.append(address)
        return True

    known = settings.load(
        api="music.example/", environ={}, folder=tmp_path, has_sign_in=has_sign_in
    )
    given = settings.load(environ={"CADENZA_TOKEN": "t"}, folder=tmp_path, has_sign_in=has_sign_in)

    assert known.token == settings.SIGNED_IN
    assert given.token.value == "t"
    assert asked == ["http://music.example"], "a given token needs no look into the keyring"
