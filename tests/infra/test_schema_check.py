"""The checker finds the mistakes that it is there for."""

from typing import Any

import pytest
from pulumi.output import UNKNOWN

from emulators.gather import Program, Resource
from tests.infra.schema_check import check_program

SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
VALID: dict[str, Any] = {
    "topic": "projects/p/topics/t",
    "ackDeadlineSeconds": 10,
    "pushConfig": {
        "pushEndpoint": "https://example.com",
        "oidcToken": {"serviceAccountEmail": "a@b"},
    },
    "labels": {"a": "b"},
}


def _mistakes(type_token: str, inputs: dict[str, Any]) -> list[str]:
    resource = Resource(
        type=type_token,
        name="it",
        inputs=inputs,
        outputs={},
        id="",
        urn="",
        parent="",
        protect=False,
        depends_on=(),
        secret_paths=(),
    )
    return list(check_program(Program(resources=[resource])))


@pytest.mark.usefixtures("lite")  # whose gather loads the package's classes
def test_right_inputs_pass() -> None:
    assert _mistakes(SUBSCRIPTION, VALID) == []
    assert _mistakes(SUBSCRIPTION, {**VALID, "pushConfig": UNKNOWN}) == []


@pytest.mark.usefixtures("lite")
@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"topic": None}, "topic: is required"),
        ({"topics": "t"}, "topics: SubscriptionArgs has no such property"),
        ({"topic": 1}, "topic: 1 where str is declared"),
        ({"ackDeadlineSeconds": "10"}, "ackDeadlineSeconds: '10' where int is declared"),
        ({"ackDeadlineSeconds": True}, "ackDeadlineSeconds: True where int is declared"),
        ({"labels": {"a": 1}}, "labels.a: 1 where str is declared"),
        ({"pushConfig": {}}, "pushConfig.pushEndpoint: is required"),
        ({"pushConfig": "x"}, "pushConfig: 'x' where SubscriptionPushConfigArgs is declared"),
        (
            {"pushConfig": {"pushEndpoint": "x", "oidcToken": {"email": "a"}}},
            "pushConfig.oidcToken.email: SubscriptionPushConfigOidcTokenArgs has no such property",
        ),
    ],
)
def test_mistake_is_found(changes: dict[str, Any], mistake: str) -> None:
    found = _mistakes(SUBSCRIPTION, {**VALID, **changes})
    assert f"Subscription[it].{mistake}" in found


@pytest.mark.usefixtures("lite")
def test_undocumented_value_is_found() -> None:
    [mistake] = _mistakes(
        "gcp:compute/backendBucket:BackendBucket",
        {"bucketName": "b", "cdnPolicy": {"cacheMode": "SOMETIMES"}},
    )
    assert "'SOMETIMES' is not one of" in mistake
