"""Somebody turns explicit content off on their account's page: from their next token on it is
shown as restricted, found but not recommended, and neither played nor licensed; until they turn
it on again."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared import ids
from tests import people, sounds
from tests.platform import Platform
from tests.unit.functions.catalog import contract
from tests.waiting import until

SCOPES = (
    "streaming user-read-private user-library-read user-library-modify playlist-modify-private "
    "playlist-read-private user-read-playback-state user-modify-playback-state "
    "user-read-currently-playing"
)
PLAYER = "explicit-player"
MESSAGE = "Explicit content is turned off for this account"
WITHIN_S = 60.0


@dataclass(frozen=True)
class Release:
    """An album by its id: the second of its three tracks is explicit."""

    album: str
    tracks: list[str]

    @property
    def bold(self) -> str:
        return self.tracks[1]

    @property
    def uris(self) -> list[str]:
        return [f"spotify:track:{each}" for each in self.tracks]


@dataclass
class Person:
    """Somebody with the command line's tokens; `client` carries the newest."""

    platform: Platform
    account: people.Browser
    tokens: dict[str, Any]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.platform.client(self.tokens["access_token"])

    def renew(self) -> None:
        """As any client does before its token ends."""
        answer = httpx.post(
            f"{self.platform.url}/api/token",
            data={
                "grant_type": "refresh_token",
                "client_id": people.CLI,
                "refresh_token": self.tokens["refresh_token"],
            },
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        self.client.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def turn_off_explicit_content(self) -> None:
        """On the account's page, as it stands."""
        page = self.account.open("/account")
        form = page.form("/account/profile")
        assert "hide_explicit" not in form.fields
        done = self.account.submit(page, form, country="SE", hide_explicit="yes")
        assert done.status == 200, done.problems
        self.renew()

    def turn_on_explicit_content(self) -> None:
        wanted = {"explicit_content": {"filter_enabled": False}}
        answer = self.client.put("/v1/me", json=wanted)
        assert answer.json()["explicit_content"]["filter_enabled"] is False
        self.renew()


@pytest.fixture(scope="module")
def release(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("explicit")
    files = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=3,
            seed=470 + number,
            tags={
                "title": f"Plainspoken {number}",
                "artist": "The Parental Advisories",
                "album": "Plainspoken",
                "tracknumber": str(number),
                "genre": "advisory pop",
                **({"itunesadvisory": "1"} if number == 2 else {}),
            },
        )
        for number in (1, 2, 3)
    ]
    tracks = platform.added(*files)
    return Release(platform.get(f"/v1/tracks/{tracks[0]}")["album"]["id"], tracks)


@pytest.fixture(scope="module")
def person(platform: Platform) -> Iterator[Person]:
    with people.sign_up(platform, f"{ids.random().lower()}@example.com", name="Vera") as account:
        yield Person(platform, account, people.tokens_of(platform, account, SCOPES))


@pytest.fixture(scope="module")
def playlist(person: Person, release: Release) -> str:
    """The release as a playlist of theirs; its tracks and itself are saved, too."""
    made = person.client.post("/v1/me/playlists", json={"name": "All of it", "public": False})
    assert made.status_code == 201, made.text
    path = f"/v1/playlists/{made.json()['id']}/items"
    assert person.client.post(path, json={"uris": release.uris}).status_code == 201
    assert person.client.put("/v1/me/tracks", json=release.tracks).status_code == 200
    assert person.client.put("/v1/me/albums", json=[release.album]).status_code == 200
    return str(made.json()["id"])


def play(person: Person, **asked: Any) -> httpx.Response:
    registered = person.client.put(f"/v1/me/devices/{PLAYER}", json={"name": "Test"})
    assert registered.status_code == 200, registered.text
    return person.client.put(f"/v1/me/player/play?device_id={PLAYER}", json=asked)


def licence(person: Person, track_id: str) -> httpx.Response:
    kid = base64.urlsafe_b64encode(ids.to_bytes(track_id)).rstrip(b"=").decode()
    return person.client.post("/v1/licence", json={"kids": [kid]})


def shown(person: Person, release: Release, playlist: str) -> dict[str, list[dict[str, Any]]]:
    """The release's three tracks, wherever they are shown."""
    query = "q=Plainspoken&type=track&limit=10"
    found = until(
        lambda: person.get(f"/v1/search?{query}")["tracks"]["items"],
        lambda items: len(items) >= 3,
        within_s=WITHIN_S,
    )
    ids_ = ",".join(release.tracks)
    everywhere = {
        "tracks": person.get(f"/v1/tracks?ids={ids_}")["tracks"],
        "named market": person.get(f"/v1/tracks?ids={ids_}&market=FI")["tracks"],
        "one by one": [person.get(f"/v1/tracks/{each}") for each in release.tracks],
        "album": person.get(f"/v1/albums/{release.album}")["tracks"]["items"],
        "album's tracks": person.get(f"/v1/albums/{release.album}/tracks")["items"],
        "playlist": [
            item["item"] for item in person.get(f"/v1/playlists/{playlist}")["items"]["items"]
        ],
        "saved": [item["track"] for item in person.get("/v1/me/tracks")["items"]],
        "saved album": person.get("/v1/me/albums")["items"][0]["album"]["tracks"]["items"],
        "search": found,
    }
    for where, tracks in everywhere.items():
        assert {each["id"] for each in tracks} == set(release.tracks), where
        shape = "SimplifiedTrackObject" if "album" in where else "TrackObject"
        for each in tracks:
            contract.check(each, shape)
    return everywhere


def test_from_the_setting_to_the_sound_and_back(
    platform: Platform, person: Person, release: Release, playlist: str, tmp_path: Path
) -> None:
    person.turn_off_explicit_content()
    assert person.get("/v1/me")["explicit_content"] == {
        "filter_enabled": True,
        "filter_locked": False,
    }

    for where, tracks in shown(person, release, playlist).items():
        for each in tracks:
            restricted = each.get("restrictions") == {"reason": "explicit"}
            assert restricted is (each["id"] == release.bold), where
            assert each["is_playable"] is not restricted, where
    named = f"/v1/tracks/{release.bold}?market=NO"
    assert person.client.get(named).headers["cache-control"] == "private, max-age=60"
    with platform.client() as others:
        public = others.get(named)
    assert public.headers["cache-control"] == "public, max-age=60"
    assert public.json()["is_playable"] is True

    seeds = f"seed_genres=advisory%20pop&seed_tracks={release.tracks[2]}&limit=100"
    recommended = until(
        lambda: [each["id"] for each in person.get(f"/v1/recommendations?{seeds}")["tracks"]],
        lambda found: release.tracks[0] in found,
        within_s=WITHIN_S,
    )
    assert release.bold not in recommended
    radio = person.get(f"/v1/radio/track/{release.bold}")["tracks"]
    assert release.tracks[0] in {each["id"] for each in radio}
    assert release.bold not in {each["id"] for each in radio}

    refused = play(person, uris=[f"spotify:track:{release.bold}"])
    assert (refused.status_code, refused.json()) == (
        403,
        {"error": {"status": 403, "message": MESSAGE, "reason": "CONTEXT_DISALLOW"}},
    )
    queue = f"/v1/me/player/queue?uri=spotify:track:{release.bold}&device_id={PLAYER}"
    assert person.client.post(queue).status_code == 403
    for context in (f"spotify:album:{release.album}", f"spotify:playlist:{playlist}"):
        assert play(person, context_uri=context).status_code == 204
        assert person.get("/v1/me/player")["item"]["id"] == release.tracks[0]
        assert person.client.post("/v1/me/player/next").status_code == 204
        assert person.get("/v1/me/player")["item"]["id"] == release.tracks[2]

    for answer in (
        person.client.get(f"/v1/tracks/{release.bold}/stream"),
        licence(person, release.bold),
    ):
        assert (answer.status_code, answer.json()["error"]["reason"]) == (403, "EXPLICIT_FILTER")
    assert person.client.get(f"/v1/tracks/{release.tracks[0]}/stream").status_code == 200
    assert licence(person, release.tracks[0]).status_code == 200
    token_file = tmp_path / "token"
    token_file.write_text(person.tokens["access_token"])
    told = platform.cadenza("play", release.bold, "--null", token_file=token_file)
    assert told.returncode != 0
    assert MESSAGE in told.stdout + told.stderr

    person.turn_on_explicit_content()
    for where, tracks in shown(person, release, playlist).items():
        assert not any("restrictions" in each for each in tracks), where
    assert play(person, uris=[f"spotify:track:{release.bold}"]).status_code == 204
    assert person.get("/v1/me/player")["item"]["id"] == release.bold
    assert person.client.get(f"/v1/tracks/{release.bold}/stream").status_code == 200
    assert licence(person, release.bold).status_code == 200
