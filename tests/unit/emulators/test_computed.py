"""What the cloud would add has the forms that Google gives it, and is the same every time."""

import base64

import pytest
from joserfc.jwk import ECKey

from emulators.computed import answers, default_outputs

CONFIG = {"gcp:project": "p", "gcp:region": "r1"}


def test_random_bytes_are_deterministic_and_of_their_length() -> None:
    token = "random:index/randomBytes:RandomBytes"
    first = default_outputs(token, "key", {"length": 16}, CONFIG)
    assert first == default_outputs(token, "key", {"length": 16}, CONFIG)
    assert first != default_outputs(token, "other", {"length": 16}, CONFIG)
    value = base64.b64decode(first["base64"])
    assert len(value) == 16
    assert value.hex() == first["hex"]


def test_keys_are_deterministic_and_elliptic() -> None:
    token = "tls:index/privateKey:PrivateKey"
    first = default_outputs(token, "key", {}, CONFIG)
    assert first == default_outputs(token, "key", {}, CONFIG)
    assert first != default_outputs(token, "other", {}, CONFIG)
    assert ECKey.import_key(first["privateKeyPemPkcs8"]).as_dict(private=False)["crv"] == "P-256"


@pytest.mark.parametrize(
    ("token", "inputs", "resource_id"),
    [
        ("gcp:pubsub/topic:Topic", {"name": "t"}, "projects/p/topics/t"),
        ("gcp:pubsub/topic:Topic", {"project": "q"}, "projects/q/topics/it"),
        ("gcp:cloudrunv2/job:Job", {"location": "r2"}, "projects/p/locations/r2/jobs/it"),
        ("gcp:cloudrunv2/job:Job", {}, "projects/p/locations/r1/jobs/it"),
        ("gcp:something/new:New", {}, "it-id"),
    ],
)
def test_ids(token: str, inputs: dict[str, str], resource_id: str) -> None:
    assert default_outputs(token, "it", inputs, CONFIG)["id"] == resource_id


def test_service_account() -> None:
    outputs = default_outputs(
        "gcp:serviceaccount/account:Account", "it", {"accountId": "api"}, CONFIG
    )
    assert outputs["email"] == "api@p.iam.gserviceaccount.com"
    assert outputs["member"] == "serviceAccount:api@p.iam.gserviceaccount.com"


def test_answers_hold_the_arguments_and_the_project() -> None:
    answer = answers("gcp:organizations/getProject:getProject", {"projectId": "p"}, CONFIG)
    assert answer["projectId"] == "p"
    assert answer["number"].isdigit()


def test_storage_agent() -> None:
    token = "gcp:storage/getProjectServiceAccount:getProjectServiceAccount"
    answer = answers(token, {}, CONFIG)
    assert answer["member"] == f"serviceAccount:{answer['emailAddress']}"
