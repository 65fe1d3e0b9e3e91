"""Events: topics with their schemas, what publishes into them from Google, who is pushed to."""

from collections.abc import Mapping

import pulumi
from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import cloudfunctionsv2, cloudscheduler, projects, pubsub, storage

from infra.apis import Apis
from infra.data import Data
from infra.identity import Accounts
from infra.limits import ACK_DEADLINE_S, MAX_DELIVERY_ATTEMPTS
from infra.settings import Settings
from infra.source import read_text

_MINIMUM_BACKOFF = "10s"
_MAXIMUM_BACKOFF = "600s"
_RETENTION = "604800s"
_NEVER_EXPIRES = ""


class Topics(ComponentResource):
    """`uploads_finalised` is fed by Cloud Storage; the others carry events of our own."""

    def __init__(self, settings: Settings, apis: Apis, data: Data) -> None:
        super().__init__("cadenza:infra:Topics", "topics")
        self._options = ResourceOptions(parent=self, depends_on=[apis])
        self.uploads_finalised = pubsub.Topic(
            "uploads-finalised", name="uploads-finalised", opts=self._options
        )
        self.media_ready = self._with_schema("media-ready")
        self.catalog_changed = self._with_schema("catalog-changed")
        self.person_erased = self._with_schema("person-erased")
        self.person_erased_here = self._with_schema("person-erased-here")
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


class Subscriptions(ComponentResource):
    """Push subscriptions, each with its dead letters, and the scheduled tasks.

    `functions` are those that handle events, by unit.
    """

    def __init__(
        self,
        settings: Settings,
        apis: Apis,
        accounts: Accounts,
        topics: Topics,
        functions: Mapping[str, cloudfunctionsv2.Function],
    ) -> None:
        super().__init__("cadenza:infra:Subscriptions", "subscriptions")
        self._settings = settings
        self._options = ResourceOptions(parent=self, depends_on=[apis])
        self._accounts = accounts
        self._functions = functions
        # Pub/Sub acts as this service agent when it moves a message to the dead letters.
        self._pubsub_agent = projects.ServiceIdentity(
            "pubsub", project=settings.project, service="pubsub.googleapis.com", opts=self._options
        )
        self._push("catalog-on-media-ready", topics.media_ready)
        self._push("catalog-on-person-erased", topics.person_erased)
        self._push("media-on-uploads-finalised", topics.uploads_finalised)
        self._push("media-on-catalog-changed", topics.catalog_changed)
        self._push("media-on-person-erased", topics.person_erased)
        self._push("accounts-on-person-erased-here", topics.person_erased_here)
        self._schedule("media-sweep", "*/10 * * * *", "/tasks/sweep")
        self._schedule("accounts-tick", "*/10 * * * *", "/tasks/tick")
        self.register_outputs({})

    def _push(self, name: str, topic: pubsub.Topic) -> None:
        """`<folder>-on-<topic>`: deliver a topic to `/events/<topic>` of `<folder>-events`."""
        folder, _, event = name.partition("-on-")
        unit = f"{folder}-events"
        dead = pubsub.Topic(f"{name}-dead", name=f"{name}-dead", opts=self._options)
        dead_letters = pubsub.Subscription(
            f"{name}-dead",
            name=f"{name}-dead",
            topic=dead.id,
            message_retention_duration=_RETENTION,
            expiration_policy={"ttl": _NEVER_EXPIRES},
            opts=self._options,
        )
        may_publish = pubsub.TopicIAMMember(
            f"{name}-dead-letters",
            topic=dead.id,
            role="roles/pubsub.publisher",
            member=self._pubsub_agent.member,
            opts=self._options,
        )
        uri = self._functions[unit].service_config.uri
        subscription = pubsub.Subscription(
            name,
            name=name,
            topic=topic.id,
            push_config={
                "push_endpoint": Output.concat(uri, f"/events/{event}"),
                "oidc_token": {
                    "service_account_email": self._accounts.invoker_of(unit).email,
                    "audience": uri,
                },
            },
            ack_deadline_seconds=ACK_DEADLINE_S,
            message_retention_duration=_RETENTION,
            expiration_policy={"ttl": _NEVER_EXPIRES},
            retry_policy={
                "minimum_backoff": _MINIMUM_BACKOFF,
                "maximum_backoff": _MAXIMUM_BACKOFF,
            },
            dead_letter_policy={
                "dead_letter_topic": dead.id,
                "max_delivery_attempts": MAX_DELIVERY_ATTEMPTS,
            },
            opts=ResourceOptions(parent=self, depends_on=[may_publish, dead_letters]),
        )
        # To move a message Pub/Sub also acknowledges it where it came from.
        pubsub.SubscriptionIAMMember(
            f"{name}-acknowledges",
            subscription=subscription.name,
            role="roles/pubsub.subscriber",
            member=self._pubsub_agent.member,
            opts=self._options,
        )

    def _schedule(self, name: str, cron: str, path: str) -> None:
        """`<folder>-<task>`: call a path of `<folder>-events`."""
        unit = f"{name.partition('-')[0]}-events"
        uri = self._functions[unit].service_config.uri
        cloudscheduler.Job(
            name,
            name=name,
            region=self._settings.region,
            schedule=cron,
            time_zone="Etc/UTC",
            attempt_deadline="180s",
            retry_config={"retry_count": 1},
            http_target={
                "uri": Output.concat(uri, path),
                "http_method": "POST",
                "oidc_token": {
                    "service_account_email": self._accounts.invoker_of(unit).email,
                    "audience": uri,
                },
            },
            opts=self._options,
        )
