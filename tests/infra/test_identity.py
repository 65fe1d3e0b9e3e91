"""Least privilege: who may do what, and who may call whom."""

import re

from emulators.gather import Program, Resource
from tests.infra.programs import FUNCTION, JOB, PUBLIC_APIS, SERVICE, units

INVOKERS = {
    **{
        unit: {f"{unit}-invoker"}
        for unit in (
            "accounts-events",
            "catalog-events",
            "library-events",
            "media-events",
            "playback-events",
            "recommendations-events",
            "search-events",
        )
    },
    "catalog-rpc": {
        "library-api",
        "library-events",
        "playback-api",
        "playback-events",
        "recommendations-api",
        "recommendations-events",
        "search-api",
        "search-events",
    },
    "library-rpc": {"playback-api"},
    "recommendations-rpc": {"catalog-api", "library-api", "library-rpc"},
}
DATABASE_ROLES = {"roles/cloudsql.client", "roles/cloudsql.instanceUser"}
PROJECT_ROLES = {
    "accounts-api": {*DATABASE_ROLES, "cadenzaPeople"},
    "accounts-events": {*DATABASE_ROLES, "cadenzaPeople"},
    "accounts-migrate": DATABASE_ROLES,
    "builder": {"roles/cloudbuild.builds.builder"},
    "catalog-api": {"roles/datastore.user"},
    "catalog-events": {"roles/datastore.user"},
    "catalog-rpc": {"roles/datastore.viewer", "cadenzaOwnSubscriptions"},
    "media-api": {"roles/datastore.user"},
    "media-events": {"roles/datastore.user"},
    "media-job": {"roles/datastore.user"},
    "library-api": {"roles/datastore.user"},
    "library-events": {"roles/datastore.user"},
    "library-rpc": {"roles/datastore.viewer"},
    "playback-api": {"roles/datastore.user"},
    "playback-events": {"roles/bigquery.jobUser", "roles/datastore.user"},
    "playback-push": {"roles/datastore.viewer"},
    "recommendations-api": {"roles/datastore.user"},
    "recommendations-events": {"roles/bigquery.jobUser", "roles/datastore.user"},
    "recommendations-rpc": {"roles/datastore.viewer"},
    "recommendations-training": {"roles/bigquery.jobUser", "roles/datastore.user"},
}


def _members(program: Program) -> list[Resource]:
    return [found for found in program.resources if found.type.lower().endswith("iammember")]


def _account(member: str) -> str:
    return re.sub(r"^serviceAccount:|@.*$", "", member)


def _runs_as(unit: Resource) -> str:
    if unit.type == FUNCTION:
        return str(unit.inputs["serviceConfig"]["serviceAccountEmail"])
    template = unit.inputs["template"]
    if unit.type == JOB:
        template = template["template"]
    return str(template["serviceAccount"])


def test_each_unit_runs_as_its_own_account(program: Program) -> None:
    for unit in units(program):
        assert _runs_as(unit).partition("@")[0] == unit.inputs["name"]


def test_every_role_is_expected(program: Program) -> None:
    """Roles on the whole project are few, listed here, and none is basic."""
    granted: dict[str, set[str]] = {}
    for member in program.all("gcp:projects/iAMMember:IAMMember"):
        role = re.sub(r"^projects/[^/]+/roles/", "", member.inputs["role"])
        granted.setdefault(_account(member.inputs["member"]), set()).add(role)
    assert granted == PROJECT_ROLES


def test_no_role_is_broad(program: Program) -> None:
    for member in _members(program):
        role = member.inputs["role"].rpartition("/")[2]
        assert role not in {"owner", "editor", "viewer"}, member.name
        assert not role.lower().endswith("admin"), member.name


def test_the_public_reaches_the_apis_covers_and_pages_only(program: Program) -> None:
    public = {
        (member.type.rpartition(":")[2], member.inputs.get("name") or member.inputs["bucket"])
        for member in _members(program)
        if member.inputs["member"] in {"allUsers", "allAuthenticatedUsers"}
    }
    open_to_all = {
        program.one("gcp:storage/bucket:Bucket", name).inputs["name"] for name in ("images", "web")
    }
    assert public == {
        *(("ServiceIamMember", unit) for unit in PUBLIC_APIS),
        *(("BucketIAMMember", bucket) for bucket in open_to_all),
    }


def test_the_public_cannot_list_covers(program: Program) -> None:
    member = program.one("gcp:storage/bucketIAMMember:BucketIAMMember", "images-public")
    assert member.inputs["role"] == "roles/storage.legacyObjectReader"


def test_public_apis_are_reached_through_the_load_balancer(program: Program) -> None:
    for function in program.all(FUNCTION):
        public = function.inputs["name"] in PUBLIC_APIS
        expected = "ALLOW_INTERNAL_AND_GCLB" if public else "ALLOW_INTERNAL_ONLY"
        assert function.inputs["serviceConfig"]["ingressSettings"] == expected


def test_others_are_called_by_their_callers_only(program: Program) -> None:
    invokers: dict[str, set[str]] = {}
    for member in program.all("gcp:cloudrunv2/serviceIamMember:ServiceIamMember"):
        assert member.inputs["role"] == "roles/run.invoker"
        name = member.inputs["name"]
        invokers.setdefault(name, set()).add(_account(member.inputs["member"]))
    assert invokers == {
        **{unit: {"allUsers"} for unit in PUBLIC_APIS},
        **INVOKERS,
    }


def test_jobs_are_run_by_their_own_service_only(program: Program) -> None:
    members = program.all("gcp:cloudrunv2/jobIamMember:JobIamMember")
    assert {member.inputs["role"] for member in members} == {"roles/run.jobsExecutorWithOverrides"}
    assert {(_account(m.inputs["member"]), m.inputs["name"]) for m in members} == {
        ("media-events", "media-job"),
        ("recommendations-events", "recommendations-training"),
    }


def test_models_are_kept_by_the_training_only(program: Program) -> None:
    bucket = program.one("gcp:storage/bucket:Bucket", "models").inputs["name"]
    members = program.all("gcp:storage/bucketIAMMember:BucketIAMMember")
    assert {
        (_account(m.inputs["member"]), m.inputs["role"])
        for m in members
        if m.inputs["bucket"] == bucket
    } == {("recommendations-training", "roles/storage.objectUser")}


def test_secrets_are_read_by_the_units_that_declare_them(program: Program) -> None:
    granted = {
        (_account(member.inputs["member"]), member.inputs["secretId"].rpartition("/")[2])
        for member in program.all("gcp:secretmanager/secretIamMember:SecretIamMember")
    }
    assert granted == {
        ("accounts-api", "session-secret"),
        ("accounts-api", "signing-keys"),
        # Fetches, for exports, what the other owners hold, with tokens that it signs.
        ("accounts-events", "signing-keys"),
        ("playback-api", "cdn-signing-key"),
        ("playback-api", "content-key-secret"),
        ("media-job", "content-key-secret"),
    }


def test_permissions_come_before_the_units(program: Program) -> None:
    """Cloud Run refuses a revision whose account cannot read its secrets."""
    grants = {
        member.urn for member in program.all("gcp:secretmanager/secretIamMember:SecretIamMember")
    }
    for unit in [*program.all(FUNCTION), *program.all(SERVICE), *program.all(JOB)]:
        assert grants <= set(unit.depends_on), unit.name


def test_the_custom_role_attaches_nothing(program: Program) -> None:
    role = program.one("gcp:projects/iAMCustomRole:IAMCustomRole", "own-subscriptions")
    assert role.inputs["permissions"] == [
        "pubsub.subscriptions.consume",
        "pubsub.subscriptions.create",
        "pubsub.subscriptions.delete",
    ]
    on_topics = {
        (_account(member.inputs["member"]), member.inputs["topic"].rpartition("/")[2])
        for member in program.all("gcp:pubsub/topicIAMMember:TopicIAMMember")
        if member.inputs["role"] == "roles/pubsub.subscriber"
    }
    assert on_topics == {("catalog-rpc", "catalog-changed")}
