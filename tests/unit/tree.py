"""The rules of the tree, as far as a program can check them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CODE = ("clients", "docs", "emulators", "functions", "infra", "shared")
MOST_LINES = 330
# Written by protoc and by Alembic.
_GENERATED = {"protos", "versions"}

# Who may not import whom, anywhere in a module.
_FORBIDDEN = {
    "shared": ("clients", "emulators", "functions", "infra", "tests"),
    "functions": ("clients", "emulators", "infra", "tests"),
    "infra": ("clients", "emulators", "functions", "shared", "tests"),
    "emulators": ("clients", "functions", "infra", "tests"),
    "docs": ("clients", "emulators", "infra", "tests"),
    "clients": ("functions", "infra", "tests"),
}
_TEXT = {".cfg", ".ini", ".json", ".md", ".proto", ".py", ".sh", ".toml", ".yaml", ".yml"}
_SKIPPED = {"node_modules", "__pycache__", "build", "dist"}
# In pieces, so that this file may be looked through too.
_UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")


@dataclass(frozen=True)
class _Import:
    module: str
    line: int
    at_load: bool  # runs when the module is imported, not only when a function is called


def broken_rules(root: Path) -> list[str]:
    """What is against the rules in the tree at `root`: place and reason, one a line."""
    return sorted([*_imports(root), *_lengths(root), *_unfinished(root)])


def _imports(root: Path) -> Iterator[str]:
    for path in _modules(root):
        here = path.relative_to(root)
        package = here.parts[0]
        for found in _imports_of(path, here):
            target = found.module.split(".")
            place = f"{here}:{found.line}"
            if target[0] in _FORBIDDEN[package]:
                yield f"{place}: {package} must not import {target[0]} ({found.module})"
            elif package == "clients" and target[0] == "emulators" and found.at_load:
                yield f"{place}: clients import emulators only inside functions ({found.module})"
            elif package == target[0] == "functions" and target[1:2] not in ([], [here.parts[1]]):
                yield (
                    f"{place}: the function {here.parts[1]} must not import "
                    f"the function {target[1]} ({found.module})"
                )


def _lengths(root: Path) -> Iterator[str]:
    for path in _modules(root):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MOST_LINES and not _GENERATED.intersection(path.parts):
            yield f"{path.relative_to(root)}: {count} lines; a module has at most {MOST_LINES}"


def _unfinished(root: Path) -> Iterator[str]:
    for path in _files(root):
        if path.suffix not in _TEXT and path.suffix:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if (word := _UNFINISHED.search(line)) is not None:
                yield f"{path.relative_to(root)}:{number}: a {word[0]} is left"


def _files(folder: Path) -> Iterator[Path]:
    """All files but those of tests and what tools leave behind."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _SKIPPED:
            continue
        if path.is_dir():
            if path.name != "tests":
                yield from _files(path)
        else:
            yield path


def _modules(root: Path) -> Iterator[Path]:
    for package in CODE:
        if (root / package).is_dir():
            yield from (path for path in _files(root / package) if path.suffix == ".py")


def _imports_of(path: Path, here: Path) -> Iterator[_Import]:
    yield from _below(ast.parse(path.read_text(encoding="utf-8")), here, at_load=True)


def _below(node: ast.AST, here: Path, *, at_load: bool) -> Iterator[_Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield _Import(alias.name, child.lineno, at_load)
        elif isinstance(child, ast.ImportFrom):
            base = _absolute(child, here)
            for alias in child.names:
                yield _Import(f"{base}.{alias.name}", child.lineno, at_load)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _below(child, here, at_load=at_load and not is_function)


def _absolute(node: ast.ImportFrom, here: Path) -> str:
    """The module that is imported from, also of a relative import."""
    if node.level == 0:
        return node.module or ""
    package = here.parts[: len(here.parts) - node.level]
    return ".".join([*package, *([node.module] if node.module else [])])
