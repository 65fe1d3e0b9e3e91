import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from clients.cli.connections import Connections
from clients.cli.failures import REJECTED, UNUSABLE
from clients.cli.main import app
from clients.cli.retry import Patience
from tests import catalogues
from tests.unit.clients.cli.fakes import Waits, failure


class FakeImports:
    """Takes batches in their order; refuses items that are called so."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.calls: list[str] = []

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] != "Bearer good":
            return failure(403, "Only operators may import")
        body = json.loads(request.content)
        if request.url.path == "/v1/imports":
            self.calls.append("open")
            return httpx.Response(200, json=self._shown())
        self.calls.append(str(body["sequence"]))
        if body["sequence"] == len(self.batches):
            return httpx.Response(200, json=self.answers[-1])
        assert body["sequence"] == len(self.batches) + 1
        self.batches.append(body["items"])
        bad = [at for at, item in enumerate(body["items"], 1) if item["name"] == "refuse me"]
        refused = [{"line": at, "reason": "because"} for at in bad]
        self.answers.append({"accepted": len(body["items"]) - len(bad), "refused": refused})
        return httpx.Response(200, json=self.answers[-1])

    def _shown(self) -> dict[str, Any]:
        return {
            "id": "import",
            "next_sequence": len(self.batches) + 1,
            "accepted": sum(answer["accepted"] for answer in self.answers),
            "refused": sum(len(answer["refused"]) for answer in self.answers),
        }


@pytest.fixture
def imports() -> FakeImports:
    return FakeImports()


def run(imports: FakeImports, *arguments: str, token: str = "good") -> Any:  # a test's
    connections = Connections(transport=imports.transport(), patience=Waits().patience(2))
    assert isinstance(connections.patience, Patience)
    environment = {"CADENZA_API": "http://api.test", "CADENZA_TOKEN": token}
    return CliRunner().invoke(app, ["import", *arguments], env=environment, obj=connections)


def catalogue(path: Path, *bad: int) -> Path:
    lines = catalogues.lines(600, artists=5)
    for number in bad:
        lines[number - 1]["name"] = "refuse me"
    texts = [json.dumps(line) for line in lines]
    path.write_text("\n".join([*texts, "not json"]))
    return path


def test_everything_is_sent_and_the_refused_are_reported(
    imports: FakeImports, tmp_path: Path
) -> None:
    path, report = catalogue(tmp_path / "file", 7, 300), tmp_path / "report"
    done = run(imports, str(path), "--report", str(report))
    lines = path.read_text().splitlines()
    assert done.exit_code == REJECTED
    assert f"{len(lines) - 3} imported, 3 refused" in done.output
    assert sum(len(batch) for batch in imports.batches) == len(lines) - 1
    said = {entry["line"]: entry["reason"] for entry in map(json.loads, report.open())}
    assert said == {7: "because", 300: "because", len(lines): "not valid JSON"}


def test_again_nothing_is_sent_but_the_last_batch(imports: FakeImports, tmp_path: Path) -> None:
    path, report = catalogue(tmp_path / "file", 7, 300), tmp_path / "report"
    first = run(imports, str(path), "--report", str(report))
    written, last = report.read_text(), str(len(imports.batches))
    imports.calls.clear()
    again = run(imports, str(path), "--report", str(report))
    assert again.output == first.output
    assert imports.calls == ["open", last]
    assert report.read_text() == written


def test_without_a_report_too(imports: FakeImports, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("\n".join(json.dumps(line) for line in catalogues.lines(3)))
    done = run(imports, str(path))
    assert (done.exit_code, "0 refused" in done.output) == (0, True)


@pytest.mark.parametrize("content", [None, b"\x1f\x8bno gzip"])
def test_a_file_that_cannot_be_read(
    imports: FakeImports, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    done = run(imports, str(path))
    assert done.exit_code == UNUSABLE
    assert "cannot be read" in done.output
    assert imports.calls == []


def test_who_is_no_operator_is_told(imports: FakeImports, tmp_path: Path) -> None:
    done = run(imports, str(catalogue(tmp_path / "file")), token="bad")  # a test's
    assert done.exit_code == UNUSABLE
    assert "Only operators may import" in done.output
