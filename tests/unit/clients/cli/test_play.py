import base64
import json

import httpx
import pytest

from clients.cli import play
from clients.cli.api import Api, ApiError, Rendition
from clients.cli.media import MediaUnavailable
from clients.cli.play import Delivery, NoRendition, NotATrack, Playable, Quality
from shared import ids
from tests.unit.clients.cli.fakes import Waits, failure
from tests.unit.clients.cli.test_hls import MASTER, MEDIA

TRACK = ids.derive("track", "x")
PREFIX = f"http://edge.test/media/{TRACK}/7/"
COOKIE = "URLPrefix=aHR0cDov:Expires=99:KeyName=k:Signature=c2ln="
LADDER = [
    Rendition("aac96", "mp4a.40.2", 96_000, False),
    Rendition("aac320", "mp4a.40.2", 320_000, False),
    Rendition("flac", "fLaC", 0, True),
]


class Edge:
    """The platform and its CDN for one track."""

    def __init__(
        self, *, signed: bool = False, media_status: int = 200, withheld: bool = False
    ) -> None:
        self.signed = signed
        self.withheld = withheld
        self.media_status = media_status
        self.urls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.urls.append(str(request.url))
        if path.startswith("/media/"):
            return self._media(request)
        assert request.headers["Authorization"] == "Bearer good"
        if path == "/v1/licence":
            (kid,) = json.loads(request.content)["kids"]
            key = base64.urlsafe_b64encode(bytes(16)).decode().rstrip("=")
            return httpx.Response(200, json={"keys": [{"kty": "oct", "kid": kid, "k": key}]})
        if path == f"/v1/tracks/{TRACK}":
            track = {"id": TRACK, "name": "Song", "artists": [{"name": "Artist"}]}
            return httpx.Response(200, json=track)
        if path != f"/v1/tracks/{TRACK}/stream":
            return failure(404, "Track not found")
        assert self.signed == (request.url.params.get("delivery") == "url")
        query = "Signature=s%2B=" if self.signed else ""
        body = {
            "track_id": TRACK,
            "manifest_url": PREFIX + "master.m3u8" + ("?" + query if query else ""),
            "licence_url": "http://edge.test/v1/licence",
            "expires_at": 99,
            "duration_ms": 8500,
            "loudness": {"integrated_lufs": -9.0, "true_peak_db": -0.5},
            "renditions": [
                {"name": r.name, "codec": r.codec, "bitrate": r.bitrate, "lossless": r.lossless}
                for r in LADDER
                if not (self.withheld and r.lossless)
            ],
            "lossless_withheld": self.withheld,
            "signed_query": query,
        }
        cookie = f"Cloud-CDN-Cookie={COOKIE}; Path=/media/; Secure; HttpOnly"
        return httpx.Response(200, json=body, headers={} if self.signed else {"Set-Cookie": cookie})

    def _media(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        if self.signed:
            assert str(request.url).endswith("?Signature=s%2B=")
        else:
            assert request.headers["Cookie"] == f"Cloud-CDN-Cookie={COOKIE}"
        name = request.url.path.rsplit("/", 1)[-1]
        playlists = {"master.m3u8": MASTER, "aac96.m3u8": MEDIA, "aac320.m3u8": MEDIA}
        text = playlists.get(name, name)
        return httpx.Response(self.media_status, text=text)


async def _open(
    edge: Edge, track_id: str = TRACK, *, token: str = "good"
) -> tuple[Playable, bytes]:
    transport = httpx.MockTransport(edge)
    patience = Waits().patience(2)
    delivery = Delivery.url if edge.signed else Delivery.cookie
    async with (
        Api("http://edge.test", token, patience=patience, transport=transport) as api,
        httpx.AsyncClient(transport=transport) as cdn,
    ):
        found = await play.open_track(
            api, cdn, track_id, quality=Quality.low, delivery=delivery, patience=patience
        )
        return found, b"|".join([piece async for piece in found.media()])


@pytest.mark.parametrize("signed", [False, True])
async def test_a_track_is_opened_and_fetched_in_order(signed: bool) -> None:
    found, media = await _open(Edge(signed=signed))
    assert found.key == bytes(16)
    assert found.rendition.name == "aac96"
    assert media == b"init.mp4|00001.m4s|00002.m4s"


async def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ApiError) as caught:
        await _open(Edge(), ids.derive("track", "y"))
    assert caught.value.status == 404


@pytest.mark.parametrize(("status", "why"), [(403, "refuses"), (404, "404"), (500, "500")])
async def test_media_that_cannot_be_fetched_is_told(status: int, why: str) -> None:
    with pytest.raises(MediaUnavailable, match=why):
        await _open(Edge(media_status=status))


@pytest.mark.parametrize(
    ("quality", "name"),
    [("low", "aac96"), ("normal", "aac96"), ("high", "aac320"), ("lossless", "flac")],
)
def test_the_best_that_fits_is_chosen(quality: str, name: str) -> None:
    assert play.choose(LADDER, Quality(quality)).name == name


def test_choosing_from_little() -> None:
    assert play.choose(LADDER[1:2], Quality.low).name == "aac320"
    assert play.choose(LADDER[:2], Quality.lossless).name == "aac320"
    assert play.choose(LADDER[2:], Quality.low).name == "flac"
    with pytest.raises(NoRendition):
        play.choose([], Quality.low)


@pytest.mark.parametrize(
    "text",
    [TRACK, f"spotify:track:{TRACK}", f"https://m.example/track/{TRACK}?si=1", f"/tracks/{TRACK}/"],
)
def test_tracks_are_named_in_several_ways(text: str) -> None:
    assert play.track_id_of(text) == TRACK


@pytest.mark.parametrize("text", ["", "x", f"spotify:album:{TRACK}", f"{TRACK}0", "spotify:track:"])
def test_what_names_no_track_is_refused(text: str) -> None:
    with pytest.raises(NotATrack):
        play.track_id_of(text)
