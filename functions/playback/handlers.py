"""Events of playback: plays are kept and counted, and people who leave are forgotten."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.playback.players.store import FirestorePlayers
from functions.playback.plays.collector import Collector
from functions.playback.plays.counts import CountStore
from functions.playback.plays.erasure import PlaybackErasure
from functions.playback.plays.store import PlayStore
from functions.playback.plays.tick import PlayTick
from functions.playback.plays.warehouse import Warehouse
from functions.playback.settings import EventsSettings
from shared.catalog_client import CatalogClient
from shared.events import PersonErased, Play
from shared.messaging import Publisher, on
from shared.web import create_app, json_response


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    store = PlayStore(settings.google_cloud_project, settings.firestore_database)
    players = FirestorePlayers(settings.google_cloud_project, settings.firestore_database)
    publisher = Publisher("playback")
    return PlaybackEvents(
        collector=Collector(store),
        tick=PlayTick(
            store=store,
            counts=CountStore(store),
            catalogue=CatalogClient(settings.catalog_rpc_url),
            publisher=publisher,
            topic=settings.popularity_changed_topic,
        ),
        erasure=PlaybackErasure(
            store=store,
            warehouse=Warehouse(settings.plays_table),
            erase_players=players.erase,
            publisher=publisher,
            topic=settings.person_erased_here_topic,
        ),
    ).app()


class PlaybackEvents:
    """Handles events: in any order, any number of times, any number at once."""

    def __init__(self, *, collector: Collector, tick: PlayTick, erasure: PlaybackErasure) -> None:
        self._collector = collector
        self._tick = tick
        self._erasure = erasure

    def app(self) -> Starlette:
        return create_app(
            [
                on("plays", Play, self._collector.add),
                on("person-erased", PersonErased, self._erasure.person_erased),
                Route("/tasks/tick", self.tick, methods=["POST"]),
            ]
        )

    async def tick(self, _: Request) -> Response:
        counted, changed = await self._tick.run()
        erased = await self._erasure.look_again()
        return json_response({"counted": counted, "popularity": changed, "erased": erased})
