"""What becomes of messages that cannot be handled: they are kept, for a person to see."""

from typing import Any

from pulumi import Resource, ResourceOptions
from pulumi_gcp import projects, pubsub

from infra.limits import MAX_DELIVERY_ATTEMPTS

RETENTION = "604800s"
NEVER_EXPIRES = ""
_MINIMUM_BACKOFF = "10s"
_MAXIMUM_BACKOFF = "600s"


class DeadLetters:
    """The dead letters of the subscription `name`: a topic `<name>-dead`, and who keeps them."""

    def __init__(
        self, name: str, agent: projects.ServiceIdentity, options: ResourceOptions
    ) -> None:
        """`agent` moves the messages; `options` are those of all that is declared."""
        self._name = name
        self._agent = agent
        self._options = options
        self._topic = pubsub.Topic(f"{name}-dead", name=f"{name}-dead", opts=options)
        self.before: list[Resource] = [
            pubsub.TopicIAMMember(
                f"{name}-dead-letters",
                topic=self._topic.id,
                role="roles/pubsub.publisher",
                member=agent.member,
                opts=options,
            ),
            pubsub.Subscription(
                f"{name}-dead",
                name=f"{name}-dead",
                topic=self._topic.id,
                message_retention_duration=RETENTION,
                expiration_policy={"ttl": NEVER_EXPIRES},
                opts=options,
            ),
        ]

    def subscription(
        self, topic: pubsub.Topic, opts: ResourceOptions, **delivery: Any
    ) -> pubsub.Subscription:
        """The subscription itself: tried again for long, and then given to the dead letters.

        `delivery` says where to; `opts` what comes before, besides the dead letters.
        """
        subscription = pubsub.Subscription(
            self._name,
            name=self._name,
            topic=topic.id,
            message_retention_duration=RETENTION,
            expiration_policy={"ttl": NEVER_EXPIRES},
            retry_policy={
                "minimum_backoff": _MINIMUM_BACKOFF,
                "maximum_backoff": _MAXIMUM_BACKOFF,
            },
            dead_letter_policy={
                "dead_letter_topic": self._topic.id,
                "max_delivery_attempts": MAX_DELIVERY_ATTEMPTS,
            },
            opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=self.before)),
            **delivery,
        )
        # To move a message Pub/Sub also acknowledges it where it came from.
        pubsub.SubscriptionIAMMember(
            f"{self._name}-acknowledges",
            subscription=subscription.name,
            role="roles/pubsub.subscriber",
            member=self._agent.member,
            opts=self._options,
        )
        return subscription
