import gzip
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.cli import catalogue_file
from clients.cli.catalogue_file import LONGEST_LINE, CatalogueFile, Line, Refusal
from tests import catalogues


def read(path: Path) -> tuple[list[list[Line]], list[Refusal], CatalogueFile]:
    refused: list[Refusal] = []
    with CatalogueFile(path, refused.append) as file:
        return list(file.batches()), refused, file


def write(path: Path, lines: list[Any]) -> Path:
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return path


@given(st.randoms(use_true_random=False), st.integers(1, 40))
@settings(deadline=None)
def test_whatever_the_order_albums_come_before_their_tracks(
    randomly: random.Random, tracks: int
) -> None:
    lines = catalogues.lines(tracks, artists=3)
    randomly.shuffle(lines)
    with tempfile.TemporaryDirectory() as folder:
        batches, refused, file = read(write(Path(folder) / "file", lines))
    sent = [line for batch in batches for line in batch]
    assert refused == []
    assert file.lines == len(lines)
    assert sorted(line.number for line in sent) == list(range(1, len(lines) + 1))
    seen: set[str] = set()
    for line in sent:
        item = json.loads(line.text)
        assert item == lines[line.number - 1]
        named = [*item.get("artists", []), *([item["album"]] if "album" in item else [])]
        assert seen.issuperset(named)
        seen.add(item["id"])


def test_batches_are_as_large_as_may_be(tmp_path: Path) -> None:
    lines = catalogues.lines(2_000, artists=700)
    batches, _, _ = read(write(tmp_path / "file", lines))
    sizes = [len(batch) for batch in batches]
    assert sizes[:2] == [500, 200]
    assert set(sizes[2:-1]) == {500}


def test_batches_are_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_file, "MOST_BYTES", 10_000)
    batches, _, _ = read(write(tmp_path / "file", catalogues.lines(200)))
    assert all(sum(len(line.text) for line in batch) <= 10_000 for batch in batches)


def test_the_same_file_makes_the_same_batches(tmp_path: Path) -> None:
    lines = catalogues.lines(600)
    plain = write(tmp_path / "plain", lines)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    (first, _, one), (second, _, other) = read(plain), read(packed)
    assert first == second
    assert one.sha256 == other.sha256


def test_what_is_no_line_is_refused_here(tmp_path: Path) -> None:
    path = tmp_path / "file"
    good = json.dumps({"type": "artist", "id": "a", "name": "é"}).encode()
    path.write_bytes(
        b"\xef\xbb\xbf" + good + b"\r\n\n   \n{\n[]\n"
        b'{"type":"playlist","id":"x"}\n{"type":"artist"}\n'
        b'{"type":"artist","id":"\xff"}\n' + b'"' + b"x" * (3 * LONGEST_LINE) + b'"\n' + good
    )
    batches, refused, file = read(path)
    assert batches == [[Line(1, good), Line(10, good)]]
    assert {refusal.number: refusal.reason.split(":")[0] for refusal in refused} == {
        4: "not valid JSON",
        5: "Expected `object`, got `array`",
        6: "type",
        7: "Object missing required field `id`",
        8: "not valid JSON",
        9: f"longer than {LONGEST_LINE} bytes",
    }
    assert file.lines == 8


@pytest.mark.parametrize("size", [LONGEST_LINE, LONGEST_LINE + 1])
def test_a_line_is_as_long_as_may_be(tmp_path: Path, size: int) -> None:
    line = b'{"type":"artist","id":"a","name":"x"}'
    path = tmp_path / "file"
    path.write_bytes((line + b" " * (size - len(line)) + b"\r\n") * 2)
    batches, refused, _ = read(path)
    assert (len(batches), len(refused)) == ((1, 0) if size == LONGEST_LINE else (0, 2))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read(write(tmp_path / "file", catalogues.lines(10)))
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"x" * 1000)[:-9])
    with pytest.raises(EOFError):
        read(cut)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.gz", "file"]
