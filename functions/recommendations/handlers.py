"""Events of the recommendations: tracks are noted, nights gone through, people forgotten."""

import functools
from typing import Annotated

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.recommendations.deep import Training, in_service
from functions.recommendations.erasure import RecommendationsErasure
from functions.recommendations.features.dimensions import Dimensions
from functions.recommendations.features.embeddings import StoredEmbeddings
from functions.recommendations.making import MixMaker
from functions.recommendations.nightly import Nightly
from functions.recommendations.settings import EventsSettings
from functions.recommendations.sharing import Sharer
from functions.recommendations.state import Lease
from functions.recommendations.tables import NightTables
from functions.recommendations.warehouse import BigQueryWarehouse
from shared.bucket import Bucket
from shared.catalog_client import CatalogClient
from shared.cloud_run import CloudRunJob
from shared.events import CatalogChanged, PersonErased
from shared.firestore import FirestoreDocuments
from shared.messaging import Publisher, on
from shared.query import read_query
from shared.web import create_app, json_response


class NightlyQuery(msgspec.Struct, frozen=True):
    """`again`: also when tonight's run is done already."""

    again: Annotated[bool, msgspec.Meta(description="Begin another run")] = False


class TrainQuery(msgspec.Struct, frozen=True):
    """`again`: also when a model was trained within the week."""

    again: Annotated[bool, msgspec.Meta(description="Train another one now")] = False


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    project, dataset = settings.google_cloud_project, settings.warehouse
    documents = FirestoreDocuments(project, settings.firestore_database)
    warehouse = BigQueryWarehouse(dataset)
    return RecommendationsEvents(
        dimensions=Dimensions(
            catalogue=CatalogClient(settings.catalog_rpc_url),
            embeddings=StoredEmbeddings(Bucket(project, settings.media_bucket)),
            warehouse=warehouse,
        ),
        nightly=Nightly(
            lease=Lease(documents),
            warehouse=warehouse,
            dataset=dataset,
            maker=MixMaker(tables=NightTables(warehouse, dataset), documents=documents),
            sharer=Sharer(warehouse=warehouse, dataset=dataset, documents=documents),
            deep_in_service=functools.partial(in_service, documents),
        ),
        training=Training(
            documents=documents,
            warehouse=warehouse,
            dataset=dataset,
            job=CloudRunJob(settings.training_job, settings.cloud_run_emulator_host),
            least_plays=settings.least_plays_to_train,
        ),
        erasure=RecommendationsErasure(
            documents=documents,
            warehouse=warehouse,
            dataset=dataset,
            publisher=Publisher("recommendations"),
            topic=settings.person_erased_here_topic,
        ),
    ).app()


class RecommendationsEvents:
    """Handles events: in any order, any number of times."""

    def __init__(
        self,
        *,
        dimensions: Dimensions,
        nightly: Nightly,
        training: Training,
        erasure: RecommendationsErasure,
    ) -> None:
        self._dimensions = dimensions
        self._nightly = nightly
        self._training = training
        self._erasure = erasure

    def app(self) -> Starlette:
        return create_app(
            [
                on("catalog-changed", CatalogChanged, self._dimensions.catalog_changed),
                on("person-erased", PersonErased, self._erasure.person_erased),
                Route("/tasks/nightly", self.nightly, methods=["POST"]),
                Route("/tasks/train", self.train, methods=["POST"]),
            ]
        )

    async def nightly(self, request: Request) -> Response:
        """Goes on with tonight's run; there is nothing to do where it is done."""
        again = read_query(request, NightlyQuery).again
        return json_response(await self._nightly.run(again=again))

    async def train(self, request: Request) -> Response:
        """Starts the training of a deep model, where one is due and there is enough to learn."""
        again = read_query(request, TrainQuery).again
        return json_response(await self._training.start(again=again))
