"""The folder that outlives a run."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from emulators.state import AlreadyRunning, NotAStateFolder, StateFolder, write_private


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_run_at_a_time(state: StateFolder) -> None:
    held = state.lock()
    assert state.is_running()
    with pytest.raises(AlreadyRunning, match="cadenza status"):
        state.lock()
    os.close(held)
    assert not state.is_running()
    os.close(state.lock())


def test_the_lock_goes_with_its_process_however_that_ends(state: StateFolder) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from emulators.state import StateFolder;"
        "StateFolder(Path(sys.argv[1])).lock(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(state.root)], check=False)
    assert ended.returncode == -9
    assert not state.is_running()


def test_children_do_not_inherit_the_lock(state: StateFolder) -> None:
    held = state.lock()
    assert not os.get_inheritable(held)
    os.close(held)


def test_asking_makes_nothing(state: StateFolder) -> None:
    assert not state.is_running()
    assert state.read_status() is None
    assert not state.root.exists()


def test_a_folder_with_somebodys_files_is_left_alone(state: StateFolder) -> None:
    state.root.mkdir()
    (state.root / "song.flac").touch()
    with pytest.raises(NotAStateFolder, match=str(state.root)):
        state.lock()
    assert [path.name for path in state.root.iterdir()] == ["song.flac"]


def test_forgetting_leaves_only_the_lock(state: StateFolder, tmp_path: Path) -> None:
    held = state.lock()
    state.make()
    (state.storage / "bucket").mkdir()
    (state.storage / "bucket" / "object").touch()
    state.dev_token.touch()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (state.root / "link").symlink_to(outside)
    state.forget()
    assert [path.name for path in state.root.iterdir()] == ["lock"]
    assert (outside / "kept").exists()
    with pytest.raises(AlreadyRunning):
        state.lock()
    os.close(held)


def test_a_run_begins_with_empty_logs_and_keeps_the_rest(state: StateFolder) -> None:
    state.make()
    (state.logs / "media-api.log").write_text("of the last run")
    (state.storage / "object").touch()
    state.make()
    assert list(state.logs.iterdir()) == []
    assert (state.storage / "object").exists()


def test_random_bytes_stay(state: StateFolder) -> None:
    state.make()
    first = state.random_bytes("key", 16)
    other = state.random_bytes("other", 16)
    again = StateFolder(state.root)
    assert len(first) == 16
    assert first != other
    assert (again.random_bytes("key", 16), again.random_bytes("other", 16)) == (first, other)


def test_random_bytes_follow_the_length_and_go_with_the_folder(state: StateFolder) -> None:
    state.make()
    first = state.random_bytes("key", 16)
    assert len(state.random_bytes("key", 32)) == 32
    state.forget()
    state.make()
    assert state.random_bytes("key", 16) != first


def test_secrets_are_for_their_owner_alone(state: StateFolder) -> None:
    state.make()
    state.random_bytes("key", 16)
    state.write_status({"url": "x"})
    write_private(state.dev_token, "secret")
    for path in (state.root / "random.json", state.status, state.dev_token):
        assert mode(path) == 0o600


def test_secrets_stay_private_whatever_the_umask(state: StateFolder) -> None:
    state.make()
    before = os.umask(0)
    try:
        write_private(state.dev_token, "secret")
    finally:
        os.umask(before)
    assert mode(state.dev_token) == 0o600


def test_a_file_is_replaced_whole(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    state.make()
    write_private(state.dev_token, "old")

    def fail(path: Path, text: str) -> int:
        path.open("w").write(text[:1])
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="full"):
        write_private(state.dev_token, "new")
    assert state.dev_token.read_text() == "old"


def test_the_status_is_read_as_written(state: StateFolder) -> None:
    state.make()
    state.write_status({"url": "http://localhost:8080", "processes": [1, 2]})
    assert state.read_status() == {"url": "http://localhost:8080", "processes": [1, 2]}


def test_keys_are_kept_for_their_owner_alone(state: StateFolder) -> None:
    state.make()
    first = state.private_key("key")
    assert state.private_key("key").private_numbers() == first.private_numbers()
    assert state.private_key("other").private_numbers() != first.private_numbers()
    assert mode(state.root / "key.pem") == 0o600


def test_the_demo_password_stays(state: StateFolder) -> None:
    state.make()
    password = state.demo_password()
    assert re.fullmatch(r"demo(-[0-9a-f]{4}){3}", password)
    assert state.demo_password() == password
