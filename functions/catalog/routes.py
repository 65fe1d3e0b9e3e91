"""The catalogue's public API, put together of its parts."""

from collections.abc import Iterable
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import Route

from functions.catalog.browse import Browse
from functions.catalog.edit_store import FirestoreEdits
from functions.catalog.editing import Editing
from functions.catalog.features import FeaturesApi, StoredAnalyses
from functions.catalog.import_store import FirestoreImports
from functions.catalog.imports import Imports
from functions.catalog.items import Items
from functions.catalog.learned import RadioFirst, RelatedByListening
from functions.catalog.popular import Popular
from functions.catalog.reader import Reader
from functions.catalog.recommend import Recommendations
from functions.catalog.recommender import NearestInSound
from functions.catalog.related import RelatedByCatalogue
from functions.catalog.settings import ApiSettings
from functions.catalog.shapes import Shapes
from functions.catalog.shelves import CachedShelves, FirestoreShelves
from functions.catalog.stand_ins import StandIns
from functions.catalog.store import FirestoreCatalogue
from functions.catalog.telling import Teller
from functions.catalog.views import Views
from shared.auth import api_for
from shared.bucket import Bucket
from shared.messaging import Publisher
from shared.recommendations_client import RecommendationsClient
from shared.web import Api, create_app

# Items are shown as they were up to so long ago; what was asked for may be kept for longer anyway.
TTL_S = 5.0


class Part(Protocol):
    """Some of the routes."""

    def routes(self, api: Api) -> list[Route]: ...


def create(settings: ApiSettings) -> Starlette:
    """The catalogue's API on its real dependencies."""
    store = FirestoreCatalogue(settings.google_cloud_project, settings.firestore_database)
    reader = Reader(store, ttl_s=TTL_S)
    shapes = Shapes(settings.public_url)
    views = Views(reader, shapes)
    shelves = CachedShelves(FirestoreShelves(store), ttl_s=TTL_S)
    popular = Popular(shelves.popular)
    recommendations = RecommendationsClient(settings.recommendations_rpc_url)
    analyses = StoredAnalyses(Bucket(settings.google_cloud_project, settings.media_bucket))
    edits = FirestoreEdits(store)
    teller = Teller(edits, Publisher("catalog"), settings.catalog_changed_topic)
    parts: list[Part] = [
        Items(reader, views, shapes),
        Editing(edits, teller, reader.evict),
        Imports(FirestoreImports(store), teller),
        Browse(
            reader=reader,
            views=views,
            shapes=shapes,
            shelves=shelves,
            popular=popular,
            related=RelatedByListening(recommendations, RelatedByCatalogue(popular)),
        ),
        FeaturesApi(reader=reader, shapes=shapes, analyses=analyses),
        Recommendations(
            reader=reader,
            views=views,
            shapes=shapes,
            popular=popular,
            recommender=RadioFirst(
                recommendations, nearest=NearestInSound(popular), popular=popular, reader=reader
            ),
        ),
        StandIns(shapes=shapes),
    ]
    return app_of(parts, api_for(settings))


def app_of(parts: Iterable[Part], api: Api) -> Starlette:
    """The parts as one application."""
    return create_app([route for part in parts for route in part.routes(api)], cors=True)
