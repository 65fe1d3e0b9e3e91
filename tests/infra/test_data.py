"""State is kept safe: protection in production, private buckets, indexes for every query."""

import pytest

from emulators.gather import Program

BUCKET = "gcp:storage/bucket:Bucket"
DATABASE = "gcp:firestore/database:Database"
INDEX = "gcp:firestore/index:Index"

BUCKETS = {
    "uploads", "media", "images", "models", "search-index", "backups", "exports", "source", "web",
}  # fmt: skip
STATEFUL = (
    BUCKET,
    DATABASE,
    "gcp:secretmanager/secret:Secret",
    "gcp:identityplatform/config:Config",
    "gcp:sql/database:Database",
    "gcp:sql/databaseInstance:DatabaseInstance",
    "random:index/randomBytes:RandomBytes",
)


def test_buckets_are_named_after_the_project(program: Program, variant: tuple[str, str]) -> None:
    names = {bucket.inputs["name"] for bucket in program.all(BUCKET)}
    assert names == {f"cadenza-{variant[0]}-{use}" for use in BUCKETS}


def test_buckets_are_private_but_for_covers_and_pages(program: Program) -> None:
    for bucket in program.all(BUCKET):
        assert bucket.inputs["uniformBucketLevelAccess"] is True
        expected = "inherited" if bucket.name in {"images", "web"} else "enforced"
        assert bucket.inputs["publicAccessPrevention"] == expected


def test_global_data_lies_in_two_regions(program: Program, variant: tuple[str, str]) -> None:
    for bucket in program.all(BUCKET):
        if variant[1] == "global":
            placement = bucket.inputs["customPlacementConfig"]
            assert bucket.inputs["location"] == "EU"
            assert placement == {"dataLocations": ["EUROPE-WEST1", "EUROPE-WEST4"]}
        else:
            assert bucket.inputs["location"] == "EUROPE-WEST1"
            assert "customPlacementConfig" not in bucket.inputs
    [database] = program.all(DATABASE)
    expected = "eur3" if variant[1] == "global" else "europe-west1"
    assert database.inputs["locationId"] == expected


def test_uploads_do_not_pile_up(program: Program) -> None:
    [rule] = program.one(BUCKET, "uploads").inputs["lifecycleRules"]
    assert rule["action"] == {"type": "Delete"}


def test_exports_are_gone_after_a_week(program: Program) -> None:
    [rule] = program.one(BUCKET, "exports").inputs["lifecycleRules"]
    assert rule == {"action": {"type": "Delete"}, "condition": {"age": 7}}


@pytest.mark.parametrize("bucket", ["media", "images", "search-index", "source"])
def test_what_is_served_is_never_deleted_by_age(program: Program, bucket: str) -> None:
    assert program.one(BUCKET, bucket).inputs.get("lifecycleRules", []) == []


def test_browsers_may_upload_from_the_platforms_own_pages(program: Program) -> None:
    [rule] = program.one(BUCKET, "uploads").inputs["cors"]
    assert rule["origins"] == [program.exports["public_url"]]
    assert "PUT" in rule["methods"]


def test_production_is_protected(program: Program, variant: tuple[str, str]) -> None:
    production = variant[0] == "prod"
    for resource in program.resources:
        if resource.type in STATEFUL:
            assert resource.protect is production, resource.name
        if "deletionProtection" in resource.inputs:
            assert resource.inputs["deletionProtection"] is production, resource.name
    for bucket in program.all(BUCKET):
        assert bucket.inputs["forceDestroy"] is not production
    [database] = program.all(DATABASE)
    state = "DELETE_PROTECTION_ENABLED" if production else "DELETE_PROTECTION_DISABLED"
    assert database.inputs["deleteProtectionState"] == state


def test_indexes(lite: Program) -> None:
    """The queries of the catalogue's store and shelves and of the media store need these."""
    declared = [
        (
            index.inputs["collection"],
            [
                (field["fieldPath"], field.get("order") or field["arrayConfig"])
                for field in index.inputs["fields"]
            ],
        )
        for index in lite.all(INDEX)
    ]
    assert sorted(declared) == [
        ("albums", [("groups", "CONTAINS"), ("released.date", "DESCENDING")]),
        ("albums", [("listed", "ASCENDING"), ("released.date", "DESCENDING")]),
        ("tracks", [("artist_ids", "CONTAINS"), ("popularity", "DESCENDING")]),
        (
            "tracks",
            [("listed", "ASCENDING"), ("playable", "ASCENDING"), ("popularity", "DESCENDING")],
        ),
        ("uploads", [("status", "ASCENDING"), ("updated_at", "ASCENDING")]),
    ]
