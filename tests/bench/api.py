"""Requests a second of the Web API, at the edge and at the function, beside supysonic's.

    python -m tests.bench.api [--quick]

One library of 5,000 tagged tracks, which supysonic scans and Cadenza imports. Calls that mean the
same are measured in turns, so that whatever else the machine does falls on both.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import aiohttp

from tests import platform as platforms
from tests.bench import library, peer
from tests.bench.library import Song
from tests.bench.load import Timings, measure
from tests.bench.peer import Peer
from tests.platform import Platform

TRACKS = 5_000
AT_ONCE = 8
ROUNDS = 3
SCOPES = (
    "playlist-modify-private", "playlist-modify-public", "playlist-read-private",
    "user-library-modify", "user-library-read",
)  # fmt: skip
# As many as keep each of them within what one person may ask.
LISTENERS = [f"bench-listener-{number}" for number in range(40)]
_A_CALL = 50


@dataclass(frozen=True)
class Subject:
    """A call: its name, whose function answers it, addresses to go round, and the peer's equal."""

    name: str
    unit: str
    paths: list[str]
    equal: str = ""
    equal_urls: tuple[str, ...] = ()


class Caller:
    """Calls in the name of one listener after another."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, listeners: list[dict[str, str]]
    ) -> None:
        self._session = session
        self._url = url
        self._listeners = listeners

    async def round(self, urls: list[str], calls: int, *, signed_in: bool = True) -> Timings:
        """After a few calls that do not count. A peer would mistake our tokens for its own."""
        addresses = cycle(urls)
        listeners = cycle(self._listeners if signed_in else [{}])

        async def call() -> None:
            async with self._session.get(next(addresses), headers=next(listeners)) as answer:
                await answer.read()
                assert answer.status == 200, f"{answer.status} {answer.url}"

        await measure(call, calls=min(calls, 20), at_once=AT_ONCE)
        return await measure(call, calls=calls, at_once=AT_ONCE)

    async def playlist(self, songs: list[Song], size: int) -> str:
        """A public one of so many, by the first listener."""
        headers = self._listeners[0]
        body = {"name": f"Bench {size}"}
        address = f"{self._url}/v1/me/playlists"
        async with self._session.post(address, json=body, headers=headers) as answer:
            playlist: str = (await answer.json())["id"]
        uris = [f"spotify:track:{songs[at % len(songs)].id}" for at in range(size)]
        address = f"{self._url}/v1/playlists/{playlist}/items"
        for at in range(0, size, 100):
            body_of_some = {"uris": uris[at : at + 100]}
            async with self._session.post(address, json=body_of_some, headers=headers) as answer:
                assert answer.status == 201, await answer.text()
        return playlist

    async def save(self, songs: list[Song]) -> None:
        """For every listener."""
        for headers in self._listeners:
            for at in range(0, len(songs), _A_CALL):
                body = {"ids": [song.id for song in songs[at : at + _A_CALL]]}
                address = f"{self._url}/v1/me/tracks"
                async with self._session.put(address, json=body, headers=headers) as answer:
                    assert answer.status == 200, await answer.text()

    async def wait_until_found(self, song: Song) -> None:
        """What was imported reaches the search index by events."""
        query = {"q": f'track:"{song.title}" artist:"{song.artist}"', "type": "track"}
        address = f"{self._url}/v1/search"
        for _ in range(240):
            async with self._session.get(
                address, params=query, headers=self._listeners[0]
            ) as answer:
                if answer.status == 200 and (await answer.json())["tracks"]["items"]:
                    return
            await asyncio.sleep(0.5)
        raise TimeoutError("what was imported is not found")


def main(*, quick: bool) -> None:
    songs = list(library.songs(TRACKS // 10 if quick else TRACKS))
    with tempfile.TemporaryDirectory() as folder:
        music = Path(folder) / "peer" / "music"
        peer.write_library(music, songs)
        with (
            peer.serving(Path(folder) / "peer", music) as other,
            platforms.running(Path(folder) / "state", ["--no-demo"]) as platform,
        ):
            _import(platform, Path(folder), songs)
            asyncio.run(_compare(platform, other, songs, scale=0.1 if quick else 1.0))


def _import(platform: Platform, folder: Path, songs: list[Song]) -> None:
    lines = folder / "library.jsonl"
    lines.write_text("".join(json.dumps(item) + "\n" for item in _items(songs)))
    token = folder / "operator-token"
    token.write_text(platform.token(user="operator", roles=("listener", "operator")))
    done = platform.cadenza("import", str(lines), token_file=token)
    assert done.returncode == 0, done.stdout + done.stderr


def _items(songs: list[Song]) -> Iterator[dict[str, object]]:
    """Each artist and album before the first of its tracks."""
    seen: set[str] = set()
    for song in songs:
        if song.artist_id not in seen:
            seen.add(song.artist_id)
            yield {"type": "artist", "id": song.artist_id, "name": song.artist}
        if song.album_id not in seen:
            seen.add(song.album_id)
            yield {
                "type": "album",
                "id": song.album_id,
                "name": song.album,
                "artists": [song.artist_id],
                "release_date": song.year,
            }
        yield {
            "type": "track",
            "id": song.id,
            "name": song.title,
            "album": song.album_id,
            "artists": [song.artist_id],
            "track_number": song.number,
            "duration_ms": 180_000,
            "genres": [song.genre],
        }


async def _compare(platform: Platform, other: Peer, songs: list[Song], *, scale: float) -> None:
    tokens = [platform.token(user=user, scopes=SCOPES) for user in LISTENERS]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        caller = Caller(session, platform.url, [{"Authorization": f"Bearer {t}"} for t in tokens])
        small, large = await caller.playlist(songs, 100), await caller.playlist(songs, 10_000)
        await caller.save(songs[:1000])
        await caller.wait_until_found(songs[0])
        peer_ids = await _ids_of(session, other)
        for subject in _subjects(songs, small, large, other, peer_ids):
            await _measure(caller, platform, subject, scale)


def _subjects(
    songs: list[Song], small: str, large: str, other: Peer, peer_ids: list[str]
) -> Iterator[Subject]:
    albums = list(dict.fromkeys(song.album_id for song in songs))[:100]
    artists = list(dict.fromkeys(song.artist_id for song in songs))
    words = [song.title.split()[0] for song in songs[:200]]
    yield Subject("track", "catalog-api", [f"/v1/tracks/{song.id}" for song in songs[:200]])
    yield Subject(
        "album with tracks",
        "catalog-api",
        [f"/v1/albums/{album}" for album in albums],
        "getAlbum",
        tuple(other.call("getAlbum", id=album) for album in peer_ids[:100]),
    )
    yield Subject(
        "artists",
        "catalog-api",
        [f"/v1/artists?ids={','.join(artists[:_A_CALL])}"],
        "getArtists",
        (other.call("getArtists"),),
    )
    yield Subject("artist's albums", "catalog-api", [f"/v1/artists/{a}/albums" for a in artists])
    yield Subject(
        "new releases",
        "catalog-api",
        ["/v1/browse/new-releases?limit=50"],
        "getAlbumList2",
        (other.call("getAlbumList2", type="newest", size=50),),
    )
    yield Subject("playlist of 100", "library-api", [f"/v1/playlists/{small}"])
    yield Subject(
        "playlist of 10,000, far down",
        "library-api",
        [f"/v1/playlists/{large}/items?limit=100&offset={at}" for at in (0, 5_000, 9_900)],
    )
    yield Subject("saved tracks", "library-api", ["/v1/me/tracks?limit=50&offset=500"])
    yield Subject(
        "search",
        "search-api",
        [f"/v1/search?q={word}&type=track,album,artist&limit=20" for word in words],
        "search3",
        tuple(
            other.call("search3", query=word, songCount=20, albumCount=20, artistCount=20)
            for word in words
        ),
    )


async def _measure(caller: Caller, platform: Platform, subject: Subject, scale: float) -> None:
    function = platform.status["services"][subject.unit]
    ours = [f"{function}{path}" for path in subject.paths]
    edge = [f"{platform.url}{path}" for path in subject.paths]
    timings = {name: Timings() for name in ("function", "edge", "peer")}
    for _ in range(ROUNDS):
        timings["function"] += await caller.round(ours, int(500 * scale))
        timings["edge"] += await caller.round(edge, int(500 * scale))
        if subject.equal_urls:
            equal = list(subject.equal_urls)
            timings["peer"] += await caller.round(equal, int(150 * scale), signed_in=False)
    print(f"{subject.name}\n  function   {timings['function']}\n  edge       {timings['edge']}")
    if subject.equal_urls:
        print(f"  supysonic  {timings['peer']}  {subject.equal}")
        ratio = timings["function"].rate / timings["peer"].rate
        below = timings["function"].percentile(99) < timings["peer"].percentile(50)
        print(f"  {ratio:.1f} times its rate; our p99 is {'' if below else 'NOT '}below its p50")


async def _ids_of(session: aiohttp.ClientSession, other: Peer) -> list[str]:
    async with session.get(other.call("getAlbumList2", type="newest", size=200)) as answer:
        found = await answer.json(content_type=None)
    return [album["id"] for album in found["subsonic-response"]["albumList2"]["album"]]


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
