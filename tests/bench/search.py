"""Search on a million made-up tracks and on the Free Music Archive's titles, beside FTS5 and
tantivy as they come, in one run.

    python -m tests.bench.search [TRACKS] [QUERIES OF EACH KIND]

tantivy is in the group `search-bench`; what is not installed, or cannot be had, is left out.
"""

import gc
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from functions.search.model import Document
from tests.bench import packages
from tests.bench.searching import music, queries
from tests.bench.searching.engines import BUILDERS
from tests.bench.searching.measure import Measured

MIB = 1024 * 1024


def main(tracks: int, of_each: int) -> None:
    compare(f"{tracks:,} made-up tracks", list(music.synthetic(tracks)), of_each)
    gc.collect()
    try:
        real = music.real()
    except packages.NotHere as reason:
        print(f"without the real titles: {reason}")
    else:
        compare(f"{len(real):,} real titles", real, of_each)


def compare(what: str, tracks: Sequence[Document], of_each: int) -> None:
    """Prints a line for each engine and kind of query."""
    print(f"{what}; {of_each:,} queries of each kind, p50 / p99 in ms, found among the first ten")
    with tempfile.TemporaryDirectory() as name:
        asked = list(queries.all_kinds(tracks, of_each))
        file = Path(name) / "queries.json"
        file.write_bytes(msgspec.json.encode(asked))
        for engine in _engines():
            folder = Path(name) / engine.replace(" ", "-")
            folder.mkdir()
            began = time.perf_counter()
            BUILDERS[engine](folder, tracks)
            built = time.perf_counter() - began
            size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
            _report(engine, built, size, _measured(engine, folder, file))


def _engines() -> list[str]:
    if importlib.util.find_spec("tantivy") is None:
        print("without tantivy, which is not installed")
        return [engine for engine in BUILDERS if "tantivy" not in engine]
    return list(BUILDERS)


def _measured(engine: str, folder: Path, file: Path) -> Measured:
    argv = [sys.executable, "-m", "tests.bench.searching.measure", engine, str(folder), str(file)]
    done = subprocess.run(argv, capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Measured)


def _report(engine: str, built_s: float, size: int, measured: Measured) -> None:
    print(
        f"  {engine:14} built in {built_s:5.1f} s, {size / MIB:6.1f} MiB; "
        f"first answer {measured.open_s * 1e3:6.1f} ms after opening; memory "
        f"{measured.before_bytes / MIB:5.1f} → {measured.after_bytes / MIB:5.1f} MiB"
    )
    for kind, each in measured.kinds.items():
        print(
            f"    {kind:14} {each.p50_s * 1e3:6.2f} / {each.p99_s * 1e3:6.2f}   {each.found:6.3f}"
        )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 2_000,
    )
