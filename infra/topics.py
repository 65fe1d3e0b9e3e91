"""The topics that events go through, with their schemas, and what publishes from Google."""

import pulumi
from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import projects, pubsub, storage

from infra.apis import Apis
from infra.data import Data
from infra.settings import Settings
from infra.source import read_text


class Topics(ComponentResource):
    """`uploads_finalised` is fed by Cloud Storage; the others carry events of our own."""

    def __init__(self, settings: Settings, apis: Apis, data: Data) -> None:
        super().__init__("cadenza:infra:Topics", "topics")
        self._options = ResourceOptions(parent=self, depends_on=[apis])
        # Pub/Sub acts as this service agent when it moves a message, or writes it to BigQuery.
        self.pubsub_agent = projects.ServiceIdentity(
            "pubsub", project=settings.project, service="pubsub.googleapis.com", opts=self._options
        )
        self.uploads_finalised = pubsub.Topic(
            "uploads-finalised", name="uploads-finalised", opts=self._options
        )
        self.media_ready = self._with_schema("media-ready")
        self.catalog_changed = self._with_schema("catalog-changed")
        self.person_erased = self._with_schema("person-erased")
        self.person_erased_here = self._with_schema("person-erased-here")
        self.library_events = self._with_schema("library-events")
        self.playlist_changed = self._with_schema("playlist-changed")
        self.plays = self._with_schema("plays")
        self.popularity_changed = self._with_schema("popularity-changed")
        self.profile_changed = self._with_schema("profile-changed")
        self._notify(settings, data)
        self.register_outputs({})

    def _with_schema(self, name: str) -> pubsub.Topic:
        schema = pubsub.Schema(
            name,
            name=name,
            type="AVRO",
            definition=read_text(f"shared/schemas/{name}.avsc"),
            opts=self._options,
        )
        return pubsub.Topic(
            name,
            name=name,
            schema_settings={"schema": schema.id, "encoding": "JSON"},
            opts=self._options,
        )

    def _notify(self, settings: Settings, data: Data) -> None:
        agent = storage.get_project_service_account_output(
            project=settings.project, opts=pulumi.InvokeOutputOptions(depends_on=[data])
        )
        may_publish = pubsub.TopicIAMMember(
            "storage-publishes-uploads-finalised",
            topic=self.uploads_finalised.id,
            role="roles/pubsub.publisher",
            member=agent.member,
            opts=self._options,
        )
        storage.Notification(
            "uploads-finalised",
            bucket=data.uploads.name,
            topic=self.uploads_finalised.id,
            event_types=["OBJECT_FINALIZE"],
            payload_format="JSON_API_V1",
            opts=ResourceOptions(parent=self, depends_on=[may_publish]),
        )
