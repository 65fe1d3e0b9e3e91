"""supysonic, the peer that can be installed, on a library of tagged files, in an environment of
its own.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import mutagen
import numpy as np
import soundfile

from emulators.processes import Command, base_environment, free_port
from tests.bench import packages
from tests.bench.library import Song
from tests.running import running

PACKAGES = ("supysonic==0.7.9", "gunicorn==27.0.1")
USER, PASSWORD = "bench", "bench"
_WORKERS = 2
_RATE = 8_000


@dataclass(frozen=True)
class Peer:
    """A running server and the addresses of its calls."""

    url: str

    def call(self, name: str, **parameters: str | int) -> str:
        query = {"u": USER, "p": PASSWORD, "c": "bench", "v": "1.12.0", "f": "json", **parameters}
        return f"{self.url}/rest/{name}.view?{urlencode(query)}"


def write_library(folder: Path, songs: list[Song]) -> None:
    """A tenth of a second of silence for each song, tagged, in folders by artist and album."""
    silence = folder / "silence.ogg"
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(silence, np.zeros(_RATE // 10), _RATE)
    content = silence.read_bytes()
    silence.unlink()
    for song in songs:
        path = folder / song.artist / song.album / f"{song.number:02} {song.title}.ogg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        file = mutagen.File(path)
        file.update(
            {
                "title": song.title,
                "artist": song.artist,
                "album": song.album,
                "tracknumber": str(song.number),
                "genre": song.genre,
                "date": song.year,
            }
        )
        file.save()


@contextlib.contextmanager
def serving(folder: Path, library: Path) -> Iterator[Peer]:
    """Installs it, lets it scan the library, and serves as it is meant to be, with gunicorn."""
    programs = _install(folder / "env")
    config = folder / "supysonic.conf"
    config.write_text(
        f"[base]\ndatabase_uri = sqlite:///{folder}/supysonic.db\n"
        f"[webapp]\ncache_dir = {folder}/cache\nlog_level = ERROR\nmount_webui = off\n"
        f"[daemon]\nsocket = {folder}/daemon.sock\nrun_watcher = off\n"
    )
    environment = {**base_environment(), "SUPYSONIC_CONFIG": str(config), "HOME": str(folder)}
    cli = str(programs / "supysonic-cli")
    for arguments in (
        ["user", "add", USER, "-p", PASSWORD],
        ["folder", "add", "music", str(library)],
        ["folder", "scan", "--foreground", "music"],
    ):
        subprocess.run(
            [cli, *arguments], env=environment, cwd=folder, check=True, capture_output=True
        )
    port = free_port()
    command = Command(
        name="supysonic",
        argv=[
            str(programs / "gunicorn"),
            f"--bind=127.0.0.1:{port}",
            f"--workers={_WORKERS}",
            "--threads=4",
            "supysonic.web:create_application()",
        ],
        env=environment,
        cwd=folder,
        port=port,
    )
    with running(command) as address:
        yield Peer(f"http://{address}")


def _install(folder: Path) -> Path:
    programs = folder / "bin"
    for arguments in (
        ["venv", "--quiet", str(folder)],
        ["pip", "install", "--quiet", "--python", str(programs / "python"), *PACKAGES],
    ):
        subprocess.run([packages.uv(), *arguments], check=True)
    return programs
