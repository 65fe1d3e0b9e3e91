from typing import Any

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from functions.catalog.names import artist
from functions.catalog.popular import ATTRIBUTES
from functions.catalog.recommend import RecommendationsQuery
from shared import ids
from tests.unit.functions.catalog import contract
from tests.unit.functions.catalog.browsing import MEASURED, client_of
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.test_routes import URL, filled

QUIET, LOUD = (replace(MEASURED, energy=energy) for energy in (0.1, 0.9))
EVENTS = [
    media_ready(f"quiet {n}", artists=[f"Folk {n}"], genres=["Folk"], features=QUIET)
    for n in range(4)
] + [
    media_ready(f"loud {n}", artists=[f"Metal {n}"], genres=["Metal", "a, b"], features=LOUD)
    for n in range(4)
]
FOLK = artist("Folk 0").id
TRACK = EVENTS[0].track_id
UNKNOWN = ids.derive("nothing")


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(filled(EVENTS))


def ask(client: TestClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/recommendations?{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refusal(client: TestClient, query: str) -> str:
    answer = client.get(f"/v1/recommendations?{query}")
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"]["message"])


def names(body: dict[str, Any]) -> list[str]:
    return [track["name"] for track in body["tracks"]]


def test_recommendations(client: TestClient) -> None:
    body = ask(client, f"seed_artists={FOLK}&seed_genres=folk&seed_tracks={TRACK}&limit=3")
    contract.check(body, "RecommendationsObject")
    assert len(body["tracks"]) == 3
    assert all(name.startswith("quiet") for name in names(body))
    assert "quiet 0" not in names(body)
    by_type = {seed["type"]: seed for seed in body["seeds"]}
    assert by_type["artist"]["href"] == f"{URL}/v1/artists/{FOLK}"
    assert by_type["genre"] == {
        "id": "folk", "type": "genre", "href": f"{URL}/v1/browse/categories/folk",
        "initialPoolSize": 4, "afterFilteringSize": 4, "afterRelinkingSize": 4,
    }  # fmt: skip


def test_tunables(client: TestClient) -> None:
    seeds = "seed_genres=folk,metal"
    assert all(name.startswith("loud") for name in names(ask(client, f"{seeds}&min_energy=0.5")))
    assert all(name.startswith("quiet") for name in names(ask(client, f"{seeds}&max_energy=0.5")))
    first = names(ask(client, f"{seeds}&target_energy=1"))[:4]
    assert all(name.startswith("loud") for name in first)
    assert names(ask(client, f"{seeds}&min_popularity=1")) == []


def test_every_tunable_of_the_contract_is_there() -> None:
    tunables = {f"{kind}_{name}" for name in ATTRIBUTES for kind in ("min", "max", "target")}
    assert len(tunables) == 42
    assert tunables < set(RecommendationsQuery.__struct_fields__)


def test_genres_are_asked_for_in_any_case(client: TestClient) -> None:
    assert len(names(ask(client, "seed_genres=%20FOLK"))) == 4


def test_seeds_that_there_are_not(client: TestClient) -> None:
    body = ask(client, f"seed_artists={UNKNOWN}&seed_genres=polka&seed_tracks={UNKNOWN}")
    assert body["tracks"] == []
    assert [seed["initialPoolSize"] for seed in body["seeds"]] == [0, 0, 0]


def test_the_number_of_seeds(client: TestClient) -> None:
    assert "Missing required field" in refusal(client, "")
    assert "Missing required field" in refusal(client, "seed_tracks=&seed_artists=,")
    six = f"seed_artists={FOLK}&seed_tracks={TRACK}&seed_genres=a,b,c,d"
    assert refusal(client, six) == "Too many seeds: at most 5 in all"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("min_energy=2", "min_energy"),
        ("target_energy=loud", "target_energy"),
        ("max_tempo=inf", "max_tempo"),
        ("target_valence=nan", "target_valence"),
        ("max_key=12", "max_key"),
        ("target_mode=1.5", "target_mode"),
        ("market=QQ", "market"),
    ],
)
def test_what_is_refused(client: TestClient, query: str, named: str) -> None:
    assert named in refusal(client, f"seed_genres=folk&{query}")


def test_a_malformed_seed(client: TestClient) -> None:
    assert refusal(client, "seed_tracks=short") == "Invalid base62 id"


def test_genre_seeds_can_be_asked_for(client: TestClient) -> None:
    genres = client.get("/v1/recommendations/available-genre-seeds").json()["genres"]
    assert genres == ["folk", "metal"]
    for genre in genres:
        assert names(ask(client, f"seed_genres={genre}"))


def test_who_filters_is_recommended_nothing_explicit() -> None:
    bold = [
        media_ready(f"bold {n}", artists=[f"Bold {n}"], genres=["Folk"], explicit=True)
        for n in range(6)
    ]
    client = client_of(filled([*EVENTS, *bold]))
    query = "seed_genres=folk&limit=100"
    filtered = {"Authorization": "Bearer filtered"}
    everything = names(ask(client, query))
    assert sum(name.startswith("bold") for name in everything) == 6
    for more in ("", "&market=SE"):
        answer = client.get(f"/v1/recommendations?{query}{more}", headers=filtered)
        body = answer.json()
        assert sorted(names(body)) == [f"quiet {n}" for n in range(4)]
        assert body["seeds"][0]["initialPoolSize"] == 10
        assert body["seeds"][0]["afterRelinkingSize"] == 4
        assert answer.headers["cache-control"] == "private, max-age=60"


def test_who_filters_sees_what_they_may_play_first_among_top_tracks() -> None:
    songs = [media_ready(f"song {n}", artists=["Mixed"], explicit=n < 6) for n in range(12)]
    client = client_of(filled(songs))
    path = f"/v1/artists/{artist('Mixed').id}/top-tracks?market=SE"
    answer = client.get(path, headers={"Authorization": "Bearer filtered"})
    restricted = ["restrictions" in track for track in answer.json()["tracks"]]
    assert restricted == [False] * 6 + [True] * 4
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert not any("restrictions" in track for track in client.get(path).json()["tracks"])
