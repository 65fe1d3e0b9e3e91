"""Which files a unit's code is made of, and the hash that names a version of it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pulumi

ROOT = Path(__file__).resolve().parent.parent


class MissingSource(Exception):
    """A file that a unit is made of does not exist."""


def function_files(folder: str) -> dict[str, Path]:
    """The files of a function's archive, by path in the archive.

    `main.py` is a copy at the root, so that the runtime puts the root on `sys.path`.
    """
    source = ROOT / "functions" / folder
    files = {
        "main.py": source / "main.py",
        "requirements.txt": source / "requirements.txt",
        "functions/__init__.py": ROOT / "functions" / "__init__.py",
    }
    files |= _by_archive_path(_code_of(source))
    files |= _by_archive_path((ROOT / "shared").rglob("*"))
    return _checked(files)


def image_files(folder: str, requirements: str, dockerfile: str) -> dict[str, Path]:
    """The files that a container image is built from, by path in the build's context."""
    source = ROOT / "functions" / folder
    files = _by_archive_path([source / dockerfile, source / requirements])
    files |= _by_archive_path([ROOT / "functions" / "__init__.py", *_code_of(source)])
    files |= _by_archive_path((ROOT / "shared").rglob("*"))
    return _checked(files)


def archive(files: Mapping[str, Path]) -> pulumi.AssetArchive:
    """An archive of the files, which are named from the program's working directory, infra/."""
    return pulumi.AssetArchive(
        {
            name: pulumi.FileAsset(f"../{path.relative_to(ROOT).as_posix()}")
            for name, path in files.items()
        }
    )


def content_hash(files: Mapping[str, Path]) -> str:
    """The same for the same names and bytes, whatever their dates and order."""
    digest = hashlib.sha256()
    for name in sorted(files):
        content = files[name].read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def read_text(relative: str) -> str:
    """A text file of the repository, for instance an event's schema."""
    path = ROOT / relative
    if not path.is_file():
        raise MissingSource(f"{relative} is missing")
    return path.read_text(encoding="utf-8")


def _code_of(source: Path) -> Iterator[Path]:
    """A folder's modules, and what they read: templates, styles, migrations."""
    for path in source.rglob("*"):
        if not path.name.startswith("Dockerfile") and path.suffix != ".txt":
            yield path


def _by_archive_path(paths: Iterable[Path]) -> dict[str, Path]:
    return {
        path.relative_to(ROOT).as_posix(): path
        for path in paths
        if not path.is_dir() and "__pycache__" not in path.parts
    }


def _checked(files: dict[str, Path]) -> dict[str, Path]:
    missing = [path.relative_to(ROOT).as_posix() for path in files.values() if not path.is_file()]
    if missing:
        raise MissingSource(f"missing: {', '.join(missing)}")
    return files
