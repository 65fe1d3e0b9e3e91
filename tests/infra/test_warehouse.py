"""Plays and what people save reach BigQuery by Pub/Sub itself; what does not fit is kept."""

import json

import pytest

from emulators.gather import Program
from tests.infra.programs import ROOT

DATASET = "gcp:bigquery/dataset:Dataset"
DATASET_MEMBER = "gcp:bigquery/datasetIamMember:DatasetIamMember"
TABLE = "gcp:bigquery/table:Table"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
TOPIC = "gcp:pubsub/topic:Topic"
FIELD = "gcp:firestore/field:Field"
# Topics that are written into tables.
FED = {"plays": "plays", "library-events": "library_events"}


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


@pytest.mark.parametrize("topic", FED)
def test_the_tables_take_what_the_topics_carry(program: Program, topic: str) -> None:
    schema = json.loads((ROOT / "shared" / "schemas" / f"{topic}.avsc").read_text())
    columns = json.loads(program.one(TABLE, FED[topic]).inputs["schema"])
    assert [column["name"] for column in columns] == [field["name"] for field in schema["fields"]]
    assert {column["mode"] for column in columns} == {"REQUIRED"}
    settings = program.one(TOPIC, topic).inputs["schemaSettings"]
    assert settings["schema"] == program.one("gcp:pubsub/schema:Schema", topic).id


@pytest.mark.parametrize("topic", FED)
def test_pubsub_writes_them(program: Program, topic: str) -> None:
    subscription = program.one(SUBSCRIPTION, f"{topic}-to-bigquery").inputs
    config = subscription["bigqueryConfig"]
    project, dataset, table = config["table"].split(".")
    assert subscription["topic"] == program.one(TOPIC, topic).id
    assert (dataset, table) == (program.one(DATASET, "warehouse").inputs["datasetId"], FED[topic])
    assert project in program.one(TABLE, "plays_unique").inputs["view"]["query"]
    assert config["useTopicSchema"] is True
    assert config["dropUnknownFields"] is False


@pytest.mark.parametrize("topic", FED)
def test_what_does_not_fit_is_kept(program: Program, topic: str) -> None:
    subscription = program.one(SUBSCRIPTION, f"{topic}-to-bigquery")
    table = program.one(TABLE, FED[topic])
    dead = program.one(TOPIC, f"{topic}-to-bigquery-dead")
    assert subscription.inputs["deadLetterPolicy"]["deadLetterTopic"] == dead.id
    kept = program.one(SUBSCRIPTION, f"{topic}-to-bigquery-dead")
    assert kept.inputs["topic"] == dead.id
    assert {kept.urn, table.urn} <= set(subscription.depends_on)


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
        "serviceAccount:recommendations-training",
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
