"""Nothing that happens is lost: topics, subscriptions, dead letters, schedules."""

import json

import pytest

from emulators.gather import Program, Resource
from tests.infra.programs import FUNCTION, ROOT

SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
TOPIC = "gcp:pubsub/topic:Topic"
TOPIC_MEMBER = "gcp:pubsub/topicIAMMember:TopicIAMMember"
SUBSCRIPTION_MEMBER = "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"
SCHEDULE = "gcp:cloudscheduler/job:Job"

PUSHED = {
    "accounts-on-person-erased-here": ("person-erased-here", "accounts-events"),
    "catalog-on-media-ready": ("media-ready", "catalog-events"),
    "catalog-on-person-erased": ("person-erased", "catalog-events"),
    "catalog-on-popularity-changed": ("popularity-changed", "catalog-events"),
    "library-on-person-erased": ("person-erased", "library-events"),
    "library-on-profile-changed": ("profile-changed", "library-events"),
    "media-on-person-erased": ("person-erased", "media-events"),
    "media-on-uploads-finalised": ("uploads-finalised", "media-events"),
    "media-on-catalog-changed": ("catalog-changed", "media-events"),
    "playback-on-person-erased": ("person-erased", "playback-events"),
    "playback-on-plays": ("plays", "playback-events"),
    "recommendations-on-catalog-changed": ("catalog-changed", "recommendations-events"),
    "recommendations-on-person-erased": ("person-erased", "recommendations-events"),
    "search-on-catalog-changed": ("catalog-changed", "search-events"),
    "search-on-person-erased": ("person-erased", "search-events"),
    "search-on-playlist-changed": ("playlist-changed", "search-events"),
    "search-on-profile-changed": ("profile-changed", "search-events"),
}


def _push_subscriptions(program: Program) -> list[Resource]:
    return [found for found in program.all(SUBSCRIPTION) if "pushConfig" in found.inputs]


def _uri(program: Program, function: str) -> str:
    uri = program.one(FUNCTION, function).outputs["serviceConfig"]["uri"]
    assert isinstance(uri, str)
    return uri


def test_who_is_pushed_to(program: Program) -> None:
    assert {found.name for found in _push_subscriptions(program)} == PUSHED.keys()
    for name, (topic, function) in PUSHED.items():
        subscription = program.one(SUBSCRIPTION, name)
        assert subscription.inputs["topic"] == program.one(TOPIC, topic).id
        endpoint = subscription.inputs["pushConfig"]["pushEndpoint"]
        assert endpoint == f"{_uri(program, function)}/events/{topic}"


def test_pushes_carry_the_invokers_token(program: Program) -> None:
    for name, (_, function) in PUSHED.items():
        token = program.one(SUBSCRIPTION, name).inputs["pushConfig"]["oidcToken"]
        assert token["serviceAccountEmail"].startswith(f"{function}-invoker@")
        assert token["audience"] == _uri(program, function)


def test_failures_are_retried_then_kept(program: Program) -> None:
    agent = program.one("gcp:projects/serviceIdentity:ServiceIdentity", "pubsub").outputs["member"]
    may_publish = {
        (member.inputs["topic"], member.inputs["member"])
        for member in program.all(TOPIC_MEMBER)
        if member.inputs["role"] == "roles/pubsub.publisher"
    }
    may_acknowledge = {
        (member.inputs["subscription"], member.inputs["member"])
        for member in program.all(SUBSCRIPTION_MEMBER)
        if member.inputs["role"] == "roles/pubsub.subscriber"
    }
    pulled = {
        found.inputs["topic"]
        for found in program.all(SUBSCRIPTION)
        if "pushConfig" not in found.inputs
    }
    fed = [found for found in program.all(SUBSCRIPTION) if "bigqueryConfig" in found.inputs]
    assert len(fed) == 2
    for subscription in [*_push_subscriptions(program), *fed]:
        dead = program.one(TOPIC, f"{subscription.name}-dead")
        policy = subscription.inputs["deadLetterPolicy"]
        assert policy["deadLetterTopic"] == dead.id
        assert 5 <= policy["maxDeliveryAttempts"] <= 100
        assert subscription.inputs["retryPolicy"].keys() == {"minimumBackoff", "maximumBackoff"}
        assert (dead.id, agent) in may_publish
        assert (subscription.inputs["name"], agent) in may_acknowledge
        assert dead.id in pulled, "without a subscription the dead letters are lost"


def test_subscriptions_do_not_expire(program: Program) -> None:
    for subscription in program.all(SUBSCRIPTION):
        assert subscription.inputs["expirationPolicy"] == {"ttl": ""}


def test_handlers_end_before_they_are_called_again(program: Program) -> None:
    for name, (_, function) in PUSHED.items():
        timeout = program.one(FUNCTION, function).inputs["serviceConfig"]["timeoutSeconds"]
        assert timeout < program.one(SUBSCRIPTION, name).inputs["ackDeadlineSeconds"] <= 600


def test_topics_carry_their_schemas(program: Program) -> None:
    for name in (
        "media-ready",
        "catalog-changed",
        "library-events",
        "person-erased",
        "person-erased-here",
    ):
        topic = program.one(TOPIC, name)
        schema = program.one("gcp:pubsub/schema:Schema", name)
        assert topic.inputs["schemaSettings"] == {"schema": schema.id, "encoding": "JSON"}
        committed = (ROOT / "shared" / "schemas" / f"{name}.avsc").read_text()
        assert schema.inputs["type"] == "AVRO"
        assert json.loads(schema.inputs["definition"]) == json.loads(committed)


def test_uploads_are_announced(program: Program) -> None:
    notification = program.one("gcp:storage/notification:Notification", "uploads-finalised")
    topic = program.one(TOPIC, "uploads-finalised")
    assert notification.inputs["eventTypes"] == ["OBJECT_FINALIZE"]
    assert notification.inputs["payloadFormat"] == "JSON_API_V1"
    assert notification.inputs["topic"] == topic.id
    permission = program.one(TOPIC_MEMBER, "storage-publishes-uploads-finalised")
    assert permission.inputs["topic"] == topic.id
    assert "@gs-project-accounts." in permission.inputs["member"]
    assert permission.urn in notification.depends_on


@pytest.mark.parametrize(
    ("name", "unit", "path"),
    [
        ("media-sweep", "media-events", "/tasks/sweep"),
        ("accounts-tick", "accounts-events", "/tasks/tick"),
        ("library-tick", "library-events", "/tasks/tick"),
        ("playback-tick", "playback-events", "/tasks/tick"),
        ("search-compact", "search-events", "/tasks/compact"),
    ],
)
def test_what_runs_every_ten_minutes(program: Program, name: str, unit: str, path: str) -> None:
    schedule = program.one(SCHEDULE, name)
    target = schedule.inputs["httpTarget"]
    assert schedule.inputs["schedule"] == "*/10 * * * *"
    assert target["httpMethod"] == "POST"
    assert target["uri"] == f"{_uri(program, unit)}{path}"
    assert target["oidcToken"]["serviceAccountEmail"].startswith(f"{unit}-invoker@")


def test_all_who_hold_something_about_people_hear_of_an_erasure(program: Program) -> None:
    variables = program.one(FUNCTION, "accounts-api").inputs["serviceConfig"]
    services = variables["environmentVariables"]["ERASURE_SERVICES"].split(",")
    told = {name for name, (topic, _) in PUSHED.items() if topic == "person-erased"}
    assert told == {f"{service}-on-person-erased" for service in services}
