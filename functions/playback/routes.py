"""The playback API, put together: streams and licences, players and devices, play reports."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from functions.playback.devices.registry import Registry
from functions.playback.devices.routes import DeviceRoutes
from functions.playback.players.changes import Changes
from functions.playback.players.commands import Commands
from functions.playback.players.contexts import Catalogue, Contexts, Library
from functions.playback.players.routes import PlayerRoutes
from functions.playback.players.starting import Starter
from functions.playback.players.store import FirestorePlayers, Players
from functions.playback.players.tracks import CatalogueTracks, TrackObjects
from functions.playback.plays import routes as plays
from functions.playback.settings import ApiSettings
from functions.playback.streams.licence import ClearKeyLicences, LicenceProvider
from functions.playback.streams.routes import Streams
from functions.playback.streams.sessions import Sessions
from shared.auth import api_for
from shared.catalog_client import CatalogClient
from shared.content_keys import DerivedKeys
from shared.library_client import LibraryClient
from shared.web import Api, create_app


def create(settings: ApiSettings) -> Starlette:
    """The playback API on its real dependencies."""
    catalog = CatalogClient(settings.catalog_rpc_url)
    api = api_for(settings)
    playback = Playback(
        settings,
        players=FirestorePlayers(settings.google_cloud_project, settings.firestore_database),
        catalog=catalog,
        library=LibraryClient(settings.library_rpc_url),
        tracks=CatalogueTracks(catalog),
        licences=ClearKeyLicences(DerivedKeys.from_base64(settings.content_key_secret)),
    )
    return create_app(
        [*plays.create(settings, catalog).routes(api), *playback.routes(api)], cors=True
    )


class Playback:
    """Streams, players and devices."""

    def __init__(
        self,
        settings: ApiSettings,
        *,
        players: Players,
        catalog: Catalogue,
        library: Library,
        tracks: TrackObjects,
        licences: LicenceProvider,
    ) -> None:
        changes = Changes(players)
        contexts = Contexts(catalog, library, players.list_of)
        commands = Commands(changes, contexts)
        self._parts = (
            Streams(
                settings,
                catalog=catalog,
                licences=licences,
                sessions=Sessions(changes, life_ms=settings.stream_ttl_s * 1000),
            ),
            PlayerRoutes(
                changes,
                contexts,
                commands,
                Starter(changes, contexts, commands),
                tracks,
                public_url=settings.public_url,
            ),
            DeviceRoutes(Registry(changes), commands),
        )

    def routes(self, api: Api) -> list[BaseRoute]:
        return [route for part in self._parts for route in part.routes(api)]
