"""`cadenza import` against the catalogue's API on Google's Firestore emulator."""

import gzip
import json
import random
import resource
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from clients.cli.api import ApiError, Unreachable
from clients.cli.catalogue_file import CatalogueFile
from clients.cli.import_ import Counts, ImportApi, report_to, send
from clients.cli.retry import Patience
from functions.catalog.edit_store import FirestoreEdits
from functions.catalog.import_store import FirestoreImports
from functions.catalog.imports import Imports
from functions.catalog.routes import app_of
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.telling import Teller
from shared.web import Api
from tests import catalogues
from tests.unit.functions.catalog.callers import KnownCallers
from tests.unit.functions.catalog.fakes import RecordingPublisher

TRACKS = 18_000


class Dying(httpx.ASGITransport):
    """The connection breaks for good after so many calls."""

    left = 10**9

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left < 0:
            raise httpx.ReadError("gone", request=request)
        answer = await super().handle_async_request(request)
        if self.left == 0:
            raise httpx.ReadError("gone before the answer came", request=request)
        return answer


class World:
    """An API with an empty catalogue."""

    def __init__(self, project: str) -> None:
        self.store = FirestoreCatalogue(project, f"test-{secrets.token_hex(4)}")
        self.publisher = RecordingPublisher()
        teller = Teller(FirestoreEdits(self.store), self.publisher, "t")
        imports = Imports(FirestoreImports(self.store), teller)
        self.app = app_of([imports], Api(KnownCallers()))

    async def run(
        self,
        path: Path,
        report: Path | None = None,
        *,
        calls: int = 10**9,
        caller: str = "operator",
    ) -> Counts:
        """As the command does, on a line that lasts for so many calls."""
        transport = Dying(self.app)
        transport.left = calls
        patience = Patience(attempts=1)
        with report_to(report) as written, CatalogueFile(path, written.refuse) as file:
            async with ImportApi(
                "http://catalog.test", caller, patience=patience, transport=transport
            ) as api:
                return await send(api, file, path.name, written, lambda _: None)

    async def tracks(self) -> int:
        count: Any = self.store.client.collection("tracks").count()  # type: ignore[no-untyped-call]
        [[found]] = await count.get()
        return int(found.value)


@pytest.fixture
def world(firestore_emulator: str, project: str) -> World:
    return World(project)


def write(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


async def test_a_catalogue_in_any_order(world: World, tmp_path: Path) -> None:
    lines = catalogues.lines(TRACKS, artists=500)
    path = tmp_path / "catalogue.jsonl.gz"
    path.write_bytes(gzip.compress(write(tmp_path / "plain", lines).read_bytes()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts = await world.run(path)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert counts == Counts(len(lines), 0)
    assert await world.tracks() == TRACKS
    # The client and the service together; the file is unpacked to some 6 MB.
    assert grown_mb < 150

    albums = {line["id"]: line for line in lines if line["type"] == "album"}
    wanted = random.Random(1).sample(sorted(albums), 20)  # not for secrets
    for album_id, album in (await world.store.albums(wanted)).items():
        of_it = [line for line in lines if line.get("album") == album_id]
        assert [track.id for track in album.tracks] == [
            line["id"] for line in sorted(of_it, key=lambda line: line["track_number"])
        ]
        assert (album.name, album.upc) == (albums[album_id]["name"], albums[album_id]["upc"])
        tracks = await world.store.tracks(track.id for track in album.tracks)
        for line in of_it:
            track = tracks[line["id"]]
            assert (track.name, track.isrc) == (line["name"], line["isrc"])
            assert (track.popularity, track.terms.markets) == (line["popularity"], ["SE", "US"])
            assert (track.playable, track.media) == (False, None)


async def test_an_import_goes_on_where_it_broke_off(world: World, tmp_path: Path) -> None:
    lines = catalogues.lines(2_000, artists=20)
    lines[5]["name"] = ""
    broken = next(line for line in lines if line["type"] == "track" and line["name"])
    broken["isrc"] = "no"
    path, report = write(tmp_path / "catalogue.jsonl", lines), tmp_path / "report.jsonl"
    # One call opens the import; the answer to the last one is lost each time.
    for calls in (2, 3, 4):
        with pytest.raises(Unreachable):
            await world.run(path, report, calls=calls)
    counts = await world.run(path, report)
    assert counts.accepted + counts.refused == len(lines)
    reported = [json.loads(text) for text in report.read_text().splitlines()]
    assert len(reported) == counts.refused
    assert {entry["line"] for entry in reported} >= {6, lines.index(broken) + 1}
    assert await world.tracks() == sum(
        line["type"] == "track"
        for at, line in enumerate(lines, 1)
        if at not in {entry["line"] for entry in reported}
    )
    assert await world.run(path, report) == counts
    assert len(report.read_text().splitlines()) == counts.refused


async def test_only_operators_import(world: World, tmp_path: Path) -> None:
    path = write(tmp_path / "catalogue.jsonl", catalogues.lines(3, artists=1))
    with pytest.raises(ApiError, match="operators"):
        await world.run(path, caller="owner")
