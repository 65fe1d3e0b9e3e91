"""Rules for the whole program: it gathers clean, and says nothing that Google would refuse."""

import re
from typing import Any

import pytest

from emulators.computed import default_outputs
from emulators.gather import Program
from tests.infra.programs import configuration, gathered, texts
from tests.infra.schema_check import check_program, resource_class

UNSET = "<unset "

# Where a name, a duration or a place is given, it has this form.
NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
ACCOUNT_ID = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
SECONDS = re.compile(r"[0-9]+s")
REGION = re.compile(r"[a-z]+-[a-z]+[0-9]{1,2}")
BUCKET_LOCATION = re.compile(r"[A-Z]+-[A-Z]+[0-9]{1,2}|US|EU|ASIA")
WAREHOUSE_LOCATION = re.compile(rf"{REGION.pattern}|US|EU")
FIRESTORE_LOCATION = re.compile(rf"{REGION.pattern}|nam5|eur3")

# Names that Google's own rules shape otherwise.
OTHER_NAMES = {
    "gcp:storage/bucket:Bucket": BUCKET_NAME,
    "gcp:storage/bucketObject:BucketObject": re.compile(
        r"functions/[a-z]+-[0-9a-f]{16}\.zip|[\w.-]+(/[\w.-]+)*\.[a-z0-9]+"
    ),
    "gcp:firestore/database:Database": re.compile(r"\(default\)"),
    "gcp:sql/user:User": re.compile(r"[a-z-]+@[a-z0-9-]+\.iam"),
}
DURATIONS = {
    "messageRetentionDuration",
    "minimumBackoff",
    "maximumBackoff",
    "timeout",
    "attemptDeadline",
    "olderThan",
}
LOCATIONS = {
    "gcp:bigquery/dataset:Dataset": WAREHOUSE_LOCATION,
    "gcp:bigquery/reservation:Reservation": WAREHOUSE_LOCATION,
    "gcp:bigquery/reservationAssignment:ReservationAssignment": WAREHOUSE_LOCATION,
    "gcp:storage/bucket:Bucket": BUCKET_LOCATION,
}


def test_program_fits_the_schema(program: Program) -> None:
    assert list(check_program(program)) == []


def test_preview_fits_the_schema(preview: Program) -> None:
    assert list(check_program(preview)) == []


def test_preview_declares_what_is_deployed(program: Program, preview: Program) -> None:
    assert {resource.urn for resource in preview.resources} == {
        resource.urn for resource in program.resources
    }
    assert program.exports.keys() == preview.exports.keys()


def test_each_resource_is_declared_once(program: Program) -> None:
    urns = [resource.urn for resource in program.resources]
    assert len(set(urns)) == len(urns)


def test_every_resource_belongs_to_a_component(program: Program) -> None:
    loose = [
        resource.name
        for resource in program.resources
        if not resource.type.startswith("cadenza:") and "cadenza:infra:" not in resource.parent
    ]
    assert loose == []


def test_no_output_is_missing_or_formatted(program: Program) -> None:
    for resource in program.resources:
        for path, text in texts(resource.inputs):
            assert "None" not in text, f"{resource.name}{path}"
            assert "Calling __str__" not in text, f"{resource.name}{path}"


def test_every_output_that_is_read_is_computed(variant: tuple[str, str]) -> None:
    """Outputs that the gather does not know are marked; a mark in an input is one that is read."""
    _, config = configuration(*variant)

    def mark_unknown_outputs(type_token: str, name: str, inputs: dict[str, Any]) -> dict[str, str]:
        cls = resource_class(type_token)
        known = {*inputs, *default_outputs(type_token, name, inputs, config)}
        return {
            output: f"{UNSET}{type_token} {output}>"
            for output, kind in _output_types(cls).items()
            if kind is str and output not in known
        }

    marked = gathered(*variant, compute=mark_unknown_outputs)
    found = [
        f"{resource.name}{path}: {text}"
        for resource in marked.resources
        for path, text in texts(resource.inputs)
        if UNSET in text
    ]
    assert found == []
    assert [text for _, text in texts(marked.exports) if UNSET in text] == []


def _output_types(cls: type | None) -> dict[str, Any]:
    from pulumi import _types

    return {} if cls is None else dict(_types.resource_types(cls))


def test_names_have_their_form(program: Program) -> None:
    for resource in program.resources:
        if "name" in resource.inputs and _is_named_by_us(resource.type):
            pattern = OTHER_NAMES.get(resource.type, NAME)
            assert pattern.fullmatch(resource.inputs["name"]), resource
        if "accountId" in resource.inputs:
            assert ACCOUNT_ID.fullmatch(resource.inputs["accountId"]), resource


def _is_named_by_us(type_token: str) -> bool:
    """Permissions, too, have a `name`: that of what they permit."""
    return not type_token.lower().endswith("iammember")


def test_durations_have_their_form(program: Program) -> None:
    for resource in program.resources:
        for path, text in texts(resource.inputs):
            if path.rpartition(".")[2] in DURATIONS:
                assert SECONDS.fullmatch(text), f"{resource.name}{path}: {text}"


def test_locations_have_their_form(program: Program) -> None:
    for resource in program.resources:
        pattern = LOCATIONS.get(resource.type, REGION)
        for key in ("location", "region"):
            if key in resource.inputs:
                assert pattern.fullmatch(resource.inputs[key]), resource
        if "locationId" in resource.inputs:
            assert FIRESTORE_LOCATION.fullmatch(resource.inputs["locationId"]), resource


def test_secrets_stay_secret(program: Program) -> None:
    """A secret's value appears only in inputs that Pulumi keeps encrypted, and in no export."""
    secrets = {
        version.inputs["secretData"]
        for version in program.all("gcp:secretmanager/secretVersion:SecretVersion")
    }
    assert len(secrets) == 4
    for resource in program.resources:
        for path, text in texts(resource.inputs):
            if any(secret in text for secret in secrets):
                assert path.lstrip(".") in resource.secret_paths, f"{resource.name}{path}"
    assert not secrets & {text for _, text in texts(program.exports)}


def test_every_api_in_use_is_enabled(program: Program) -> None:
    enabled = {
        service.inputs["service"].partition(".")[0]
        for service in program.all("gcp:projects/service:Service")
    }
    needed = {
        "artifactregistry": "artifactregistry",
        "bigquery": "bigquery",
        "cloudfunctionsv2": "cloudfunctions",
        "cloudrunv2": "run",
        "cloudscheduler": "cloudscheduler",
        "compute": "compute",
        "firestore": "firestore",
        "identityplatform": "identitytoolkit",
        "pubsub": "pubsub",
        "redis": "redis",
        "secretmanager": "secretmanager",
        "serviceaccount": "iam",
        "servicenetworking": "servicenetworking",
        "sql": "sqladmin",
        "storage": "storage",
    }
    packages = {
        resource.type.split(":")[1].partition("/")[0]
        for resource in program.resources
        if resource.type.startswith("gcp:")
    }
    assert {needed[package] for package in packages & needed.keys()} <= enabled
    assert packages - needed.keys() <= {"projects"}


@pytest.mark.parametrize(
    "export",
    ["public_url", "address", "urls", "buckets", "media_job", "training_job", "accounts_database"],
)
def test_exports(program: Program, export: str) -> None:
    assert program.exports[export]
