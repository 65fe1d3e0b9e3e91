"""Somebody who asks the API for everything, and what they have there."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from schemathesis import Case

from functions.media.model import upload_id
from tests import people, sounds
from tests.platform import Platform

_DEVICE = "asked-device"
_APP = {"name": "Asked", "redirect_uris": ["http://127.0.0.1:9/callback"]}
# What only Cadenza's own apps may ask for.
_OWN = ("/v1/me/apps", "/v1/me/export", "/v1/me/family", "/v1/me/plan")


@dataclass(frozen=True)
class There:
    """`ids` by the first word of the paths that lead to them.

    `token` is an app's that may do everything; `own_token` is one of Cadenza's own apps'.
    """

    ids: dict[str, str]
    token: str
    own_token: str

    def token_for(self, case: "Case[Any]") -> str:
        return self.own_token if case.path.startswith(_OWN) else self.token

    def put_into(self, case: "Case[Any]") -> None:
        """Names what is there wherever the case names something that could be."""
        words = case.path.split("/")
        for name in case.path_parameters or {}:
            before = words[words.index("{" + name + "}") - 1]
            if before in self.ids:
                case.path_parameters[name] = self.ids[before]
        if case.query:
            case.query.update(self._query(words, dict(case.query)))
            if "recommendations" in words:
                case.query["seed_tracks"] = self.ids["tracks"]
        if isinstance(case.body, dict):
            good = self._body(words)
            case.body.update({name: good[name] for name in case.body.keys() & good.keys()})

    def _query(self, words: list[str], asked: dict[str, Any]) -> dict[str, str]:
        uri = f"spotify:track:{self.ids['tracks']}"
        named = next((self.ids[word] for word in reversed(words) if word in self.ids), "")
        good = {
            "market": "SE",
            "country": "SE",
            "ids": self.ids["artists"] if "following" in words else named or self.ids["tracks"],
            "uri": uri,
            "uris": uri,
            "device_id": _DEVICE,
            "seed_tracks": self.ids["tracks"],
            "seed_artists": self.ids["artists"],
            "seed_genres": "rock",
            "fields": "",
            "as_of": "2",
            "after": "",
            "include_groups": "album,single",
            "time_range": "short_term",
            "type": "artist" if "following" in words else "track,album,artist,playlist,user",
        }
        return {name: good[name] for name in asked.keys() & good.keys()}

    def _body(self, words: list[str]) -> dict[str, Any]:
        uri = f"spotify:track:{self.ids['tracks']}"
        return {
            "ids": [self.ids["artists" if "following" in words else words[-1]]]
            if words[-1] in {"following", "tracks", "albums"}
            else [],
            "uris": [uri],
            "items": [{"uri": uri}],
            "tracks": [{"uri": uri}],
            "device_ids": [_DEVICE],
            "device_id": _DEVICE,
            "track_id": self.ids["tracks"],
            "position": 0,
            "context_uri": None,
            "timestamped_ids": None,
            "range_start": None,
            "snapshot_id": None,
        }


def make(platform: Platform, scopes: tuple[str, ...], folder: Path) -> There:
    """Signs up, and adds a track, an app, an export and an import."""
    email = f"{secrets.token_hex(4)}@example.com"
    with people.sign_up(platform, email, name="Asker") as browser:
        own = people.tokens_of(platform, browser)["access_token"]
    ids = {}
    with platform.client(own) as client:
        user = _done(client.get("/v1/me"))["id"]
        ids["export"] = _done(client.post("/v1/me/export"))["id"]
    token = platform.token(user=user, scopes=scopes, roles=("listener", "artist", "operator"))
    ids |= _music(platform, token, user, folder)
    with platform.client(token) as client:
        ids["imports"] = _done(client.post("/v1/imports", json={"name": "Asked"}))["id"]
    named = {"users": user, "categories": "rock", "devices": _DEVICE, "offline-devices": _DEVICE}
    return There({**ids, **named}, token, own)


def _music(platform: Platform, token: str, user: str, folder: Path) -> dict[str, str]:
    file, kept = folder / "song.flac", folder / "token"
    kept.write_text(token)
    tags = {"title": "Question", "artist": "The Asker", "album": "Answers", "genre": "rock"}
    sounds.write(file, seconds=3, seed=404, tags=tags)
    done = platform.cadenza("add", str(file), token_file=kept)
    assert done.returncode == 0, done.stdout + done.stderr
    upload = upload_id(user, sounds.sha256(file))
    with platform.client(token) as client:
        track = _done(client.get(f"/v1/uploads/{upload}"))["track_id"]
        described = _done(client.get(f"/v1/tracks/{track}"))
    return {
        **dict.fromkeys(("tracks", "audio-features", "audio-analysis"), track),
        "albums": described["album"]["id"],
        "artists": described["artists"][0]["id"],
        "uploads": upload,
    }


def again(platform: Platform, there: There) -> There:
    """Whatever an operation has removed is back, with a new app and a new playlist."""
    with platform.client(there.own_token) as client:
        app = _done(client.post("/v1/me/apps", json=_APP))["id"]
    with platform.client(there.token) as client:
        for kind in ("tracks", "albums"):
            _done(client.put(f"/v1/{kind}/{there.ids[kind]}/restore"))
        playlist = _done(client.post("/v1/me/playlists", json={"name": "Asked"}))["id"]
        uris = [f"spotify:track:{there.ids['tracks']}"]
        _done(client.post(f"/v1/playlists/{playlist}/items", json={"uris": uris}))
        device = {"name": "Asked", "type": "Speaker", "supports_volume": True, "volume": 50}
        _done(client.put(f"/v1/me/devices/{_DEVICE}", json=device))
        _done(client.put("/v1/me/player", json={"device_ids": [_DEVICE]}))
        _done(client.put("/v1/me/player/play", json={"uris": uris}))
    made = {"apps": app, "playlists": playlist, "featured-playlists": playlist}
    return replace(there, ids={**there.ids, **made})


def leave(platform: Platform, there: There) -> None:
    """Nothing of theirs stays where others would see it."""
    with platform.client(there.own_token) as client:
        client.delete(f"/v1/me/apps/{there.ids['apps']}")
    with platform.client(there.token) as client:
        client.delete(f"/v1/browse/featured-playlists/{there.ids['playlists']}")
        client.delete(f"/v1/playlists/{there.ids['playlists']}/followers")


def _done(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None
