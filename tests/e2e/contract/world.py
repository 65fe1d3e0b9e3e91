"""What the walk through the contract finds on the platform: music, a playlist, a device, people."""

import base64
import io
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from tests import people, sounds
from tests.platform import Platform

LISTENER = "contract-listener"
OTHER = "contract-other"
UNKNOWN = "0000000000000000000001"


@dataclass(frozen=True)
class World:
    """Ids of what is there. `cover` is a JPEG in base64, as the Web API takes covers."""

    track: str
    second_track: str
    album: str
    artist: str
    playlist: str
    doomed: str
    device: str
    user: str
    cover: str

    def fill(self, text: str) -> str:
        """`{track}` and the like, replaced."""
        for name, value in asdict(self).items():
            text = text.replace("{" + name + "}", value)
        return text.replace("{unknown}", UNKNOWN)


def make(platform: Platform, folder: Path, scopes: tuple[str, ...]) -> World:
    """Uploads two tracks of one album, makes a playlist of them, and registers a device."""
    files = [
        sounds.write(
            folder / f"{number}.flac",
            seconds=4,
            seed=700 + number,
            tags={
                "title": f"Clause {number}",
                "artist": "The Contract",
                "album": "Terms and Conditions",
                "date": "2021-03-04",
                "genre": "rock",
                "tracknumber": str(number),
            },
        )
        for number in (1, 2)
    ]
    first, second = platform.added(*files)
    track = platform.get(f"/v1/tracks/{first}")
    with platform.client(platform.token(user=LISTENER, scopes=scopes)) as client:
        made = client.post("/v1/me/playlists", json={"name": "Contract", "public": True})
        assert made.status_code == 201, made.text
        playlist = made.json()["id"]
        doomed = client.post("/v1/me/playlists", json={"name": "Short-lived"}).json()["id"]
        added = client.post(
            f"/v1/playlists/{playlist}/items",
            json={"uris": [f"spotify:track:{first}", f"spotify:track:{second}"]},
        )
        assert added.status_code == 201, added.text
        device = "contract-device"
        registered = client.put(
            f"/v1/me/devices/{device}",
            json={"name": "The table", "type": "Speaker", "supports_volume": True, "volume": 50},
        )
        assert registered.is_success, registered.text
    return World(
        track=first,
        second_track=second,
        album=track["album"]["id"],
        artist=track["artists"][0]["id"],
        playlist=playlist,
        doomed=doomed,
        device=device,
        user=_person(platform),
        cover=_cover(),
    )


def _person(platform: Platform) -> str:
    """Somebody with an account, by id."""
    email = f"{secrets.token_hex(4)}@example.com"
    with people.sign_up(platform, email, name="Connie") as browser:
        token = people.tokens_of(platform, browser)["access_token"]
    with platform.client(token) as client:
        return str(client.get("/v1/me").json()["id"])


def _cover() -> str:
    written = io.BytesIO()
    Image.new("RGB", (300, 300), (180, 40, 90)).save(written, "JPEG")
    return base64.b64encode(written.getvalue()).decode()
