import base64
import time
from collections.abc import Sequence
from http.cookies import SimpleCookie

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from functions.playback.players.changes import Changes
from functions.playback.settings import ApiSettings
from functions.playback.streams.licence import ClearKeyLicences
from functions.playback.streams.routes import Streams
from functions.playback.streams.sessions import MOST_OFFLINE_DEVICES, Sessions
from shared import ids
from shared.content_keys import DerivedKeys
from shared.errors import Unavailable
from shared.protos.catalog_pb2 import Download, Media, Rendition, Track
from shared.tokens import Caller
from shared.web import Api, create_app
from tests.unit.functions.playback.players.fakes import FakePlayers, at_once

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
    firestore_database="",
    catalog_rpc_url="",
    library_rpc_url="",
    plays_topic="",
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
            renditions=[
                Rendition(name="aac96", codec="mp4a.40.2", bitrate=96000),
                Rendition(name="flac", codec="flac", lossless=True),
            ],
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
    """A token is its scopes, the plan and the app, with plus signs between them.

    The app `filtered` acts for somebody who has turned explicit content off.
    """

    async def verify(self, token: str) -> Caller:
        scope, _, rest = token.partition("+")
        plan, _, app = rest.partition("+")
        return Caller(
            "anna",
            app or "app",
            frozenset([scope]),
            plan=plan or "premium",
            explicit_filter=app == "filtered",
        )


@pytest.fixture
def catalog() -> FakeCatalog:
    return FakeCatalog()


@pytest.fixture
def players() -> FakePlayers:
    return FakePlayers()


@pytest.fixture
def client(catalog: FakeCatalog, players: FakePlayers) -> TestClient:
    streams = Streams(
        SETTINGS,
        catalog=catalog,  # type: ignore[arg-type]  # only `tracks` is used
        licences=ClearKeyLicences(DerivedKeys(bytes(32))),
        sessions=Sessions(Changes(players, sleep=at_once), life_ms=600_000),
    )
    api = Api(FakeVerifier())  # type: ignore[arg-type]  # only `verify` is used
    return TestClient(
        create_app(streams.routes(api)), headers={"Authorization": "Bearer streaming"}
    )


def kid_of(track_id: str) -> str:
    return base64.urlsafe_b64encode(ids.to_bytes(track_id)).rstrip(b"=").decode()


def lossless_kid_of(track_id: str) -> str:
    kid = bytes(255 - byte for byte in ids.to_bytes(track_id))
    return base64.urlsafe_b64encode(kid).rstrip(b"=").decode()


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
    for other in (kid_of(WITHOUT_MEDIA), lossless_kid_of(WITHOUT_MEDIA)):
        kids = [kid_of(TRACK), other]

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


def as_(plan: str, app: str = "app") -> dict[str, str]:
    return {"Authorization": f"Bearer streaming+{plan}+{app}"}


def begin(client: TestClient, session: str = "", headers: dict[str, str] | None = None) -> str:
    """Starts to play somewhere: the address for its keys."""
    query = f"?session={session}" if session else ""
    answer = client.get(f"/v1/tracks/{TRACK}/stream{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    address: str = answer.json()["licence_url"]
    return address.removeprefix("https://music.example")


def ask(
    client: TestClient, url: str, headers: dict[str, str] | None = None, **more: str
) -> Response:
    return client.post(url, json={"kids": [kid_of(TRACK)], **more}, headers=headers)


@pytest.mark.parametrize("plan", ["free", "something new"])
def test_lossless_is_not_offered_without_a_plan_that_has_it(client: TestClient, plan: str) -> None:
    stream = client.get(f"/v1/tracks/{TRACK}/stream", headers=as_(plan)).json()

    assert [rendition["name"] for rendition in stream["renditions"]] == ["aac96"]
    assert stream["manifest_url"] == f"https://music.example/{PREFIX}/lossy.m3u8"
    assert stream["dash_url"] == f"https://music.example/{PREFIX}/lossy.mpd"
    assert stream["lossless_withheld"] is True


@pytest.mark.parametrize("plan", ["premium", "family"])
def test_lossless_is_offered_to_who_pays(client: TestClient, plan: str) -> None:
    stream = client.get(f"/v1/tracks/{TRACK}/stream", headers=as_(plan)).json()

    assert [rendition["name"] for rendition in stream["renditions"]] == ["aac96", "flac"]
    assert stream["manifest_url"] == f"https://music.example/{PREFIX}/master.m3u8"
    assert stream["dash_url"] == f"https://music.example/{PREFIX}/manifest.mpd"
    assert "lossless_withheld" not in stream


def test_nothing_is_withheld_where_there_is_nothing_lossless(
    client: TestClient, catalog: FakeCatalog
) -> None:
    del catalog.known[TRACK].media.renditions[1]
    stream = client.get(f"/v1/tracks/{TRACK}/stream", headers=as_("free")).json()

    assert stream["manifest_url"].endswith("/lossy.m3u8")
    assert "lossless_withheld" not in stream


@pytest.mark.parametrize("more", [{}, {"type": "persistent-license", "device_id": "phone"}])
@pytest.mark.parametrize("plan", ["premium", "family"])
def test_who_pays_has_both_keys(client: TestClient, plan: str, more: dict[str, str]) -> None:
    kids = [lossless_kid_of(TRACK), kid_of(TRACK)]
    answer = client.post("/v1/licence", json={"kids": kids, **more}, headers=as_(plan))

    keys, derived = answer.json()["keys"], DerivedKeys(bytes(32))
    assert [key["kid"] for key in keys] == kids
    assert [base64.urlsafe_b64decode(key["k"] + "==") for key in keys] == [
        derived.lossless_key(TRACK).key,
        derived.content_key(TRACK).key,
    ]


@pytest.mark.parametrize("more", [{}, {"type": "persistent-license", "device_id": "phone"}])
@pytest.mark.parametrize("plan", ["free", "something new"])
@pytest.mark.parametrize("beside", [False, True])
def test_nobody_else_has_the_lossless_key(
    client: TestClient, players: FakePlayers, plan: str, beside: bool, more: dict[str, str]
) -> None:
    kids = [*([kid_of(TRACK)] if beside else []), lossless_kid_of(TRACK)]
    answer = client.post("/v1/licence", json={"kids": kids, **more}, headers=as_(plan))

    assert answer.status_code == 403
    assert answer.json() == {
        "error": {
            "status": 403,
            "message": "Lossless needs a premium plan",
            "reason": "PREMIUM_REQUIRED",
        }
    }
    assert players.writes == 0
    assert ask(client, "/v1/licence", as_(plan)).status_code == 200


@pytest.mark.parametrize("plan", ["free", "premium"])
def test_a_second_place_takes_over_from_the_first(client: TestClient, plan: str) -> None:
    first = begin(client, "one", as_(plan))
    second = begin(client, "two", as_(plan))

    refused = ask(client, first, as_(plan))
    assert refused.status_code == 403
    assert refused.json()["error"]["reason"] == "SESSION_TAKEN_OVER"
    assert ask(client, second, as_(plan)).status_code == 200


def test_the_first_place_may_take_over_again(client: TestClient) -> None:
    first, second = begin(client, "one"), begin(client, "two")
    begin(client, "one")

    assert ask(client, first).status_code == 200
    assert ask(client, second).status_code == 403


def test_a_family_plays_in_six_places(client: TestClient) -> None:
    places = [begin(client, f"place-{at}", as_("family")) for at in range(7)]

    answers = [ask(client, place, as_("family")).status_code for place in places]
    assert answers == [403, *[200] * 6]


def test_an_app_that_names_no_session_has_one(client: TestClient) -> None:
    radio, other = as_("premium", "radio"), as_("premium", "other")
    assert begin(client, headers=radio) == "/v1/licence"
    assert ask(client, "/v1/licence", radio).json()["session"] == "app:radio"
    begin(client, headers=other)

    assert ask(client, "/v1/licence", radio).status_code == 403
    assert ask(client, "/v1/licence", other).status_code == 200


def test_a_licence_says_how_long_it_holds(client: TestClient) -> None:
    licence = ask(client, begin(client)).json()

    assert licence["type"] == "temporary"
    assert 590 <= licence["expires_at"] - time.time() <= 600


def test_playing_on_writes_nothing_new(client: TestClient, players: FakePlayers) -> None:
    ask(client, begin(client, "one"))
    writes = players.writes
    for _ in range(5):
        ask(client, begin(client, "one"))

    assert players.writes == writes


def test_tracks_are_kept_on_five_devices_at_most(client: TestClient) -> None:
    def keep(device: str) -> Response:
        return ask(client, "/v1/licence", type="persistent-license", device_id=device)

    kept = [keep(f"phone-{at}") for at in range(MOST_OFFLINE_DEVICES)]
    assert {answer.status_code for answer in kept} == {200}
    month = kept[0].json()["expires_at"] - time.time()
    assert 29 * 86400 < month <= 30 * 86400

    refused = keep("one-more")
    assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "TOO_MANY_DEVICES")
    assert keep("phone-0").status_code == 200

    assert client.delete("/v1/me/player/offline-devices/phone-1").status_code == 204
    assert keep("one-more").status_code == 200
    listed = client.get("/v1/me/player/offline-devices").json()["devices"]
    assert [device["device_id"] for device in listed] == [
        "phone-0", "phone-2", "phone-3", "phone-4", "one-more",
    ]  # fmt: skip


def test_keeping_tracks_takes_a_plan_that_has_it(client: TestClient) -> None:
    answer = ask(client, "/v1/licence", as_("free"), type="persistent-license", device_id="phone")

    assert answer.status_code == 403
    assert answer.json()["error"]["reason"] == "PREMIUM_REQUIRED"


@pytest.mark.parametrize(
    "more",
    [
        {"type": "persistent-license"},
        {"type": "persistent-license", "device_id": "../../etc"},
        {"type": "for-ever"},
        {"session": "a b"},
    ],
)
def test_licences_that_cannot_be(client: TestClient, more: dict[str, str]) -> None:
    answer = client.post("/v1/licence", json={"kids": [kid_of(TRACK)], **more})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "more", [{}, {"type": "persistent-license", "device_id": "phone"}], ids=["heard", "kept"]
)
def test_what_is_explicit_is_neither_streamed_nor_licensed_to_who_filters(
    client: TestClient, catalog: FakeCatalog, players: FakePlayers, more: dict[str, str]
) -> None:
    filtered = {"Authorization": "Bearer streaming+premium+filtered"}
    asked = {"kids": [kid_of(TRACK)], **more}
    lossless = {**asked, "kids": [lossless_kid_of(TRACK)]}
    assert client.get(f"/v1/tracks/{TRACK}/stream", headers=filtered).status_code == 200
    assert client.post("/v1/licence", json=asked, headers=filtered).status_code == 200
    catalog.known[TRACK].explicit = True
    before = dict(players.players)
    for answer in (
        client.get(f"/v1/tracks/{TRACK}/stream", headers=filtered),
        client.post("/v1/licence", json=asked, headers=filtered),
        client.post("/v1/licence", json=lossless, headers=filtered),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"] == {
            "status": 403,
            "message": "Explicit content is turned off for this account",
            "reason": "EXPLICIT_FILTER",
        }
        assert "set-cookie" not in answer.headers
    assert players.players == before
    assert client.get(f"/v1/tracks/{TRACK}/stream").status_code == 200
    assert client.post("/v1/licence", json=asked).status_code == 200
