"""From plays to mixes: through the API, Pub/Sub and BigQuery, a night, and back by the API.

Mixes are playlists of their listener, and what was learned is in the catalogue's answers.
"""

import uuid
from typing import Any

import httpx
import pytest
import spotipy  # type: ignore[import-untyped]

from shared import ids
from tests import plays, speakers
from tests.e2e.nights import add_tracks, night, post_plays, wait_for, wait_until_known
from tests.platform import Platform
from tests.unit.functions.library import contract

SCOPES = ("user-top-read",)
LISTENING = (
    "playlist-read-private",
    "playlist-modify-public",
    "user-library-modify",
    *speakers.SCOPES,
    *SCOPES,
)
PLAYER = "mixed-player"
ARTISTS, TRACKS = 4, 3
# Every listener has heard two artists of four.
LISTENERS = 6


@pytest.fixture(scope="module")
def tracks(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """Three tracks of one second by each of four artists."""
    folder = tmp_path_factory.mktemp("recommended")
    return add_tracks(platform, folder, "Mixed", artists=ARTISTS, tracks=TRACKS, seconds=1)


@pytest.fixture(scope="module")
def listeners(platform: Platform, tracks: list[list[str]]) -> dict[str, set[str]]:
    """Who has played what, three times each, and all of it is in the warehouse."""
    users: dict[str, set[str]] = {}
    for number in range(LISTENERS):
        user = str(uuid.uuid4())
        chosen = {*tracks[number % ARTISTS], *tracks[(number + 1) % ARTISTS]}
        users[user] = chosen
        answer = post_plays(platform, played_by(platform, user), [*chosen] * 3)
        assert answer.status_code in {200, 202}, answer.text
    everything = [track for by_artist in tracks for track in by_artist]
    sent = {user: 3 * len(chosen) for user, chosen in users.items()}
    wait_until_known(platform, sent, everything)
    return users


def played_by(platform: Platform, user: str) -> str:
    return platform.token(user=user, scopes=plays.SCOPES, country="SE")


def get(platform: Platform, user: str, path: str) -> Any:
    token = platform.token(user=user, scopes=SCOPES, country="SE")
    with platform.client(token) as client:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def mix(platform: Platform, user: str, kind: str) -> dict[str, Any]:
    listed = get(platform, user, "/v1/me/mixes")["items"]
    [found] = [item for item in listed if item["kind"] == kind]
    whole: dict[str, Any] = get(platform, user, f"/v1/me/mixes/{found['id']}")
    return whole


def tracks_of(mix: dict[str, Any]) -> list[str]:
    return [item["track"]["id"] for item in mix["tracks"]["items"]]


def say(platform: Platform, user: str, uri: str, kind: str) -> None:
    with platform.client(platform.token(user=user, scopes=SCOPES)) as client:
        answer = client.post("/v1/me/feedback", json={"uri": uri, "kind": kind})
    assert answer.status_code == 204, answer.text


@pytest.fixture(scope="module")
def report(platform: Platform, listeners: dict[str, set[str]]) -> dict[str, Any]:
    """A night has been gone through since they listened."""
    return night(platform)


def test_the_whole_loop(
    platform: Platform,
    tracks: list[list[str]],
    listeners: dict[str, set[str]],
    report: dict[str, Any],
) -> None:
    assert report["made"] >= LISTENERS, report
    assert report["kept"] == "", report
    assert report["model"].startswith("mf_")

    for user, heard in listeners.items():
        discover = mix(platform, user, "discover-weekly")
        found = tracks_of(discover)
        assert found
        assert not heard & set(found), "a discovery that was played"
        assert discover["owner"]["id"] == "cadenza"
        assert all(item["reason"]["text"] for item in discover["tracks"]["items"])
        repeated = tracks_of(mix(platform, user, "on-repeat"))
        assert set(repeated) == heard

    user = next(iter(listeners))
    before = tracks_of(mix(platform, user, "discover-weekly"))
    say(platform, user, f"spotify:track:{before[0]}", "hide")
    assert before[0] not in tracks_of(mix(platform, user, "discover-weekly"))

    stranger = str(uuid.uuid4())
    assert tracks_of(mix(platform, stranger, "popular"))
    seed = tracks[0][0]
    radio = get(platform, user, f"/v1/radio/track/{seed}")
    assert radio["tracks"][0]["id"] == seed
    assert len(radio["tracks"]) > 1

    # One of these: what else there is here may be too long for a second of it to count.
    unheard = next(
        track for by in tracks for track in by if track not in {*listeners[user], before[0]}
    )
    post_plays(platform, played_by(platform, user), [unheard] * 4)
    wait_for(
        lambda: (
            plays.query(
                platform,
                "SELECT COUNT(*) FROM warehouse.plays_unique "
                f"WHERE user_id = '{user}' AND track_id = '{unheard}'",
            )
            == [["4"]]
        )
    )
    assert night(platform)["kept"] == ""
    assert unheard in tracks_of(mix(platform, user, "on-repeat"))
    # What was said is still known after a night.
    assert before[0] not in tracks_of(mix(platform, user, "discover-weekly"))


def test_mixes_are_playlists(
    platform: Platform, listeners: dict[str, set[str]], report: dict[str, Any]
) -> None:
    user, stranger = list(listeners)[1:3]
    token = platform.token(user=user, scopes=LISTENING, country="SE")
    spotify = spotipy.Spotify(auth=token, retries=0)
    spotify.prefix = f"{platform.url}/v1/"
    with platform.client(token) as client:
        own = client.post("/v1/me/playlists", json={"name": "Own"}).json()["id"]
        made = get(platform, user, "/v1/me/mixes")["items"]
        listed = spotify.current_user_playlists()
        found = [item["id"] for item in listed["items"]]
        assert found == [own, *(each["id"] for each in made)]
        assert listed["total"] == len(found)
        second = spotify.current_user_playlists(limit=1, offset=1)
        assert [item["id"] for item in second["items"]] == found[1:2]
        for shown, mixed in zip(listed["items"][1:], made, strict=True):
            contract.check(shown, "SimplifiedPlaylistObject")
            same = ("name", "description", "snapshot_id", "images", "uri")
            assert [shown[name] for name in same] == [mixed[name] for name in same]
            assert shown["tracks"]["total"] == mixed["tracks"]["total"]

        weekly = next(each["id"] for each in made if each["kind"] == "discover-weekly")
        opened = spotify.playlist(weekly)
        contract.check(opened, "PlaylistObject")
        assert opened["owner"]["display_name"] == "Cadenza"
        inside = tracks_of(opened)
        assert inside == tracks_of(mix(platform, user, "discover-weekly"))
        assert tracks_of({"tracks": spotify.playlist_items(weekly)}) == inside
        assert client.get(f"/v1/playlists/{weekly}/images").json() == opened["images"]
        uris = [f"spotify:track:{inside[0]}"]
        assert client.put(f"/v1/playlists/{weekly}/items", json={"uris": uris}).status_code == 403
        assert client.delete(f"/v1/playlists/{weekly}/followers").status_code == 403

        device = {"name": "Mixed", "type": "Speaker", "supports_volume": True, "volume": 50}
        assert client.put(f"/v1/me/devices/{PLAYER}", json=device).is_success
        spotify.start_playback(PLAYER, context_uri=f"spotify:playlist:{weekly}")
        playing = client.get("/v1/me/player").json()
        assert playing["context"]["uri"] == f"spotify:playlist:{weekly}"
        assert playing["item"]["id"] == inside[0]

        say(platform, user, uris[0], "hide")
        after = spotify.playlist(weekly)
        # Another one may have stepped in, at the end.
        assert tracks_of(after)[: len(inside) - 1] == inside[1:]
        assert inside[0] not in tracks_of(after)
        assert after["snapshot_id"] != opened["snapshot_id"]
        say(platform, user, uris[0], "undo")
        assert tracks_of(spotify.playlist(weekly)) == inside
    with platform.client(platform.token(user=stranger, scopes=LISTENING)) as client:
        assert client.get(f"/v1/playlists/{weekly}").status_code == 404


def test_what_was_learned_is_in_the_catalogue(
    platform: Platform, tracks: list[list[str]], report: dict[str, Any]
) -> None:
    user = str(uuid.uuid4())
    artists = [
        platform.get(f"/v1/tracks/{by_artist[0]}")["artists"][0]["id"] for by_artist in tracks
    ]
    # Two of the listeners play the first and the second artist, two the second and the third.
    related = get(platform, user, f"/v1/artists/{artists[1]}/related-artists")["artists"]
    assert {artists[0], artists[2]} <= {artist["id"] for artist in related}
    seed = tracks[0][0]
    radio = {track["id"] for track in get(platform, user, f"/v1/radio/track/{seed}")["tracks"]}
    found = get(platform, user, f"/v1/recommendations?seed_tracks={seed}&limit=20")
    recommended = {track["id"] for track in found["tracks"]}
    assert seed not in recommended
    assert recommended & radio
    hidden = next(iter(recommended))
    say(platform, user, f"spotify:track:{hidden}", "hide")
    again = get(platform, user, f"/v1/recommendations?seed_tracks={seed}&limit=20")
    assert hidden not in {track["id"] for track in again["tracks"]}


def test_somebody_new_is_given_what_goes_with_their_choice(
    platform: Platform, tracks: list[list[str]], report: dict[str, Any]
) -> None:
    user = str(uuid.uuid4())
    artist = platform.get(f"/v1/tracks/{tracks[0][0]}")["artists"][0]
    assert "because" not in reasons(mix(platform, user, "discover-weekly"))
    say(platform, user, artist["uri"], "more")
    chosen = mix(platform, user, "discover-weekly")
    assert reasons(chosen)["because"] == {artist["name"]}
    said = get(platform, user, "/v1/me/feedback")["items"]
    assert said == [{"uri": artist["uri"], "kind": "more"}]
    say(platform, user, artist["uri"], "undo")
    assert "because" not in reasons(mix(platform, user, "discover-weekly"))
    # Made up for somebody new, they open and play, and are not among the playlists.
    token = platform.token(user=user, scopes=LISTENING, country="SE")
    with platform.client(token) as client:
        assert client.get("/v1/me/playlists").json()["items"] == []
        opened = client.get(f"/v1/playlists/{chosen['id']}").json()
    contract.check(opened, "PlaylistObject")


def reasons(mix: dict[str, Any]) -> dict[str, set[str]]:
    """Whom the reasons name, by kind."""
    found: dict[str, set[str]] = {}
    for item in mix["tracks"]["items"]:
        found.setdefault(item["reason"]["kind"], set()).add(item["reason"]["about"])
    return found


def test_what_is_saved_reaches_the_warehouse(platform: Platform, tracks: list[list[str]]) -> None:
    user, saved, added = str(uuid.uuid4()), tracks[0][0], tracks[0][1]
    token = platform.token(user=user, scopes=LISTENING)
    with platform.client(token) as client:
        assert client.put("/v1/me/tracks", params={"ids": saved}).is_success
        assert client.delete("/v1/me/tracks", params={"ids": saved}).is_success
        own = client.post("/v1/me/playlists", json={"name": "Own"}).json()["id"]
        body = {"uris": [f"spotify:track:{added}"]}
        assert client.post(f"/v1/playlists/{own}/items", json=body).is_success
    wait_for(
        lambda: (
            sorted(
                plays.query(
                    platform,
                    "SELECT DISTINCT kind, track_id FROM warehouse.library_events "
                    f"WHERE user_id = '{user}'",
                )
            )
            == sorted([["saved", saved], ["removed", saved], ["added", added]])
        )
    )


def test_nothing_is_shown_to_who_may_not_see_it(platform: Platform) -> None:
    with platform.client(platform.token(scopes=("user-read-email",))) as client:
        assert client.get("/v1/me/mixes").status_code == 403
    for path in ("/v1/me/mixes", f"/v1/radio/track/{ids.random()}"):
        assert httpx.get(f"{platform.url}{path}").status_code == 401
