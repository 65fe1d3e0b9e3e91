"""The tree keeps its rules, and the check of the rules finds what breaks them."""

from pathlib import Path

import pytest

from tests.unit.tree import MOST_LINES, broken_rules

ROOT = Path(__file__).parents[2]


def test_the_tree_keeps_its_rules() -> None:
    broken = broken_rules(ROOT)
    assert not broken, "\n".join(["", *broken])


def tree(root: Path, path: str, text: str) -> list[str]:
    """The rules that a tree with just this file breaks."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return broken_rules(root)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("functions/a/x.py", "import functions.b.y", "function a must not import the function b"),
        ("functions/a/x.py", "from functions.b import y", "function a must not"),
        ("functions/a/x.py", "from functions import b", "function a must not"),
        ("functions/a/x.py", "from ..b import y", "function a must not"),
        ("functions/a/x.py", "from .. import b", "function a must not"),
        ("functions/a/deep/x.py", "from functions.b import y", "function a must not"),
        ("functions/a/x.py", "def f():\n    from functions.b import y", "x.py:2: the function a"),
        ("functions/a/x.py", "import emulators.state", "functions must not import emulators"),
        ("functions/a/x.py", "import infra.limits", "functions must not import infra"),
        ("functions/a/x.py", "import clients.cli", "functions must not import clients"),
        ("functions/a/x.py", "import tests.unit", "functions must not import tests"),
        ("shared/x.py", "import functions.a", "shared must not import functions"),
        ("shared/x.py", "from emulators import state", "shared must not import emulators"),
        ("shared/x.py", "import clients", "shared must not import clients"),
        ("shared/x.py", "from infra import limits", "shared must not import infra"),
        ("infra/x.py", "import functions.a", "infra must not import functions"),
        ("infra/x.py", "import shared.ids", "infra must not import shared"),
        ("infra/x.py", "import emulators", "infra must not import emulators"),
        ("infra/x.py", "import clients", "infra must not import clients"),
        ("emulators/x.py", "import functions.a", "emulators must not import functions"),
        ("emulators/edge/x.py", "import infra.limits", "emulators must not import infra"),
        ("emulators/x.py", "if 1:\n  import clients.cli", "emulators must not import clients"),
        ("clients/cli/x.py", "import functions.a", "clients must not import functions"),
        ("clients/cli/x.py", "import infra.limits", "clients must not import infra"),
        ("clients/cli/x.py", "import emulators.state", "only inside functions"),
        ("clients/cli/x.py", "class A:\n  from emulators import state", "only inside functions"),
        ("shared/x.py", "x = 1\n" * (MOST_LINES + 1), f"at most {MOST_LINES}"),
        ("shared/x.py", "# TODO: more", "shared/x.py:1: a TODO is left"),
        ("README.md", "One\n\nFIXME later", "README.md:3: a FIXME is left"),
        ("functions/a/Dockerfile", "# XXX", "functions/a/Dockerfile:1: a XXX is left"),
    ],
)
def test_what_breaks_a_rule_is_named(tmp_path: Path, path: str, text: str, message: str) -> None:
    [broken] = tree(tmp_path, path, text)
    assert path in broken
    assert message in broken


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("functions/a/x.py", "from functions.a import y\nfrom . import z\nimport shared.ids"),
        ("functions/main.py", "import functions"),
        ("shared/x.py", "import shared.ids, json"),
        ("emulators/x.py", "from shared.ids import derive\nfrom emulators import state"),
        ("clients/cli/x.py", "def f():\n    from emulators.commands import register"),
        ("clients/cli/x.py", "async def f():\n    if 1:\n        import emulators.commands"),
        ("tests/unit/test_x.py", "import functions.a, infra, emulators, clients\n# TODO" * 400),
        ("shared/x.py", "x = 1\n" * MOST_LINES),
        ("shared/x.py", "TODOS = mastodon = 1"),
        ("node_modules/x/index.md", "TODO"),
        (".cadenza/notes.md", "TODO"),
    ],
)
def test_what_keeps_the_rules_is_let_be(tmp_path: Path, path: str, text: str) -> None:
    assert tree(tmp_path, path, text) == []


def test_files_that_are_no_text_are_let_be(tmp_path: Path) -> None:
    (tmp_path / "cover.jpg").write_bytes(b"TODO")
    assert broken_rules(tmp_path) == []
