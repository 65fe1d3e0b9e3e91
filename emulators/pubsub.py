"""Google's Pub/Sub emulator, and the declared schemas, topics and subscriptions made on it.

It keeps nothing on disk: topics and subscriptions are made anew at every start.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc.aio
from google.protobuf.duration_pb2 import Duration
from google.pubsub_v1 import types
from google.pubsub_v1.services.publisher import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.schema_service import SchemaServiceAsyncClient
from google.pubsub_v1.services.schema_service.transports import SchemaServiceGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber import SubscriberAsyncClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators import tools
from emulators.gather import Program, Resource
from emulators.processes import Command, base_environment

NAME = "pubsub"

SCHEMA = "gcp:pubsub/schema:Schema"
TOPIC = "gcp:pubsub/topic:Topic"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"


def command(port: int, folder: Path) -> Command:
    return Command(
        name=NAME,
        argv=[
            tools.java(),
            "-Xmx512m",
            "-jar",
            str(tools.pubsub_jar()),
            "--host=127.0.0.1",
            f"--port={port}",
        ],
        env=base_environment(),
        cwd=folder,
        port=port,
    )


class PubSub:
    """The declared side of Pub/Sub, written to the emulator at `address` (host:port)."""

    def __init__(self, address: str) -> None:
        channel = grpc.aio.insecure_channel(address)
        self._schemas = SchemaServiceAsyncClient(
            transport=SchemaServiceGrpcAsyncIOTransport(channel=channel)
        )
        self._publisher = PublisherAsyncClient(
            transport=PublisherGrpcAsyncIOTransport(channel=channel)
        )
        self._subscriber = SubscriberAsyncClient(
            transport=SubscriberGrpcAsyncIOTransport(channel=channel)
        )

    async def make(self, program: Program) -> None:
        """Make every declared schema, topic and subscription."""
        for schema in program.all(SCHEMA):
            await self._schemas.create_schema(
                parent=schema.id.rsplit("/schemas/", 1)[0],
                schema=types.Schema(
                    type_=getattr(types.Schema.Type, schema.inputs["type"]),
                    definition=schema.inputs["definition"],
                ),
                schema_id=schema.id.rsplit("/", 1)[1],
            )
        for topic in program.all(TOPIC):
            await self._publisher.create_topic(_topic(topic))
        for subscription in program.all(SUBSCRIPTION):
            await self._subscriber.create_subscription(_subscription(subscription))

    async def publish(self, topic: str, data: bytes, attributes: dict[str, str]) -> None:
        await self._publisher.publish(
            topic=topic, messages=[types.PubsubMessage(data=data, attributes=attributes)]
        )


def _topic(declared: Resource) -> types.Topic:
    topic = types.Topic(name=declared.id)
    if settings := declared.inputs.get("schemaSettings"):
        topic.schema_settings = types.SchemaSettings(
            schema=settings["schema"], encoding=getattr(types.Encoding, settings["encoding"])
        )
    return topic


def _subscription(declared: Resource) -> types.Subscription:
    """What the emulator is good at: it keeps messages to be pulled, tries again, gives up.

    Pushing is `emulators.pusher`'s, writing to BigQuery `emulators.pump`'s. Filters are ignored.
    """
    inputs = declared.inputs
    return types.Subscription(
        name=declared.id,
        topic=inputs["topic"],
        ack_deadline_seconds=inputs.get("ackDeadlineSeconds", 10),
        retry_policy=_if(
            inputs.get("retryPolicy"),
            lambda retry: types.RetryPolicy(
                minimum_backoff=_duration(retry["minimumBackoff"]),
                maximum_backoff=_duration(retry["maximumBackoff"]),
            ),
        ),
        dead_letter_policy=_if(
            inputs.get("deadLetterPolicy"),
            lambda dead: types.DeadLetterPolicy(
                dead_letter_topic=dead["deadLetterTopic"],
                max_delivery_attempts=dead["maxDeliveryAttempts"],
            ),
        ),
    )


def _if(value: Any, make: Callable[[Any], Any]) -> Any:
    return None if value is None else make(value)


def _duration(text: str) -> Duration:
    duration = Duration()
    duration.FromJsonString(text)
    return duration
