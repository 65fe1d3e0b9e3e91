"""`/v1/tracks`, `/v1/albums`, `/v1/artists`: reading the catalogue, in the Web API's shapes."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from functions.catalog.albums import groups
from functions.catalog.model import Album, AlbumGroup, Artist, Track
from functions.catalog.settings import ApiSettings
from functions.catalog.shapes import Shapes, TrackObject
from functions.catalog.store import Catalogue, FirestoreCatalogue
from shared import ids
from shared.auth import api_for
from shared.caching import cacheable_json
from shared.errors import BadRequest, NotFound
from shared.paging import Window, page, window_of
from shared.web import Api, create_app

MAX_TRACKS = 50
MAX_ALBUMS = 20
MAX_ARTISTS = 50
_FIRST_TRACKS = Window(limit=50, offset=0)
_READS = 3


def create(settings: ApiSettings) -> Starlette:
    """The catalogue's API on its real dependencies."""
    catalogue = FirestoreCatalogue(settings.google_cloud_project, settings.firestore_database)
    return CatalogApi(catalogue, Shapes(settings.public_url)).app(api_for(settings))


class CatalogApi:
    """The catalogue's routes. Any valid token may read; no scope is asked for."""

    def __init__(self, catalogue: Catalogue, shapes: Shapes) -> None:
        self._catalogue = catalogue
        self._shapes = shapes

    def app(self, api: Api) -> Starlette:
        return create_app(
            [
                api.get("/v1/tracks", self.get_tracks),
                api.get("/v1/tracks/{id}", self.get_track),
                api.get("/v1/albums", self.get_albums),
                api.get("/v1/albums/{id}", self.get_album),
                api.get("/v1/albums/{id}/tracks", self.get_album_tracks),
                api.get("/v1/artists", self.get_artists),
                api.get("/v1/artists/{id}", self.get_artist),
                api.get("/v1/artists/{id}/albums", self.get_artist_albums),
            ]
        )

    async def get_track(self, request: Request) -> Response:
        track_id = _id(request)
        found = await self._track_objects([track_id])
        if track_id not in found:
            raise NotFound("Resource not found")
        return cacheable_json(request, found[track_id])

    async def get_tracks(self, request: Request) -> Response:
        wanted = _ids(request, MAX_TRACKS)
        found = await self._track_objects(wanted)
        return cacheable_json(request, {"tracks": [found.get(each) for each in wanted]})

    async def get_album(self, request: Request) -> Response:
        album = await self._album(_id(request))
        return cacheable_json(request, self._shapes.album(album, _FIRST_TRACKS))

    async def get_albums(self, request: Request) -> Response:
        wanted = _ids(request, MAX_ALBUMS)
        albums = await self._catalogue.albums(wanted)
        found = {id: self._shapes.album(album, _FIRST_TRACKS) for id, album in albums.items()}
        return cacheable_json(request, {"albums": [found.get(each) for each in wanted]})

    async def get_album_tracks(self, request: Request) -> Response:
        window = window_of(request)
        album = await self._album(_id(request))
        return cacheable_json(request, self._shapes.tracks_of(album, window))

    async def get_artist(self, request: Request) -> Response:
        artist = await self._artist(_id(request))
        return cacheable_json(request, self._shapes.artist(artist))

    async def get_artists(self, request: Request) -> Response:
        wanted = _ids(request, MAX_ARTISTS)
        artists = await self._catalogue.artists(wanted)
        found = {id: self._shapes.artist(artist) for id, artist in artists.items()}
        return cacheable_json(request, {"artists": [found.get(each) for each in wanted]})

    async def get_artist_albums(self, request: Request) -> Response:
        """Newest first. The contract's pages are of 5 to 10; older clients ask for up to 50."""
        window = window_of(request, default=5)
        wanted = _include_groups(request)
        artist = await self._artist(_id(request))
        albums, total = await self._catalogue.albums_of(
            artist.id, wanted, limit=window.limit, offset=window.offset
        )
        items = [
            self._shapes.discography_album(album, groups(album)[artist.id]) for album in albums
        ]
        url = self._shapes.href(f"artists/{artist.id}/albums")
        query = {"include_groups": ",".join(wanted)}
        return cacheable_json(request, page(items, window, total, url, query))

    async def _track_objects(self, track_ids: Iterable[str]) -> dict[str, TrackObject]:
        tracks, albums = await self._tracks_with_albums(track_ids)
        return {
            track.id: self._shapes.track(track, albums[track.album_id])
            for track in tracks
            if track.album_id in albums
        }

    async def _tracks_with_albums(
        self, track_ids: Iterable[str]
    ) -> tuple[Iterable[Track], dict[str, Album]]:
        """Reads again when an album vanished because its last track moved between two reads."""
        track_ids = list(track_ids)
        for _ in range(_READS):
            tracks = (await self._catalogue.tracks(track_ids)).values()
            albums = dict(await self._catalogue.albums({track.album_id for track in tracks}))
            if all(track.album_id in albums for track in tracks):
                break
        return tracks, albums

    async def _album(self, album_id: str) -> Album:
        album = (await self._catalogue.albums([album_id])).get(album_id)
        if album is None:
            raise NotFound("Resource not found")
        return album

    async def _artist(self, artist_id: str) -> Artist:
        artist = (await self._catalogue.artists([artist_id])).get(artist_id)
        if artist is None:
            raise NotFound("Resource not found")
        return artist


def _id(request: Request) -> str:
    return _checked(request.path_params["id"])


def _ids(request: Request, most: int) -> list[str]:
    wanted = [text.strip() for text in request.query_params.get("ids", "").split(",")]
    wanted = [text for text in wanted if text]
    if not wanted:
        raise BadRequest("Missing required field: ids")
    if len(wanted) > most:
        raise BadRequest(f"Too many ids: at most {most}")
    return [_checked(text) for text in wanted]


def _checked(text: str) -> str:
    if not ids.is_valid(text):
        raise BadRequest("Invalid base62 id")
    return text


def _include_groups(request: Request) -> list[AlbumGroup]:
    text = request.query_params.get("include_groups", "")
    if not text:
        return list(AlbumGroup)
    try:
        return list(dict.fromkeys(AlbumGroup(each.strip()) for each in text.split(",")))
    except ValueError:
        allowed = ", ".join(group.value for group in AlbumGroup)
        raise BadRequest(f"Invalid include_groups: each is one of {allowed}") from None
