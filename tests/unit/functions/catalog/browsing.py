"""The catalogue's shelves and its routes around them, in memory."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.testclient import TestClient

from functions.catalog.browse import Browse
from functions.catalog.features import FeaturesApi
from functions.catalog.model import ArtistRef, Terms
from functions.catalog.popular import Popular, PopularTracks
from functions.catalog.reader import Reader
from functions.catalog.recommend import Recommendations
from functions.catalog.recommender import NearestInSound
from functions.catalog.related import RelatedByCatalogue
from functions.catalog.routes import Part, app_of
from functions.catalog.shapes import Shapes
from functions.catalog.shelves import Row
from functions.catalog.stand_ins import StandIns
from functions.catalog.views import Views
from shared import ids
from shared.events import Features
from shared.tokens import Caller
from shared.web import Api
from tests.unit.functions.catalog.fakes import MemoryCatalogue
from tests.unit.functions.catalog.test_routes import URL, OneToken

MEASURED = Features(tempo=120.0, tempo_confidence=0.9, key=9, energy=0.5, loudness=-14.0)


class MemoryShelves:
    """What Firestore would answer, of a catalogue in memory."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self._catalogue = catalogue

    async def newest_albums(self, limit: int, offset: int) -> tuple[list[str], int]:
        albums = [album for album in self._catalogue.all_albums().values() if album.is_listed]
        albums.sort(key=lambda album: (album.released.date, album.id), reverse=True)
        return [album.id for album in albums[offset : offset + limit]], len(albums)

    async def best_tracks(self, artist_id: str, limit: int) -> list[str]:
        tracks = [
            track
            for track in self._catalogue.all_tracks().values()
            if artist_id in {artist.id for artist in track.artists}
        ]
        tracks.sort(key=lambda track: (-track.popularity, track.id))
        return [track.id for track in tracks[:limit]]

    async def popular(self, most: int) -> list[Row]:
        tracks = [track for track in self._catalogue.all_tracks().values() if track.playable]
        tracks.sort(key=lambda track: (-track.popularity, track.id))
        return [
            Row(
                id=track.id,
                album_id=track.album_id,
                artists=track.artists,
                genres=track.genres,
                popularity=track.popularity,
                duration_ms=track.duration_ms,
                explicit=track.explicit,
                terms=track.terms,
                features=track.features,
                cover_id=track.album.cover_id,
            )
            for track in tracks[:most]
        ]


class MemoryAnalyses:
    """Analyses by prefix."""

    def __init__(self, analyses: Mapping[str, bytes]) -> None:
        self._analyses = analyses

    async def analysis(self, prefix: str) -> bytes | None:
        return self._analyses.get(prefix)


class Swede(OneToken):
    """Whoever comes with the token is from Sweden; with `filtered` they filter what is explicit."""

    def __init__(self, scopes: Iterable[str] = ()) -> None:
        super().__init__()
        self._scopes = frozenset(scopes)

    async def verify(self, token: str) -> Caller:
        if token != "filtered":
            await super().verify(token)
        return Caller(
            "user", "app", self._scopes, country="SE", explicit_filter=token == "filtered"
        )


def client_of(
    catalogue: MemoryCatalogue,
    analyses: Mapping[str, bytes] | None = None,
    scopes: Iterable[str] = (),
) -> TestClient:
    """The routes of browsing, features, recommendations and stand-ins."""
    reader, shapes = Reader(catalogue, ttl_s=0.0), Shapes(URL)
    views, shelves = Views(reader, shapes), MemoryShelves(catalogue)
    popular = Popular(shelves.popular)
    browse = Browse(
        reader=reader,
        views=views,
        shapes=shapes,
        shelves=shelves,
        popular=popular,
        related=RelatedByCatalogue(popular),
    )
    features = FeaturesApi(reader=reader, shapes=shapes, analyses=MemoryAnalyses(analyses or {}))
    recommendations = Recommendations(
        reader=reader,
        views=views,
        shapes=shapes,
        popular=popular,
        recommender=NearestInSound(popular),
    )
    parts: list[Part] = [browse, features, recommendations, StandIns(shapes=shapes)]
    return TestClient(app_of(parts, Api(Swede(scopes))), headers={"Authorization": "Bearer good"})


def row(name: str, **fields: Any) -> Row:
    """A track called `name` by the artist "Someone", measured unless `features` say otherwise."""
    artists = [
        ArtistRef(ids.derive("artist", each), each) for each in fields.pop("by", ["Someone"])
    ]
    values: dict[str, Any] = {
        "id": ids.derive("track", name),
        "album_id": ids.derive("album", fields.pop("album", name)),
        "artists": artists,
        "genres": [],
        "duration_ms": 200_000,
        "terms": Terms(),
        "features": MEASURED,
    }
    return Row(**values | fields)


def tracks_of(*rows: Row) -> PopularTracks:
    return PopularTracks(rows)
