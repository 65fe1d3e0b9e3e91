"""What a folder of code imports, read from its text without running it."""

import ast
import functools
import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

FIRST_PARTY = ("functions", "shared", "infra", "emulators", "clients", "tests")


def imports(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports, wherever in the file."""
    return set(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # The name after `import` may be a module too.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_path(root: Path, module: str) -> Path | None:
    """The file of a first-party module, or of the module that holds the name."""
    parts = module.split(".")
    for end in (len(parts), len(parts) - 1):
        base = root.joinpath(*parts[:end])
        for candidate in (base.with_suffix(".py"), base / "__init__.py"):
            if candidate.is_file():
                return candidate
    return None


def reachable(root: Path, entry: Path) -> tuple[set[Path], set[str]]:
    """The first-party files that `entry` leads to, and all other modules that they import."""
    files, others, waiting = set[Path](), set[str](), [entry]
    while waiting:
        path = waiting.pop()
        if path in files:
            continue
        files.add(path)
        for module in imports(path):
            if module.split(".")[0] in FIRST_PARTY:
                found = module_path(root, module)
                assert found, f"{path.relative_to(root)} imports {module}, which is not there"
                waiting.append(found)
            else:
                others.add(module)
    return files, others


def distribution_of(module: str) -> str | None:
    """The installed package that brings a module, or the module that holds the name."""
    owners = _owners()
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        base = "/".join(parts[:end])
        for candidate in (f"{base}.py", f"{base}/__init__.py"):
            if candidate in owners:
                return owners[candidate]
    return None


@functools.cache
def _owners() -> dict[str, str]:
    return {
        str(file): normalised(distribution.name)
        for distribution in importlib.metadata.distributions()
        for file in distribution.files or []
        if file.suffix == ".py"
    }


def normalised(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
