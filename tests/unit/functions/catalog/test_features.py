import msgspec
import pytest
from starlette.testclient import TestClient

from shared import ids
from tests.unit.functions.catalog import contract
from tests.unit.functions.catalog.browsing import MEASURED, client_of
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.test_routes import URL, filled

HEARD = media_ready("heard", features=MEASURED)
UNHEARD = media_ready("unheard", track_number=2)
UNKNOWN = ids.derive("nothing")
ANALYSIS = msgspec.json.encode({"meta": {}, "track": {"tempo": 120.0}, "beats": []})


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(filled([HEARD, UNHEARD]), {HEARD.prefix: ANALYSIS})


def test_features(client: TestClient) -> None:
    body = client.get(f"/v1/audio-features/{HEARD.track_id}").json()
    contract.check(body, "AudioFeaturesObject")
    assert (body["tempo"], body["key"], body["duration_ms"]) == (120.0, 9, 200_000)
    assert body["analysis_url"] == f"{URL}/v1/audio-analysis/{HEARD.track_id}"


def test_several(client: TestClient) -> None:
    wanted = [HEARD.track_id, UNKNOWN, UNHEARD.track_id, HEARD.track_id]
    found = client.get(f"/v1/audio-features?ids={','.join(wanted)}").json()["audio_features"]
    assert [each and each["id"] for each in found] == [HEARD.track_id, None, None, HEARD.track_id]


def test_at_most_a_hundred(client: TestClient) -> None:
    assert client.get("/v1/audio-features?ids=" + ",".join([UNKNOWN] * 100)).status_code == 200
    answer = client.get("/v1/audio-features?ids=" + ",".join([UNKNOWN] * 101))
    assert answer.json() == {"error": {"status": 400, "message": "Too many ids: at most 100"}}


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=,"])
def test_no_ids(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/audio-features{query}").status_code == 400


def test_an_analysis_is_passed_on_as_it_is(client: TestClient) -> None:
    answer = client.get(f"/v1/audio-analysis/{HEARD.track_id}")
    assert answer.content == ANALYSIS
    assert answer.headers["content-type"] == "application/json"
    etag = answer.headers["etag"]
    again = client.get(f"/v1/audio-analysis/{HEARD.track_id}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("what", ["audio-features", "audio-analysis"])
def test_what_there_is_not(client: TestClient, what: str) -> None:
    assert client.get(f"/v1/{what}/{UNKNOWN}").status_code == 404
    assert client.get(f"/v1/{what}/{UNHEARD.track_id}").status_code == 404
    assert client.get(f"/v1/{what}/short").status_code == 400
