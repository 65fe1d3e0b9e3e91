"""Clients of the Web API control speakers: `cadenza speaker` plays, spotipy and tekore command."""

import contextlib
import json
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]
import tekore  # type: ignore[import-untyped]

from tests import sounds
from tests.platform import Platform
from tests.speakers import SCOPES, RunningSpeaker, speaker
from tests.waiting import until

KITCHEN, BATH = "kitchen-speaker", "bath-speaker"
USER = "connect"
LONG_S, SHORT_S = 30, 3


@pytest.fixture(scope="module")
def tracks(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The URIs of an album: four long tracks of four artists, and a short one at the end."""
    folder = tmp_path_factory.mktemp("connections")
    lengths = [LONG_S] * 4 + [SHORT_S]
    files = [_song(folder, at, seconds) for at, seconds in enumerate(lengths, start=1)]
    return [f"spotify:track:{each}" for each in platform.added(*files)]


def _song(folder: Path, number: int, seconds: int) -> Path:
    tags = {
        "title": f"Wire {number}",
        "artist": f"Singer {number}",
        "album": "Connections",
        "albumartist": "The Wires",
        "tracknumber": str(number),
    }
    return sounds.write(folder / f"{number}.flac", seconds=seconds, seed=70 + number, tags=tags)


@pytest.fixture(scope="module")
def album(platform: Platform, tracks: list[str]) -> str:
    track = platform.get(f"/v1/tracks/{tracks[0].rpartition(':')[2]}")
    return str(track["album"]["uri"])


@pytest.fixture(scope="module")
def token(platform: Platform) -> str:
    return platform.token(user=USER, scopes=SCOPES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speakers")


@pytest.fixture(scope="module")
def kitchen(platform: Platform, folder: Path, token: str) -> Iterator[RunningSpeaker]:
    with speaker(platform, folder, token, "Kitchen", KITCHEN) as running:
        yield running


@pytest.fixture(scope="module")
def bath(platform: Platform, folder: Path, token: str) -> Iterator[RunningSpeaker]:
    with speaker(platform, folder, token, "Bath", BATH) as running:
        yield running


@pytest.fixture(scope="module")
def calls(platform: Platform, token: str) -> Iterator[httpx.Client]:
    with platform.client(token) as client:
        yield client


@pytest.fixture(scope="module")
def spotify(platform: Platform, token: str) -> "spotipy.Spotify":
    client = spotipy.Spotify(auth=token, retries=0)
    client.prefix = f"{platform.url}/v1/"
    return client


@pytest.fixture(scope="module")
def strict(platform: Platform, token: str) -> Iterator["tekore.Spotify"]:
    def here(request: httpx.Request) -> None:
        request.url = httpx.URL(f"{platform.url}{request.url.raw_path.decode()}")
        request.headers["host"] = request.url.netloc.decode()

    with httpx.Client(event_hooks={"request": [here]}, timeout=30) as client:
        yield tekore.Spotify(token, sender=tekore.SyncSender(client))


@pytest.fixture(autouse=True)
def plain(kitchen: RunningSpeaker, bath: RunningSpeaker, calls: httpx.Client) -> None:
    """Each test begins without shuffle and repeat, and with an empty queue."""
    calls.put(f"/v1/me/player/shuffle?state=false&device_id={KITCHEN}").raise_for_status()
    calls.put(f"/v1/me/player/repeat?state=off&device_id={KITCHEN}").raise_for_status()


def executed(calls: httpx.Client, device_id: str) -> dict[str, Any]:
    """The playback, once the device itself says that it does what it was told."""
    path = f"/v1/me/devices/{device_id}/state"
    # An outdated report changes nothing: its answer tells what the player is.
    asked = {"command_version": -1, "timestamp": 0, "is_playing": False, "position_ms": 0}

    def ask() -> dict[str, Any]:
        answer: dict[str, Any] = calls.post(path, json=asked).json()
        return answer

    until(ask, lambda state: state["executed"] == state["command_version"])
    answer: dict[str, Any] = calls.get("/v1/me/player").json()
    return answer


def test_spotipy_plays_an_album_from_within(
    spotify: "spotipy.Spotify", calls: httpx.Client, album: str, tracks: list[str]
) -> None:
    spotify.start_playback(KITCHEN, context_uri=album, offset={"position": 1}, position_ms=5000)
    first = executed(calls, KITCHEN)
    time.sleep(1)
    second = spotify.current_playback()

    assert (first["item"]["uri"], first["device"]["id"]) == (tracks[1], KITCHEN)
    assert first["context"]["uri"] == album
    assert 5000 <= first["progress_ms"] <= 8000
    assert 900 <= second["progress_ms"] - first["progress_ms"] <= 1600
    assert spotify.currently_playing()["item"]["uri"] == tracks[1]


def test_spotipy_pauses_seeks_and_goes_on(
    spotify: "spotipy.Spotify", calls: httpx.Client, tracks: list[str]
) -> None:
    spotify.start_playback(KITCHEN, uris=tracks, offset={"uri": tracks[2]})
    spotify.seek_track(20_000)
    spotify.pause_playback()
    paused = executed(calls, KITCHEN)
    assert paused["item"]["uri"] == tracks[2]
    assert not paused["is_playing"]
    assert 20_000 <= paused["progress_ms"] <= 21_000
    assert paused["actions"]["disallows"] == {"pausing": True}

    spotify.start_playback()
    playing = executed(calls, KITCHEN)

    assert playing["is_playing"]
    assert 0 <= playing["progress_ms"] - paused["progress_ms"] <= 1500


def test_spotipy_skips_and_queues(
    spotify: "spotipy.Spotify", calls: httpx.Client, album: str, tracks: list[str]
) -> None:
    spotify.start_playback(KITCHEN, context_uri=album)
    spotify.add_to_queue(tracks[3])
    queue = spotify.queue()
    assert queue["currently_playing"]["uri"] == tracks[0]
    assert [each["uri"] for each in queue["queue"]] == [tracks[3], *tracks[1:]]

    heard = []
    for command in (spotify.next_track, spotify.next_track, spotify.previous_track):
        command()
        heard.append(executed(calls, KITCHEN)["item"]["uri"])

    assert heard == [tracks[3], tracks[1], tracks[0]]


def test_spotipy_shuffles_and_repeats(
    spotify: "spotipy.Spotify", calls: httpx.Client, album: str, tracks: list[str]
) -> None:
    spotify.start_playback(KITCHEN, context_uri=album, offset={"position": 2})
    spotify.shuffle(True)
    spotify.repeat("context")
    heard = [executed(calls, KITCHEN)["item"]["uri"]]
    for _ in range(5):
        spotify.next_track()
        heard.append(executed(calls, KITCHEN)["item"]["uri"])

    assert sorted(heard[:5]) == sorted(tracks)
    assert heard[0] == heard[5] == tracks[2]
    playback = spotify.current_playback()
    assert (playback["shuffle_state"], playback["repeat_state"]) == (True, "context")


def test_spotipy_turns_the_volume(spotify: "spotipy.Spotify", calls: httpx.Client) -> None:
    spotify.volume(23, KITCHEN)
    executed(calls, KITCHEN)

    devices = {each["id"]: each for each in spotify.devices()["devices"]}
    assert devices[KITCHEN]["volume_percent"] == 23
    assert devices[BATH]["volume_percent"] == 60


def test_spotipy_moves_playback_and_keeps_the_place(
    spotify: "spotipy.Spotify",
    calls: httpx.Client,
    tracks: list[str],
    kitchen: RunningSpeaker,
) -> None:
    spotify.start_playback(KITCHEN, uris=tracks[:1])
    executed(calls, KITCHEN)
    time.sleep(2)
    before, asked_at = spotify.current_playback()["progress_ms"], time.monotonic()

    spotify.transfer_playback(BATH, force_play=False)
    after = executed(calls, BATH)

    gone_ms = (time.monotonic() - asked_at) * 1000
    assert (after["device"]["id"], after["is_playing"]) == (BATH, True)
    assert abs(after["progress_ms"] - before - gone_ms) < 1000
    until(lambda: kitchen.said, lambda said: "taken over" in said)


def test_all_that_can_be_a_context(
    platform: Platform, calls: httpx.Client, tracks: list[str]
) -> None:
    library = ("playlist-modify-private", "playlist-read-private", "user-library-modify")
    with platform.client(platform.token(user=USER, scopes=(*SCOPES, *library))) as owner:
        made = owner.post("/v1/me/playlists", json={"name": "Loose ends", "public": False})
        made.raise_for_status()
        items = f"/v1/playlists/{made.json()['id']}/items"
        owner.post(items, json={"uris": [tracks[3], tracks[1]]}).raise_for_status()
        saved = {"ids": tracks[2].rpartition(":")[2]}
        owner.put("/v1/me/tracks", params=saved).raise_for_status()
    singer = platform.get(f"/v1/tracks/{tracks[1].rpartition(':')[2]}")["artists"][0]["uri"]

    for context, wanted in (
        (made.json()["uri"], tracks[3]),
        ("spotify:collection", tracks[2]),
        (singer, tracks[1]),
    ):
        asked = {"context_uri": context}
        answer = calls.put(f"/v1/me/player/play?device_id={KITCHEN}", json=asked)
        assert answer.status_code == 204, answer.text
        assert executed(calls, KITCHEN)["item"]["uri"] == wanted


def test_tekore_with_its_strict_models(
    strict: "tekore.Spotify", calls: httpx.Client, album: str, tracks: list[str]
) -> None:
    album_id, ids = album.rpartition(":")[2], [each.rpartition(":")[2] for each in tracks]
    strict.playback_start_context(
        tekore.to_uri("album", album_id), offset=1, position_ms=1000, device_id=BATH
    )
    executed(calls, BATH)
    playback = strict.playback()
    assert playback.item.id == ids[1]
    assert playback.device.type is tekore.model.DeviceType.Speaker
    strict.playback_pause()
    assert not strict.playback_currently_playing(tracks_only=True).is_playing
    strict.playback_resume()
    strict.playback_seek(3000)
    strict.playback_volume(40)
    strict.playback_shuffle(True)
    strict.playback_shuffle(False)
    strict.playback_repeat("track")
    strict.playback_queue_add(tracks[0])
    assert strict.playback_queue().queue[0].id == ids[0]
    strict.playback_next()
    assert executed(calls, BATH)["item"]["id"] == ids[0]
    strict.playback_previous()
    strict.playback_transfer(KITCHEN, force_play=True)
    assert executed(calls, KITCHEN)["item"]["id"] == ids[1]
    strict.playback_start_tracks(ids, offset=ids[3], device_id=KITCHEN)
    assert executed(calls, KITCHEN)["item"]["id"] == ids[3]
    assert {device.id for device in strict.playback_devices()} == {KITCHEN, BATH}


def test_tekore_hears_why_not(strict: "tekore.Spotify", tracks: list[str]) -> None:
    with pytest.raises(tekore.NotFound):
        strict.playback_pause("nobody")
    with pytest.raises(tekore.BadRequest):
        strict.playback_start_context("spotify:album:nonsense")


def test_the_speaker_goes_to_the_next_track_by_itself(
    spotify: "spotipy.Spotify", calls: httpx.Client, tracks: list[str]
) -> None:
    spotify.start_playback(KITCHEN, uris=[tracks[4], tracks[0]])
    until(
        lambda: spotify.current_playback()["item"]["uri"],
        lambda uri: uri == tracks[0],
        within_s=SHORT_S + 5,
    )

    playback = executed(calls, KITCHEN)
    assert playback["is_playing"]
    assert playback["progress_ms"] < 3000


def test_what_was_played_is_reported(
    platform: Platform, spotify: "spotipy.Spotify", tracks: list[str]
) -> None:
    spotify.start_playback(KITCHEN, uris=[tracks[4], tracks[0]])

    def recent() -> list[str]:
        played = spotify.current_user_recently_played()["items"]
        return [each["track"]["uri"] for each in played]

    until(recent, lambda uris: tracks[4] in uris, within_s=40)


@dataclass
class Listener:
    """Hears events in a thread."""

    url: str
    token: str
    query: str = ""
    last_id: str = ""
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def start(self) -> "Listener":
        threading.Thread(target=self._listen, daemon=True).start()
        until(lambda: self.heard, bool)
        return self

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    def _listen(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        address = f"{self.url}/v1/me/player/events{self.query}"
        # When its test is over nobody says anything any more.
        with (
            contextlib.suppress(httpx.TransportError),
            httpx.stream("GET", address, headers=headers, timeout=60) as answer,
        ):
            name = ""
            for line in answer.iter_lines():
                kind, _, value = line.partition(": ")
                if kind == "event":
                    name = value
                elif kind == "data":
                    self.heard.append((name, json.loads(value)))
                elif kind == "id":
                    self.last_id = value


def test_everybody_who_listens_is_told(
    platform: Platform, spotify: "spotipy.Spotify", token: str, tracks: list[str]
) -> None:
    listener = Listener(platform.url, token).start()
    spotify.start_playback(KITCHEN, uris=tracks)
    until(lambda: listener.heard[-1][1].get("uri"), lambda uri: uri == tracks[0])

    again = Listener(platform.url, token, last_id=listener.last_id).start()
    spotify.pause_playback()
    for each in (listener, again):
        until(
            lambda heard=each: heard.heard,  # type: ignore[misc]  # bound at once
            lambda heard: any(name == "state" and not state["is_playing"] for name, state in heard),
        )
    first_state = next(state for name, state in again.heard if name == "state")
    assert first_state["version"] > int(listener.heard[0][1].get("version", 0))


def test_a_session_elsewhere_ends_the_first(
    platform: Platform, token: str, calls: httpx.Client, tracks: list[str]
) -> None:
    track_id = tracks[0].rpartition(":")[2]
    calls.get(f"/v1/tracks/{track_id}/stream?session=phone").raise_for_status()
    phone = Listener(platform.url, token, "?session=phone").start()

    calls.get(f"/v1/tracks/{track_id}/stream?session=laptop").raise_for_status()

    until(phone.names, lambda names: "session_taken_over" in names)


def test_a_token_that_ends_closes_the_stream(platform: Platform) -> None:
    brief = platform.token(user=USER, scopes=SCOPES, lifetime_s=4)
    with httpx.stream(
        "GET",
        f"{platform.url}/v1/me/player/events",
        headers={"Authorization": f"Bearer {brief}"},
        timeout=30,
    ) as answer:
        lines = list(answer.iter_lines())

    assert "event: token_expired" in lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_speaker_that_is_stopped_says_so(
    platform: Platform, folder: Path, token: str, calls: httpx.Client, number: int
) -> None:
    device_id = f"attic-{number}"
    with speaker(platform, folder, token, "Kitchen", device_id) as attic:
        names = {each["name"] for each in calls.get("/v1/me/player/devices").json()["devices"]}
        assert {"Kitchen", "Kitchen (2)"} <= names
        assert attic.stop(number) == 0

    devices = calls.get("/v1/me/player/devices").json()["devices"]
    assert device_id not in {each["id"] for each in devices}


def test_a_speaker_that_dies_is_gone_within_half_a_minute(
    platform: Platform, folder: Path, token: str, calls: httpx.Client
) -> None:
    with speaker(platform, folder, token, "Cellar", "cellar") as cellar:
        cellar.stop(signal.SIGKILL)
        died = time.monotonic()
        until(
            lambda: calls.get("/v1/me/player/devices").json()["devices"],
            lambda devices: "cellar" not in {each["id"] for each in devices},
            within_s=30,
        )

    assert time.monotonic() - died < 30
