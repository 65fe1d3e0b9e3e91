import pytest
from starlette.testclient import TestClient

from shared import ids
from tests.unit.functions.catalog import contract
from tests.unit.functions.catalog.browsing import client_of
from tests.unit.functions.catalog.fakes import MemoryCatalogue
from tests.unit.functions.catalog.test_routes import URL

SOME = ids.derive("show")
KINDS = ["shows", "episodes", "audiobooks", "chapters"]
POSITIONS = "user-read-playback-position"
# What a person has got to in them is private, so that the contract asks for a scope.
ASK_FOR_THE_SCOPE = [
    f"/v1/shows/{SOME}",
    f"/v1/shows/{SOME}/episodes",
    f"/v1/episodes/{SOME}",
    f"/v1/episodes?ids={SOME}",
]
PARTS = [("shows", "episodes", "Episode"), ("audiobooks", "chapters", "Chapter")]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(MemoryCatalogue(), scopes=[POSITIONS])


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_none(client: TestClient, kind: str) -> None:
    answer = client.get(f"/v1/{kind}/{SOME}?market=SE")
    assert answer.status_code == 404
    assert answer.json() == {"error": {"status": 404, "message": "Resource not found"}}
    assert client.get(f"/v1/{kind}/short").status_code == 400
    assert client.get(f"/v1/{kind}/{SOME}?market=QQ").status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_several_of_which_there_is_none(client: TestClient, kind: str) -> None:
    answer = client.get(f"/v1/{kind}?ids={SOME},{SOME}")
    assert answer.json() == {kind: [None, None]}
    assert client.get(f"/v1/{kind}").status_code == 400
    assert client.get(f"/v1/{kind}?ids=" + ",".join([SOME] * 51)).status_code == 400


@pytest.mark.parametrize(("kind", "parts", "name"), PARTS)
def test_an_empty_page(client: TestClient, kind: str, parts: str, name: str) -> None:
    body = client.get(f"/v1/{kind}/{SOME}/{parts}?limit=5").json()
    contract.check(body, f"PagingSimplified{name}Object")
    assert (body["items"], body["total"], body["next"]) == ([], 0, None)
    assert body["href"] == f"{URL}/v1/{kind}/{SOME}/{parts}?limit=5&offset=0"
    assert client.get(f"/v1/{kind}/{SOME}/{parts}?limit=51").status_code == 400


@pytest.mark.parametrize("path", ASK_FOR_THE_SCOPE)
def test_shows_and_episodes_ask_for_the_scope(path: str) -> None:
    answer = client_of(MemoryCatalogue(), scopes=["user-read-private"]).get(path)
    assert answer.status_code == 403
    assert answer.json()["error"]["status"] == 403


@pytest.mark.parametrize(
    "path", [f"/v1/shows?ids={SOME}", f"/v1/audiobooks/{SOME}/chapters", f"/v1/chapters?ids={SOME}"]
)
def test_the_others_ask_for_none(path: str) -> None:
    assert client_of(MemoryCatalogue()).get(path).status_code == 200
