"""The library's API: saved items, follows and playlists, in the Web API's shapes."""

from dataclasses import dataclass

from starlette.applications import Starlette

from functions.library.activity import Activity
from functions.library.announce import Announcer
from functions.library.api.browse import BrowseApi
from functions.library.api.followers import FollowersApi
from functions.library.api.following import Following
from functions.library.api.pictures import PicturesApi
from functions.library.api.playlist_items import ItemsApi
from functions.library.api.playlists import PlaylistsApi
from functions.library.api.saved import Saved
from functions.library.api.whole import WholeLibrary
from functions.library.chunks import Chunks
from functions.library.covers import BucketCovers, Covers
from functions.library.describe import Catalog, Describer
from functions.library.featured import FeaturedPlaylists
from functions.library.items import Items
from functions.library.lists import Lists
from functions.library.mixes import Mixes, Recommendations
from functions.library.people import People
from functions.library.playlists import Playlists
from functions.library.reader import PlaylistReader
from functions.library.settings import ApiSettings
from functions.library.shapes import Shapes
from functions.library.store import Documents
from shared.auth import api_for
from shared.catalog_client import CatalogClient
from shared.clock import Clock, utc_now
from shared.firestore import FirestoreDocuments
from shared.messaging import Publisher
from shared.recommendations_client import RecommendationsClient
from shared.web import Api, create_app


def create(settings: ApiSettings) -> Starlette:
    """The library's API on its real dependencies."""
    return LibraryApi(
        documents=FirestoreDocuments(settings.google_cloud_project, settings.firestore_database),
        catalog=CatalogClient(settings.catalog_rpc_url),
        recommendations=RecommendationsClient(settings.recommendations_rpc_url),
        covers=BucketCovers(settings.google_cloud_project, settings.images_bucket),
        publisher=Publisher("library"),
        library_events_topic=settings.library_events_topic,
        playlist_changed_topic=settings.playlist_changed_topic,
        public_url=settings.public_url,
    ).app(api_for(settings))


@dataclass(frozen=True, kw_only=True)
class LibraryApi:
    """All of the library's routes, and what they need."""

    documents: Documents
    catalog: Catalog
    recommendations: Recommendations
    covers: Covers
    publisher: Publisher
    library_events_topic: str
    playlist_changed_topic: str
    public_url: str
    clock: Clock = utc_now

    def app(self, api: Api) -> Starlette:
        documents, catalog, clock = self.documents, self.catalog, self.clock
        shapes, chunks = Shapes(self.public_url), Chunks(documents)
        announcer = Announcer(
            documents, self.publisher, self.playlist_changed_topic, self.covers, clock
        )
        activity = Activity(documents, self.publisher, self.library_events_topic, clock)
        lists = Lists(documents, chunks, activity)
        playlists = Playlists(documents, lists, announcer, clock)
        mixes = Mixes(self.recommendations)
        describer = Describer(catalog, People(documents), shapes)
        saved = Saved(lists, catalog, shapes, clock)
        following = Following(lists, catalog, saved, shapes, clock)
        items = ItemsApi(
            PlaylistReader(documents, chunks),
            Items(documents, chunks, announcer, activity),
            catalog=catalog,
            describer=describer,
            mixes=mixes,
            clock=clock,
        )
        return create_app(
            [
                *saved.routes(api),
                *following.routes(api),
                *WholeLibrary(lists, saved, following, playlists, mixes).routes(api),
                *PlaylistsApi(playlists, lists, items, mixes, describer).routes(api),
                *FollowersApi(playlists, lists, mixes).routes(api),
                *items.routes(api),
                *PicturesApi(playlists, self.covers, mixes, describer).routes(api),
                *BrowseApi(FeaturedPlaylists(documents), playlists, describer).routes(api),
            ],
            cors=True,
        )
