import base64
import time
from collections.abc import Sequence
from http.cookies import SimpleCookie

import pytest
from starlette.testclient import TestClient

from functions.playback.licence import ClearKeyLicences
from functions.playback.routes import Playback
from functions.playback.settings import ApiSettings
from shared import ids
from shared.content_keys import DerivedKeys
from shared.errors import Unavailable
from shared.protos.catalog_pb2 import Download, Media, Rendition, Track
from shared.tokens import Caller
from shared.web import Api

TRACK = ids.derive("track", "one")
WITHOUT_MEDIA = ids.derive("track", "metadata only")
PREFIX = f"media/{TRACK}/17"
SETTINGS = ApiSettings(
    google_cloud_project="demo-cadenza",
    log_level="INFO",
    public_url="https://music.example",
    token_issuer="",
    token_audience="",
    jwks_url="",
    catalog_rpc_url="",
    cdn_key_name="key-1",
    cdn_signing_key=base64.urlsafe_b64encode(bytes(16)).decode(),
    content_key_secret="",
    stream_ttl_s=600,
)


class FakeCatalog:
    def __init__(self) -> None:
        self.away = False
        media = Media(
            prefix=PREFIX,
            generation=17,
            integrated_lufs=-13.5,
            true_peak_db=-0.4,
            renditions=[Rendition(name="aac96", codec="mp4a.40.2", bitrate=96000)],
            downloads=[Download(name="vorbis96", codec="vorbis", path="vorbis96.ogg", bytes=9)],
        )
        self.known = {
            TRACK: Track(id=TRACK, duration_ms=1000, media=media),
            WITHOUT_MEDIA: Track(id=WITHOUT_MEDIA),
        }

    async def tracks(self, track_ids: Sequence[str]) -> list[Track]:
        if self.away:
            raise Unavailable("The catalogue is not answering; try again")
        return [self.known[track_id] for track_id in track_ids if track_id in self.known]


class FakeVerifier:
    async def verify(self, token: str) -> Caller:
        return Caller("anna", "app", frozenset(token.split("+")))


@pytest.fixture
def catalog() -> FakeCatalog:
    return FakeCatalog()


@pytest.fixture
def client(catalog: FakeCatalog) -> TestClient:
    playback = Playback(
        SETTINGS,
        catalog=catalog,  # type: ignore[arg-type]  # only `tracks` is used
        licences=ClearKeyLicences(DerivedKeys(bytes(32))),
    )
    app = playback.app(Api(FakeVerifier()))  # type: ignore[arg-type]  # only `verify` is used
    return TestClient(app, headers={"Authorization": "Bearer streaming"})


def kid_of(track_id: str) -> str:
    return base64.urlsafe_b64encode(ids.to_bytes(track_id)).rstrip(b"=").decode()


def test_a_stream_comes_with_a_cookie_for_its_folder_alone(client: TestClient) -> None:
    answer = client.get(f"/v1/tracks/{TRACK}/stream")

    stream = answer.json()
    assert stream["manifest_url"] == f"https://music.example/{PREFIX}/master.m3u8"
    assert stream["licence_url"] == "https://music.example/v1/licence"
    assert stream["loudness"] == {"integrated_lufs": -13.5, "true_peak_db": -0.4}
    assert stream["downloads"][0]["url"] == f"https://music.example/{PREFIX}/vorbis96.ogg"
    assert "signed_query" not in stream
    assert 590 <= stream["expires_at"] - time.time() <= 600
    assert answer.headers["Cache-Control"] == "private, no-store"

    cookie = SimpleCookie(answer.headers["Set-Cookie"])["Cloud-CDN-Cookie"]
    assert cookie["path"] == f"/{PREFIX}/"
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["max-age"] == "600"
    assert '"' not in answer.headers["Set-Cookie"]


def test_signed_urls_on_request(client: TestClient) -> None:
    answer = client.get(f"/v1/tracks/{TRACK}/stream?delivery=url")

    stream = answer.json()
    assert "Set-Cookie" not in answer.headers
    assert stream["signed_query"].startswith("URLPrefix=")
    for url in (stream["manifest_url"], stream["dash_url"], stream["downloads"][0]["url"]):
        assert url.endswith("?" + stream["signed_query"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v1/tracks/{ids.derive('track', 'unknown')}/stream", 404),
        (f"/v1/tracks/{WITHOUT_MEDIA}/stream", 404),
        ("/v1/tracks/nonsense/stream", 400),
        (f"/v1/tracks/{TRACK}/stream?delivery=pigeon", 400),
    ],
)
def test_what_cannot_be_streamed(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_licence_holds_the_tracks_keys(client: TestClient) -> None:
    answer = client.post("/v1/licence", json={"kids": [kid_of(TRACK)], "type": "temporary"})

    (key,) = answer.json()["keys"]
    expected = DerivedKeys(bytes(32)).content_key(TRACK).key
    assert base64.urlsafe_b64decode(key["k"] + "==") == expected
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_no_licence_for_what_is_not_playable(client: TestClient) -> None:
    kids = [kid_of(TRACK), kid_of(WITHOUT_MEDIA)]

    assert client.post("/v1/licence", json={"kids": kids}).status_code == 404


@pytest.mark.parametrize("token", ["", "Bearer upload-read"])
def test_needs_a_token_with_the_scope(client: TestClient, token: str) -> None:
    headers = {"Authorization": token}

    for answer in (
        client.get(f"/v1/tracks/{TRACK}/stream", headers=headers),
        client.post("/v1/licence", json={"kids": [kid_of(TRACK)]}, headers=headers),
    ):
        assert answer.status_code == (403 if token else 401)


def test_an_outage_of_the_catalogue_is_503(client: TestClient, catalog: FakeCatalog) -> None:
    catalog.away = True

    answer = client.get(f"/v1/tracks/{TRACK}/stream")

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
