"""Reading one's mixes beside a bare read of the same document, in turns, in one run.

python -m tests.bench.mixes [READS]
"""

import asyncio
import datetime
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
from google.cloud.firestore import AsyncClient

from emulators import firestore
from emulators.processes import free_port
from functions.recommendations.features.sound import SIZE
from functions.recommendations.mixes.build import Shelf, make
from functions.recommendations.mixes.listening import Fact, Listener, Taste
from functions.recommendations.model import Opinion, Said, UserMixes
from functions.recommendations.routes import RecommendationsApi
from functions.recommendations.store import Documents, mixes_path
from functions.recommendations.views import MixViews
from shared import ids
from shared.audience import ANYBODY, Audience
from shared.catalog_client import Form
from shared.documents import to_document
from shared.firestore import FirestoreDocuments, Stored
from shared.protos.catalog_pb2 import Track
from shared.tokens import Caller, KeyCache, Verifier
from shared.web import Api
from tests.running import running

# More would be more than one person may ask for in half a minute.
READS = 600
USER = "bench-listener"
PROJECT = "demo-bench"
URL = "https://bench.example"
TRACKS, ARTISTS, TASTES, OPINIONS = 2000, 200, 300, 50


def main() -> None:
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else READS
    with (
        tempfile.TemporaryDirectory() as folder,
        running(firestore.command(free_port(), Path(folder), 512)) as address,
    ):
        os.environ["FIRESTORE_EMULATOR_HOST"] = address
        asyncio.run(_measure(reads))


async def _measure(reads: int) -> None:
    document, mix = to_document(_mixes()), ""
    client = AsyncClient(project=PROJECT)
    reference = client.document(mixes_path(USER))
    await reference.set(document)
    documents = Counting(FirestoreDocuments(PROJECT, "(default)"))
    api = RecommendationsApi(documents=documents, catalogue=InMemory(), views=MixViews(URL))
    transport = httpx.ASGITransport(api.app(Api(AnyToken())))
    headers = {"Authorization": "Bearer any"}
    async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as http:
        listed = (await http.get("/v1/me/mixes")).json()["items"]
        mix = listed[0]["id"]
        ways: dict[str, Callable[[], Awaitable[Any]]] = {
            "bare get": reference.get,
            "all mixes": lambda: _get(http, "/v1/me/mixes"),
            "a mix": lambda: _get(http, f"/v1/me/mixes/{mix}"),
        }
        for ask in ways.values():
            for _ in range(50):
                await ask()
        documents.read_paths = 0
        times = await _in_turns(ways, reads)
    size = len(msgspec.json.encode(document))
    print(f"{len(listed)} mixes, {size / 1024:.0f} KiB as JSON, {OPINIONS} opinions; {reads} reads")
    bare = _percentile(times["bare get"], 99)
    for name, taken in times.items():
        p50, p99 = statistics.median(taken), _percentile(taken, 99)
        print(f"  {name:10} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   {p99 / bare:5.2f} times bare")
    print(f"  documents read for each request: {documents.read_paths / (2 * reads):.2f}")


async def _in_turns(
    ways: Mapping[str, Callable[[], Awaitable[Any]]], reads: int
) -> dict[str, list[float]]:
    """Milliseconds by way: what disturbs one disturbs all of them."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(reads):
        for name, ask in ways.items():
            started = time.perf_counter()
            await ask()
            times[name].append((time.perf_counter() - started) * 1000)
    return times


async def _get(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 200, answer.text


def _mixes() -> UserMixes:
    """Of somebody who plays a lot of six kinds of music."""
    facts = {}
    for number in range(TRACKS):
        artist = number % ARTISTS
        fact = Fact(
            id=ids.derive("track", str(number)),
            artists=[ids.derive("artist", str(artist))],
            artist_names=[f"Artist {artist}"],
            cover_id=ids.derive("cover", str(number)),
            vector=[1.0 if place == artist % 6 else 0.01 * (number % 7) for place in range(SIZE)],
        )
        facts[fact.id] = fact
    known = list(facts)
    listener = Listener(
        user=USER,
        country="SE",
        tastes=[Taste(each, 5.0, recent=3) for each in known[:TASTES]],
        ranked=known[TASTES : TASTES + 900],
    )
    now = datetime.datetime.now(datetime.UTC)
    said = [Said(f"artist:{ids.derive('nobody', str(n))}", Opinion.hide) for n in range(OPINIONS)]
    made = make(listener, Shelf(facts, fresh=known[1500:1600], popular=known[:200]), now.date())
    return UserMixes(made_at=int(now.timestamp()), model="mf_0", mixes=made, said=said)


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


class Counting:
    """Counts the documents that are asked for."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.read_paths = 0
        self.write = documents.write
        self.replace = documents.replace
        self.replace_all = documents.replace_all

    async def read(self, paths: Iterable[str]) -> Mapping[str, Stored]:
        wanted = list(paths)
        self.read_paths += len(wanted)
        return await self._documents.read(wanted)


class InMemory:
    """The catalogue as its client holds it after the first read."""

    def __init__(self) -> None:
        self._json = msgspec.Raw(msgspec.json.encode({"name": "A track", "uri": "x" * 1500}))

    async def tracks(self, ids: Sequence[str]) -> Sequence[Track]:
        raise NotImplementedError

    async def artist_tracks(self, artist_id: str, limit: int = 100) -> list[str]:
        raise NotImplementedError

    async def describe(
        self, form: Form, ids: Iterable[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]:
        return dict.fromkeys(ids, self._json)


class AnyToken(Verifier):
    """Tokens are measured elsewhere."""

    def __init__(self) -> None:
        async def no_keys() -> dict[str, Any]:
            raise NotImplementedError

        super().__init__(KeyCache(no_keys), issuer="", audience="")

    async def verify(self, token: str) -> Caller:
        return Caller(USER, "app", frozenset({"user-top-read"}), country="SE")


if __name__ == "__main__":
    main()
