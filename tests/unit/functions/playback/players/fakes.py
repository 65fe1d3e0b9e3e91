"""Players in memory, and a catalogue and a library that hold what a test puts there."""

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from functions.playback.devices.model import Device, DeviceType
from functions.playback.players.changes import Changes
from functions.playback.players.commands import Commands
from functions.playback.players.contexts import Contexts
from functions.playback.players.model import Player
from functions.playback.players.starting import Starter
from functions.playback.players.store import Room, Written
from shared import ids
from shared.audience import ANYBODY, Audience
from shared.errors import NotFound
from shared.firestore import Conflict
from shared.protos.catalog_pb2 import Album, ArtistRef, Media, Rendition, Track
from shared.protos.library_pb2 import PlaylistTracks
from shared.tokens import Caller

DURATION_MS = 200_000
NOW = 1_700_000_000_000
ANNA = Caller("anna", "app", frozenset(), plan="premium", country="SE")
# The same person, since they turned explicit content off.
FILTERED = dataclasses.replace(ANNA, explicit_filter=True)


def track_id(name: str) -> str:
    return ids.derive("track", name)


def track(
    name: str,
    artist: str = "",
    *,
    playable: bool = True,
    markets: Sequence[str] = (),
    explicit: bool = False,
) -> Track:
    artist_id = ids.derive("artist", artist or name)
    made = Track(
        id=track_id(name),
        name=name,
        duration_ms=DURATION_MS,
        artists=[ArtistRef(id=artist_id, name=artist or name)],
        markets=markets,
        explicit=explicit,
    )
    if playable:
        made.media.CopyFrom(
            Media(prefix=f"media/{made.id}/1", renditions=[Rendition(name="aac96", bitrate=96000)])
        )
    return made


@dataclass
class FakeCatalog:
    """Albums are made of the tracks that are named."""

    known: dict[str, Track] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    asked: int = 0

    def add(self, *tracks: Track) -> None:
        self.known |= {each.id: each for each in tracks}

    def album(self, name: str, *tracks: Track) -> str:
        self.add(*tracks)
        album_id = ids.derive("album", name)
        self.made[album_id] = [each.id for each in tracks]
        return f"spotify:album:{album_id}"

    async def tracks(self, ids: Sequence[str]) -> list[Track]:
        self.asked += 1
        return [self.known[each] for each in ids if each in self.known]

    async def albums(self, ids: Sequence[str]) -> list[Album]:
        return [Album(id=each, track_ids=self.made[each]) for each in ids if each in self.made]

    async def artist_tracks(self, artist_id: str) -> list[str]:
        return [each.id for each in self.known.values() if each.artists[0].id == artist_id]

    async def of(self, track_ids: Sequence[str], audience: Audience) -> dict[str, msgspec.Raw]:
        def shown(track_id: str) -> msgspec.Raw:
            is_filtered = audience.explicit_filter and self.known[track_id].explicit
            made = {"id": track_id, "type": "track", "market": audience.market}
            return msgspec.Raw(
                msgspec.json.encode(made | ({"is_playable": False} if is_filtered else {}))
            )

        return {each: shown(each) for each in track_ids if each in self.known}


@dataclass
class FakeLibrary:
    """`playlists` and `saved` hold URIs."""

    playlists: dict[str, list[str]] = field(default_factory=dict)
    saved: dict[str, list[str]] = field(default_factory=dict)

    async def playlist(
        self, playlist_id: str, user_id: str, audience: Audience = ANYBODY
    ) -> PlaylistTracks:
        if playlist_id not in self.playlists:
            raise NotFound("Resource not found")
        return PlaylistTracks(playlist_id=playlist_id, uris=self.playlists[playlist_id])

    async def saved_tracks(self, user_id: str, limit: int) -> list[str]:
        return self.saved.get(user_id, [])[:limit]


@dataclass
class FakePlayers:
    """As Firestore keeps them. `rivals` are written first, each in the way of one write."""

    players: dict[str, Player] = field(default_factory=dict)
    devices: dict[str, dict[str, Device]] = field(default_factory=dict)
    lists: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    rivals: list[Player] = field(default_factory=list)
    writes: int = 0

    async def room(self, user: str) -> Room:
        player = self.players.get(user)
        return Room(player or Player(), dict(self.devices.get(user, {})), read_at=player)

    async def write(self, user: str, player: Player, before: Room, also: Written) -> None:
        if self.rivals:
            self.players[user] = self.rivals.pop(0)
        if self.players.get(user) is not before.read_at:
            raise Conflict(user)
        self.writes += 1
        self.players[user] = player
        kept = self.devices.setdefault(user, {})
        kept |= {device.id: device for device in also.devices}
        for device_id in also.left:
            kept.pop(device_id, None)
        self.lists |= {(user, name): tracks for name, tracks in also.lists.items()}

    async def touch(self, user: str, device_id: str, seen_at: int) -> bool:
        kept = self.devices.get(user, {})
        if device_id not in kept:
            return False
        kept[device_id] = msgspec.structs.replace(kept[device_id], seen_at=seen_at)
        return True

    async def list_of(self, user: str, list_id: str) -> Sequence[str]:
        return self.lists.get((user, list_id), ())

    async def erase(self, user: str) -> None:
        self.players[user] = Player(erased=True)
        self.devices.pop(user, None)


def device(name: str, *, seen_at: int = NOW, **more: object) -> Device:
    fields = {"id": name, "name": name, "type": DeviceType.speaker, "registered_at": 0, **more}
    return msgspec.convert({**fields, "seen_at": seen_at}, Device)


async def at_once(_: float) -> None:
    """Nobody waits in a test."""


class World:
    """Anna's player with two speakers, the first of them active once something plays."""

    def __init__(self) -> None:
        self.now = NOW
        self.players = FakePlayers()
        self.players.devices["anna"] = {"kitchen": device("kitchen"), "bath": device("bath")}
        self.catalog = FakeCatalog()
        self.library = FakeLibrary()
        self.changes = Changes(self.players, clock=lambda: self.now, sleep=at_once)
        self.contexts = Contexts(
            self.catalog, self.library, self.players.list_of, clock=lambda: self.now / 1000
        )
        seeds = itertools.count(1)
        self.commands = Commands(self.changes, self.contexts, seed=lambda: next(seeds))
        self.starter = Starter(self.changes, self.contexts, self.commands)

    @property
    def player(self) -> Player:
        return self.players.players["anna"]

    @property
    def playing(self) -> str:
        """The name of the track that plays."""
        assert self.player.entry
        return self.catalog.known[self.player.entry.track_id].name

    def after(self, ms: int) -> None:
        """Time goes by, and every device is still there."""
        self.now += ms
        for kept in self.players.devices.values():
            for each in list(kept.values()):
                kept[each.id] = msgspec.structs.replace(each, seen_at=self.now)
