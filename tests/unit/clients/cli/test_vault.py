import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from clients.cli.oauth import Tokens
from clients.cli.vault import Vault, VaultBusy
from tests.unit.clients.cli.authority import FakeKeyring

TOKENS = Tokens("access", "refresh", 1000.0)
HERE, THERE = "http://here.test", "http://there.test"


def make(folder: Path, keyring: Any = None) -> Vault:
    return Vault(folder, keyring)


def test_without_a_keyring_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cadenza"
    where = make(folder).save(HERE, TOKENS)

    assert make(folder).load(HERE) == TOKENS
    assert stat.S_IMODE(Path(where).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["sign-ins.json"]


def test_each_platform_has_its_own(tmp_path: Path) -> None:
    kept = make(tmp_path)
    kept.save(HERE, TOKENS)
    kept.save(THERE, Tokens("other", "other", 5.0))
    kept.forget(HERE)

    assert kept.load(HERE) is None
    assert kept.load(THERE) == Tokens("other", "other", 5.0)
    kept.forget(THERE)
    assert list(tmp_path.iterdir()) == []


def test_the_keyring_leaves_no_file(tmp_path: Path) -> None:
    make(tmp_path).save(HERE, TOKENS)
    keyring = FakeKeyring()
    kept = make(tmp_path, keyring)

    assert "test keyring" in kept.save(HERE, TOKENS)
    assert list(tmp_path.iterdir()) == []
    assert kept.load(HERE) == TOKENS
    kept.forget(HERE)
    assert (kept.load(HERE), keyring.entries) == (None, {})


def test_a_keyring_that_fails_is_gone_around(tmp_path: Path) -> None:
    kept = make(tmp_path, FakeKeyring(broken=True))

    assert kept.save(HERE, TOKENS).endswith("sign-ins.json")
    assert kept.load(HERE) == TOKENS
    kept.forget(HERE)
    assert kept.load(HERE) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"http://here.test": "{}"}', "\x00"])
def test_a_broken_file_holds_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "sign-ins.json").write_text(text)

    assert make(tmp_path).load(HERE) is None
    make(tmp_path).save(HERE, TOKENS)
    assert make(tmp_path).load(HERE) == TOKENS


@pytest.mark.parametrize(
    ("priority", "is_used"), [(-1, False), (0, False), (0.5, False), (1, True), (5, True)]
)
def test_keyrings_not_worth_the_name_are_not_used(
    priority: float, is_used: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import keyring

    backend = FakeKeyring(priority)
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    monkeypatch.setattr(typer, "get_app_dir", lambda _: str(tmp_path))

    Vault.of_this_user().save(HERE, TOKENS)

    assert bool(backend.entries) == is_used
    assert (tmp_path / "sign-ins.json").exists() != is_used


def test_one_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with make(tmp_path).locked():
            order.append("second")

    with make(tmp_path).locked():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join(5)

    assert order == ["first", "second"]


def test_a_lock_that_is_never_given_back_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with make(tmp_path).locked(), pytest.raises(VaultBusy):
        make(tmp_path).locked(0.1).__enter__()
