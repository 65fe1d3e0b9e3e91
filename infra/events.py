"""Events: who is pushed what, what becomes of what cannot be handled, and scheduled tasks."""

from collections.abc import Mapping

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import cloudfunctionsv2, cloudscheduler, pubsub

from infra.apis import Apis
from infra.dead_letters import DeadLetters
from infra.identity import INDEXING_UNIT, Accounts
from infra.limits import ACK_DEADLINE_S, INDEXING_ACK_DEADLINE_S
from infra.settings import Settings
from infra.topics import Topics


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
        self._pubsub_agent = topics.pubsub_agent
        self._push("accounts-on-person-erased-here", topics.person_erased_here)
        self._push("catalog-on-media-ready", topics.media_ready)
        self._push("catalog-on-person-erased", topics.person_erased)
        self._push("catalog-on-popularity-changed", topics.popularity_changed)
        self._push("library-on-person-erased", topics.person_erased)
        self._push("library-on-profile-changed", topics.profile_changed)
        self._push("media-on-catalog-changed", topics.catalog_changed)
        self._push("media-on-person-erased", topics.person_erased)
        self._push("media-on-uploads-finalised", topics.uploads_finalised)
        self._push("playback-on-person-erased", topics.person_erased)
        self._push("playback-on-plays", topics.plays)
        self._push("recommendations-on-catalog-changed", topics.catalog_changed)
        self._push("recommendations-on-person-erased", topics.person_erased)
        self._push("search-on-catalog-changed", topics.catalog_changed)
        self._push("search-on-person-erased", topics.person_erased)
        self._push("search-on-playlist-changed", topics.playlist_changed)
        self._push("search-on-profile-changed", topics.profile_changed)
        for name in ("accounts-tick", "library-tick", "playback-tick"):
            self._schedule(name, "*/10 * * * *", "/tasks/tick")
        self._schedule("media-sweep", "*/10 * * * *", "/tasks/sweep")
        # One run a night, in as many calls as it takes.
        self._schedule("recommendations-nightly", "*/5 2-6 * * *", "/tasks/nightly")
        # It starts a job that takes hours, once a week where there is enough to learn from.
        self._schedule("recommendations-train", "30 7 * * 0", "/tasks/train")
        self._schedule("search-compact", "*/10 * * * *", "/tasks/compact")
        self.register_outputs({})

    def _push(self, name: str, topic: pubsub.Topic) -> None:
        """`<folder>-on-<topic>`: deliver a topic to `/events/<topic>` of `<folder>-events`."""
        folder, _, event = name.partition("-on-")
        unit = f"{folder}-events"
        uri = self._functions[unit].service_config.uri
        DeadLetters(name, self._pubsub_agent, self._options).subscription(
            topic,
            ResourceOptions(parent=self),
            push_config={
                "push_endpoint": Output.concat(uri, f"/events/{event}"),
                "oidc_token": {
                    "service_account_email": self._accounts.invoker_of(unit).email,
                    "audience": uri,
                },
            },
            ack_deadline_seconds=_deadline_s(unit),
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
            attempt_deadline=f"{_deadline_s(unit)}s",
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


def _deadline_s(unit: str) -> int:
    """How long a unit may take over one delivery, with something to spare."""
    return INDEXING_ACK_DEADLINE_S if unit == INDEXING_UNIT else ACK_DEADLINE_S
