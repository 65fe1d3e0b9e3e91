import datetime
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from functions.recommendations.mixes.build import Shelf, make
from functions.recommendations.mixes.listening import Listener, Taste
from functions.recommendations.model import UserMixes
from functions.recommendations.reader import MixReader
from functions.recommendations.routes import RecommendationsApi
from functions.recommendations.store import mixes_path, popular_path, radio_path
from functions.recommendations.views import MixViews
from shared import ids
from shared.audience import Audience
from shared.documents import to_document
from shared.errors import Unauthorized
from shared.mixes import Kind, mix_id
from shared.tokens import Caller, KeyCache, Verifier
from shared.web import Api
from tests.unit.functions.recommendations.fakes import (
    NOW,
    Clock,
    FakeCatalogue,
    MemoryDocuments,
    artist_id,
    fact,
    radio,
    track_id,
)

URL = "https://cadenza.example"
DAY = datetime.date(2026, 11, 25)


class NamedTokens(Verifier):
    """A token is the name of its user, and after a slash its scopes instead of all.

    Whose name ends with an exclamation mark filters what is explicit.
    """

    def __init__(self) -> None:
        async def no_keys() -> dict[str, Any]:
            raise NotImplementedError

        super().__init__(KeyCache(no_keys), issuer="", audience="")

    async def verify(self, token: str) -> Caller:
        if token == "bad":
            raise Unauthorized("Invalid access token")
        name, slash, scopes = token.partition("/")
        allowed = frozenset((scopes if slash else "user-top-read").split())
        user, filters = name.rstrip("!"), name.endswith("!")
        return Caller(user, "app", allowed, country="SE", explicit_filter=filters)


class World:
    """Ada has mixes of sixty tracks, five by each artist."""

    def __init__(self) -> None:
        self.documents, self.catalogue, self.clock = MemoryDocuments(), FakeCatalogue(), Clock()
        facts = {track_id(n): fact(n, artist=n // 5) for n in range(60)}
        listener = Listener(
            user="ada",
            country="SE",
            tastes=[Taste(track_id(n), 9.0 - n, recent=3) for n in range(10)],
            ranked=[track_id(n) for n in range(10, 60)],
        )
        made = UserMixes(
            made_at=int(NOW.timestamp()), model="mf_0", mixes=make(listener, Shelf(facts), DAY)
        )
        self.documents.kept[mixes_path("ada")] = to_document(made)
        self.documents._versions[mixes_path("ada")] = 1
        self.api = RecommendationsApi(
            documents=self.documents,
            catalogue=self.catalogue,
            views=MixViews(URL),
            reader=MixReader(self.documents, self.clock),
        )
        self.client = TestClient(self.api.app(Api(NamedTokens())), base_url=URL)

    def get(self, path: str, user: str = "ada", **headers: str) -> httpx2.Response:
        return self.client.get(path, headers={"Authorization": f"Bearer {user}", **headers})

    def say(self, uri: str, kind: str, user: str = "ada") -> httpx2.Response:
        return self.client.post(
            "/v1/me/feedback",
            json={"uri": uri, "kind": kind},
            headers={"Authorization": f"Bearer {user}"},
        )

    def tracks(self, kind: Kind, number: int = 0) -> list[str]:
        answer = self.get(f"/v1/me/mixes/{mix_id('ada', kind, number)}")
        assert answer.status_code == 200, answer.text
        return [item["track"]["id"] for item in answer.json()["tracks"]["items"]]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with made.client:
        yield made


def test_mixes_are_listed_as_playlists(world: World) -> None:
    answer = world.get("/v1/me/mixes").json()
    assert [item["name"] for item in answer["items"]][:2] == ["Discover Weekly", "Daily Mix 1"]
    first = answer["items"][0]
    assert answer["total"] == len(answer["items"])
    assert first["owner"]["id"] == "cadenza"
    assert first["type"] == "playlist"
    assert first["href"] == f"{URL}/v1/me/mixes/{first['id']}"
    assert first["images"][0]["url"].startswith(f"{URL}/images/cover")
    daily = answer["items"][1]
    assert daily["description"].startswith("Artist 0")


def test_reading_a_mix_reads_one_document(world: World) -> None:
    world.documents.reads.clear()
    world.tracks(Kind.discover_weekly)
    assert world.documents.reads == [[mixes_path("ada")]]


def test_a_mix_tells_why_each_track_is_in_it(world: World) -> None:
    mix = world.get(f"/v1/me/mixes/{mix_id('ada', Kind.discover_weekly)}").json()
    assert mix["tracks"]["total"] == len(mix["tracks"]["items"]) > 10
    for item in mix["tracks"]["items"]:
        assert item["track"] == item["item"]
        assert item["reason"]["text"].startswith("Because you like Artist")
        assert item["added_at"] == "2026-11-25T03:00:00Z"
    assert set(world.catalogue.audiences) == {Audience("SE")}


def test_tracks_that_are_gone_are_left_out(world: World) -> None:
    gone = world.tracks(Kind.discover_weekly)[0]
    world.catalogue.gone.add(gone)
    assert gone not in world.tracks(Kind.discover_weekly)


def test_what_is_hidden_is_gone_at_the_next_read(world: World) -> None:
    before = world.tracks(Kind.discover_weekly)
    assert world.say(f"spotify:track:{before[0]}", "hide").status_code == 204
    assert before[0] not in world.tracks(Kind.discover_weekly)
    assert world.say(f"spotify:track:{before[0]}", "undo").status_code == 204
    assert world.tracks(Kind.discover_weekly) == before


def test_what_was_said_can_be_looked_at(world: World) -> None:
    assert world.get("/v1/me/feedback").json() == {"items": []}
    world.say(f"spotify:track:{track_id(1)}", "hide")
    world.say(f"https://open.spotify.com/artist/{artist_id(1)}", "less")
    assert world.get("/v1/me/feedback").json()["items"] == [
        {"uri": f"spotify:track:{track_id(1)}", "kind": "hide"},
        {"uri": f"spotify:artist:{artist_id(1)}", "kind": "less"},
    ]
    assert world.get("/v1/me/feedback", user="bob").json() == {"items": []}


def test_an_artist_can_be_hidden_or_heard_less(world: World) -> None:
    theirs = {track_id(n) for n in range(5)}
    assert len(theirs & set(world.tracks(Kind.on_repeat))) == 5
    world.say(f"spotify:artist:{artist_id(0)}", "less")
    assert len(theirs & set(world.tracks(Kind.on_repeat))) == 1
    world.say(f"spotify:artist:{artist_id(0)}", "hide")
    assert not theirs & set(world.tracks(Kind.on_repeat))


def test_a_mix_of_which_everything_is_hidden_is_not_listed(world: World) -> None:
    for artist in range(2):
        world.say(f"spotify:artist:{artist_id(artist)}", "hide")
    kinds = [item["kind"] for item in world.get("/v1/me/mixes").json()["items"]]
    assert "on-repeat" not in kinds


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("nonsense", "hide"),
        (f"spotify:album:{track_id(1)}", "hide"),
        ("spotify:track:short", "hide"),
        (f"spotify:track:{track_id(1)}", "love"),
    ],
)
def test_feedback_that_makes_no_sense_is_refused(world: World, uri: str, kind: str) -> None:
    assert world.say(uri, kind).status_code == 400


def test_somebody_new_gets_what_is_popular(world: World) -> None:
    assert world.get("/v1/me/mixes", user="new").json()["items"] == []
    popular = [
        {
            "id": track_id(n),
            "artists": [artist_id(n // 3)],
            "explicit": False,
            "markets": [],
            "cover_id": "",
        }
        for n in range(40)
    ]
    world.documents.kept[popular_path("SE")] = {"tracks": popular}
    world.documents._versions[popular_path("SE")] = 1
    world.clock.advance(hours=1)
    items = world.get("/v1/me/mixes", user="new").json()["items"]
    assert [item["kind"] for item in items] == ["discover-weekly", "popular"]
    mix = world.get(f"/v1/me/mixes/{items[1]['id']}", user="new").json()
    assert mix["tracks"]["total"] == items[1]["tracks"]["total"] == 30
    hidden = mix["tracks"]["items"][0]["track"]["id"]
    world.say(f"spotify:track:{hidden}", "hide", user="new")
    again = world.get(f"/v1/me/mixes/{items[1]['id']}", user="new").json()
    assert hidden not in {item["track"]["id"] for item in again["tracks"]["items"]}


def test_somebody_new_gets_what_goes_with_their_choice_at_the_next_read(world: World) -> None:
    path = radio_path("artist", artist_id(2))
    world.documents.kept[path] = radio(*range(20, 50), about="Artist 2")
    world.documents._versions[path] = 1
    assert world.get("/v1/me/mixes", user="new").json()["items"] == []
    assert world.say(f"spotify:artist:{artist_id(2)}", "more", user="new").status_code == 204
    [listed] = world.get("/v1/me/mixes", user="new").json()["items"]
    mix = world.get(f"/v1/me/mixes/{listed['id']}", user="new").json()
    found = {item["track"]["id"] for item in mix["tracks"]["items"]}
    assert found
    assert found <= {track_id(n) for n in range(20, 50)}
    reasons = {item["reason"]["text"] for item in mix["tracks"]["items"]}
    assert reasons == {"Because you like Artist 2"}
    said = world.get("/v1/me/feedback", user="new").json()["items"]
    assert said == [{"uri": f"spotify:artist:{artist_id(2)}", "kind": "more"}]
    world.say(f"spotify:artist:{artist_id(2)}", "undo", user="new")
    assert world.get("/v1/me/mixes", user="new").json()["items"] == []
    assert world.get("/v1/me/feedback", user="new").json()["items"] == []


def test_a_snapshot_is_another_once_something_is_hidden(world: World) -> None:
    id = mix_id("ada", Kind.discover_weekly)
    before = world.get(f"/v1/me/mixes/{id}").json()
    assert world.get("/v1/me/mixes").json()["items"][0]["snapshot_id"] == before["snapshot_id"]
    world.say(f"spotify:track:{before['tracks']['items'][0]['track']['id']}", "hide")
    after = world.get(f"/v1/me/mixes/{id}").json()
    assert after["snapshot_id"] != before["snapshot_id"]


def test_mixes_are_their_own_persons(world: World) -> None:
    mine = mix_id("ada", Kind.discover_weekly)
    assert world.get(f"/v1/me/mixes/{mine}", user="bob").status_code == 404
    assert world.get("/v1/me/mixes/short").status_code == 400
    assert world.get(f"/v1/me/mixes/{mine}", user="ada/other-scope").status_code == 403
    assert world.get("/v1/me/mixes", user="bad").status_code == 401


def test_an_answer_is_read_again_only_when_it_changed(world: World) -> None:
    first = world.get("/v1/me/mixes")
    again = world.get("/v1/me/mixes", **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert first.headers["cache-control"] == "private, no-cache"


def test_a_tracks_radio_begins_with_itself(world: World) -> None:
    path = radio_path("track", track_id(0))
    world.documents.kept[path] = radio(30, 31, 999)
    world.documents._versions[path] = 1
    tracks = world.get(f"/v1/radio/track/{track_id(0)}").json()["tracks"]
    assert [track["id"] for track in tracks][:3] == [track_id(n) for n in (0, 30, 31)]


def test_without_neighbours_the_catalogue_helps_out(world: World) -> None:
    answer = world.get(f"/v1/radio/artist/{artist_id(2)}?limit=3").json()
    assert answer["seed"] == f"spotify:artist:{artist_id(2)}"
    assert [track["id"] for track in answer["tracks"]] == [track_id(n) for n in (10, 11, 12)]


def test_the_radio_plays_nothing_that_is_hidden(world: World) -> None:
    path = radio_path("track", track_id(0))
    world.documents.kept[path] = radio(30, 40)
    world.documents._versions[path] = 1
    world.say(f"spotify:artist:{artist_id(6)}", "hide")
    tracks = world.get(f"/v1/radio/track/{track_id(0)}").json()["tracks"]
    assert track_id(30) not in {track["id"] for track in tracks}
    assert track_id(40) in {track["id"] for track in tracks}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/radio/album/{track_id(1)}", 404),
        ("/v1/radio/track/short", 400),
        (f"/v1/radio/track/{ids.derive('nothing')}", 404),
        (f"/v1/radio/artist/{ids.derive('nothing')}", 404),
        (f"/v1/radio/track/{track_id(1)}?limit=0", 400),
    ],
)
def test_radio_of_nothing(world: World, path: str, status: int) -> None:
    assert world.get(path).status_code == status


def test_who_filters_hears_nothing_explicit_on_the_radio(world: World) -> None:
    path = radio_path("track", track_id(0))
    world.documents.kept[path] = radio(30, 31, 32)
    world.documents._versions[path] = 1
    for bold in (track_id(0), track_id(31), track_id(2)):
        world.catalogue.known[bold].explicit = True
    tracks = world.get(f"/v1/radio/track/{track_id(0)}", user="ada!").json()["tracks"]
    assert [track["id"] for track in tracks][:3] == [track_id(n) for n in (30, 32, 1)]
    assert world.catalogue.audiences[-1] == Audience("SE", explicit_filter=True)
    everything = world.get(f"/v1/radio/track/{track_id(0)}").json()["tracks"]
    assert [track["id"] for track in everything][:3] == [track_id(n) for n in (0, 30, 31)]


def test_who_filters_has_no_explicit_tracks_in_a_mix(world: World) -> None:
    bold = world.tracks(Kind.discover_weekly)[0]
    for mix in world.documents.kept[mixes_path("ada")]["mixes"]:
        for track in mix["tracks"]:
            track["explicit"] = track["id"] == bold
    id = mix_id("ada", Kind.discover_weekly)
    mix = world.get(f"/v1/me/mixes/{id}", user="ada!").json()
    assert bold not in {item["track"]["id"] for item in mix["tracks"]["items"]}
    listed = world.get("/v1/me/mixes", user="ada!").json()["items"][0]
    assert (listed["snapshot_id"], listed["tracks"]["total"]) == (
        mix["snapshot_id"],
        mix["tracks"]["total"],
    )
    assert world.tracks(Kind.discover_weekly)[0] == bold
