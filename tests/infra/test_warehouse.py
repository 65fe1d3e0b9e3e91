"""Plays reach BigQuery by Pub/Sub itself, and what does not fit is kept."""

import json

from emulators.gather import Program
from tests.infra.programs import ROOT

DATASET = "gcp:bigquery/dataset:Dataset"
DATASET_MEMBER = "gcp:bigquery/datasetIamMember:DatasetIamMember"
TABLE = "gcp:bigquery/table:Table"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
TOPIC = "gcp:pubsub/topic:Topic"
FIELD = "gcp:firestore/field:Field"


def test_the_table_takes_every_field_of_the_topics_schema(program: Program) -> None:
    schema = json.loads((ROOT / "shared" / "schemas" / "plays.avsc").read_text())
    columns = json.loads(program.one(TABLE, "plays").inputs["schema"])

    assert [column["name"] for column in columns] == [field["name"] for field in schema["fields"]]
    types = {column["name"]: column["type"] for column in columns}
    assert types["started_at"] == types["received_at"] == "TIMESTAMP"
    assert types["ms_played"] == "INTEGER"
    assert types["counted"] == "BOOLEAN"


def test_plays_are_partitioned_and_clustered(program: Program) -> None:
    plays = program.one(TABLE, "plays").inputs
    assert plays["timePartitioning"] == {"type": "DAY", "field": "started_at"}
    assert plays["clusterings"] == ["track_id", "user_id"]


def test_pubsub_writes_them(program: Program) -> None:
    subscription = program.one(SUBSCRIPTION, "plays-to-bigquery").inputs
    config = subscription["bigqueryConfig"]
    project, dataset, table = config["table"].split(".")
    assert subscription["topic"] == program.one(TOPIC, "plays").id
    assert (dataset, table) == (program.one(DATASET, "warehouse").inputs["datasetId"], "plays")
    assert project in program.one(TABLE, "plays_unique").inputs["view"]["query"]
    assert config["useTopicSchema"] is True
    assert config["dropUnknownFields"] is False


def test_what_does_not_fit_is_kept(program: Program) -> None:
    subscription = program.one(SUBSCRIPTION, "plays-to-bigquery").inputs
    dead = program.one(TOPIC, "plays-to-bigquery-dead")
    assert subscription["deadLetterPolicy"]["deadLetterTopic"] == dead.id
    assert program.one(SUBSCRIPTION, "plays-to-bigquery-dead").inputs["topic"] == dead.id


def test_who_may_write(program: Program) -> None:
    agent = program.one("gcp:projects/serviceIdentity:ServiceIdentity", "pubsub").outputs["member"]
    editors = {
        member.inputs["member"]
        for member in program.all(DATASET_MEMBER)
        if member.inputs["role"] == "roles/bigquery.dataEditor"
    }
    assert agent in editors
    assert {member.partition("@")[0] for member in editors - {agent}} == {
        "serviceAccount:playback-events",
        "serviceAccount:recommendations-events",
    }


def test_the_warehouse_outlives_mistakes_in_production(production: Program) -> None:
    dataset = production.one(DATASET, "warehouse")
    assert dataset.protect
    assert dataset.inputs["deleteContentsOnDestroy"] is False
    assert production.one(TABLE, "plays").inputs["deletionProtection"] is True


def test_documents_of_plays_are_not_indexed_through_and_expire(program: Program) -> None:
    fields = {
        (each.inputs["collection"], each.inputs["field"]): each.inputs
        for each in program.all(FIELD)
    }
    assert fields["listening", "plays"]["indexConfig"] == {"indexes": []}
    assert fields["play-counts", "days"]["indexConfig"] == {"indexes": []}
    assert "ttlConfig" in fields["listening", "expires_at"]
