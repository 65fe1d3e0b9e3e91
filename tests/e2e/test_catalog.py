"""The catalogue through the edge: by clients that others wrote, by its owner and by an operator."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]
from typer.testing import CliRunner

from clients.cli.main import app as cadenza
from emulators.issuer import SCOPES
from shared import ids
from tests import catalogues, sounds
from tests.platform import Platform
from tests.waiting import until

UNKNOWN = ids.derive("nothing")
SEEN_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def added(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """An album of three tracks by a group and a guest."""
    folder = tmp_path_factory.mktemp("catalogue")
    files = []
    for number in (1, 2, 3):
        tags = {
            "title": f"Part {number}",
            "artist": "The Cataloguers",
            "album": "Three Parts",
            "tracknumber": str(number),
            "date": "2001-02-03",
            "genre": "ambient",
            "isrc": f"SECAT010000{number}",
        }
        path = folder / f"{number}.flac"
        files.append(sounds.write(path, seconds=2, seed=900 + number, tags=tags))
    return platform.added(*files)


@pytest.fixture
def owner(platform: Platform) -> Iterator[httpx.Client]:
    with platform.client() as client:
        yield client


def spotify(platform: Platform) -> Any:
    client = spotipy.Spotify(auth=platform.token(), retries=0)
    client.prefix = f"{platform.url}/v1/"
    return client


@pytest.fixture
def strict(platform: Platform) -> Iterator[Any]:
    """tekore, which checks every answer against its own models."""

    def to_the_platform(request: httpx.Request) -> None:
        address = httpx.URL(platform.url)
        request.url = request.url.copy_with(
            scheme=address.scheme, host=address.host, port=address.port
        )
        request.headers["Host"] = f"{address.host}:{address.port}"

    with httpx.Client(event_hooks={"request": [to_the_platform]}, timeout=30) as client:
        sender = tekore.SyncSender(client)
        yield tekore.Spotify(platform.token(), sender=sender)


@pytest.mark.parametrize("market", [None, "SE"])
def test_spotipys_methods(platform: Platform, added: list[str], market: str | None) -> None:
    client = spotify(platform)
    track = client.track(added[0], market=market)
    assert (track["name"], track["track_number"]) == ("Part 1", 1)
    assert [each["id"] for each in client.tracks(added, market=market)["tracks"]] == added
    album_id, artist_id = track["album"]["id"], track["artists"][0]["id"]
    album = client.album(album_id, market=market)
    assert [each["id"] for each in album["tracks"]["items"]] == added
    pages = client.album_tracks(album_id, limit=2, market=market)
    assert [each["name"] for each in pages["items"]] == ["Part 1", "Part 2"]
    assert [each["name"] for each in client.next(pages)["items"]] == ["Part 3"]
    assert client.albums([album_id, UNKNOWN], market=market)["albums"][1] is None
    assert client.artist(artist_id)["genres"] == ["ambient"]
    assert client.artists([artist_id])["artists"][0]["name"] == "The Cataloguers"
    albums = client.artist_albums(artist_id, include_groups="single,album", country=market)
    assert [each["name"] for each in albums["items"]] == ["Three Parts"]
    with pytest.raises(spotipy.SpotifyException) as missing:
        client.track(UNKNOWN)
    assert missing.value.http_status == 404


@pytest.mark.parametrize("market", [None, "SE"])
def test_tekores_methods(strict: Any, added: list[str], market: str | None) -> None:
    track = strict.track(added[0], market=market)
    assert track.name == "Part 1"
    assert track.is_playable is (None if market is None else True)
    assert [each.id for each in strict.tracks(added, market=market)] == added
    album = strict.album(track.album.id, market=market)
    assert [each.track_number for each in strict.all_items(album.tracks)] == [1, 2, 3]
    assert strict.albums([album.id], market=market)[0].name == "Three Parts"
    assert strict.album_tracks(album.id, market=market, limit=1).next is not None
    artist = strict.artist(track.artists[0].id)
    assert strict.artists([artist.id])[0].genres == ["ambient"]
    groups = [tekore.model.AlbumGroup.single, tekore.model.AlbumGroup.album]
    found = strict.artist_albums(artist.id, include_groups=groups, market=market)
    assert [each.name for each in found.items] == ["Three Parts"]


def test_what_is_shared_and_what_is_not(platform: Platform, added: list[str]) -> None:
    with platform.client() as client:
        named = client.get(f"/v1/tracks/{added[0]}?market=SE")
        own = client.get(f"/v1/tracks/{added[0]}")
    assert named.headers["cache-control"] == "public, max-age=60"
    assert own.headers["cache-control"] == "private, max-age=60"
    again = httpx.get(
        f"{platform.url}/v1/tracks/{added[0]}?market=SE",
        headers={
            "If-None-Match": named.headers["etag"],
            "Authorization": f"Bearer {platform.token()}",
        },
    )
    assert again.status_code == 304


def test_an_owner_edits_takes_down_and_restores(
    platform: Platform, added: list[str], owner: httpx.Client
) -> None:
    path = f"/v1/tracks/{added[2]}"
    seen = owner.get(f"{path}/edit")
    match = {"If-Match": seen.headers["etag"]}
    change = {"name": "Coda", "explicit": True, "markets": ["SE"]}
    assert owner.put(path, json=change, headers=match).status_code == 200
    assert owner.put(path, json=change, headers=match).status_code == 412
    stranger = platform.token(user="somebody-else")
    refused = httpx.put(
        f"{platform.url}{path}", json=change, headers={"Authorization": f"Bearer {stranger}"}
    )
    assert refused.status_code == 403

    def shown() -> Any:
        return owner.get(path).json()

    until(lambda: shown().get("name") == "Coda", within_s=SEEN_WITHIN_S)
    assert shown()["available_markets"] == ["SE"]
    elsewhere = owner.get(f"{path}?market=DE").json()
    assert (elsewhere["is_playable"], elsewhere["restrictions"]["reason"]) == (False, "market")

    assert owner.get(f"{path}/stream").status_code == 200
    assert owner.delete(path).status_code == 200
    until(lambda: owner.get(path).status_code == 404, within_s=SEEN_WITHIN_S)
    until(lambda: owner.get(f"{path}/stream").status_code == 404, within_s=SEEN_WITHIN_S)
    assert owner.put(f"{path}/restore").status_code == 200
    until(lambda: owner.get(f"{path}/stream").status_code == 200, within_s=SEEN_WITHIN_S)
    back = {"name": None, "explicit": None, "markets": None}
    assert owner.put(path, json=back).json()["name"] == "Part 3"


def test_an_operator_imports_a_catalogue(platform: Platform, tmp_path: Path) -> None:
    lines = catalogues.lines(300, artists=10, seed=77)
    song = next(line for line in lines if line["type"] == "track")
    bad = {"type": "track", "id": "x"}
    file, report = tmp_path / "catalogue.jsonl", tmp_path / "report.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, bad]))
    token = platform.token(roles=("operator",), scopes=SCOPES)
    environment = {"CADENZA_API": platform.url, "CADENZA_TOKEN": token}
    for _ in range(2):
        done = CliRunner().invoke(
            cadenza, ["import", str(file), "--report", str(report)], env=environment
        )
        assert f"{len(lines)} imported, 1 refused" in done.output
    assert [entry["line"] for entry in map(json.loads, report.open())] == [len(lines) + 1]

    track = platform.get(f"/v1/tracks/{song['id']}?market=SE")
    assert (track["name"], track["album"]["id"]) == (song["name"], song["album"])
    assert (track["is_playable"], track["restrictions"]["reason"]) == (False, "product")
    with platform.client() as client:
        assert not client.get(f"/v1/tracks/{song['id']}/stream").is_success
        refused = client.post("/v1/imports", json={"name": "not mine"})
    assert refused.status_code == 403
