"""The recommendations' part of the warehouse, and the slots that cost something."""

import json

from emulators.gather import Program
from functions.recommendations.features import statements
from functions.recommendations.models.signals import HALF_LIFE_DAYS

TABLE = "gcp:bigquery/table:Table"
SCHEDULE = "gcp:cloudscheduler/job:Job"
RESERVATION = "gcp:bigquery/reservation:Reservation"
ASSIGNMENT = "gcp:bigquery/reservationAssignment:ReservationAssignment"


def test_tracks_come_with_their_vectors(program: Program) -> None:
    facts = program.one(TABLE, "track_facts").inputs
    columns = {column["name"]: column for column in json.loads(facts["schema"])}
    assert columns["embedding"] == {"name": "embedding", "type": "FLOAT", "mode": "REPEATED"}
    assert facts["clusterings"] == ["track_id"]


def test_feedback_leaves_out_who_was_erased(program: Program) -> None:
    likings = program.one(TABLE, "likings")
    query = likings.inputs["view"]["query"]
    assert ".plays_unique`" in query
    assert ".plays`" not in query
    assert ".erased`" in query.partition("library_events")[2]
    for name in ("plays_unique", "library_events"):
        assert program.one(TABLE, name).urn in likings.depends_on
    feedback = program.one(TABLE, "feedback")
    assert feedback.inputs["view"]["query"].count("FROM `") == 1
    assert likings.urn in feedback.depends_on


def test_what_was_liked_fades_as_the_statements_have_it(program: Program) -> None:
    query = program.one(TABLE, "feedback").inputs["view"]["query"]
    assert f"/ {HALF_LIFE_DAYS})" in query
    # The past is made by a statement of its own, and has to be the same.
    [past, *_] = statements.past("d", suffix="_past", until="CURRENT_TIMESTAMP()")
    for part in ("LN(1 + SUM(weight)) AS rating", "HAVING SUM(weight) > 0.02"):
        assert part in query
        assert part in past


def test_weights_and_saves_have_tables(program: Program) -> None:
    for table, names in (
        ("blend", ["name", "weight", "learned_at", "model"]),
        ("library_events", ["event_id", "user_id", "track_id", "kind", "at"]),
    ):
        columns = json.loads(program.one(TABLE, table).inputs["schema"])
        assert [column["name"] for column in columns] == names
        assert {column["mode"] for column in columns} == {"REQUIRED"}


def test_it_runs_at_night(program: Program) -> None:
    schedule = program.one(SCHEDULE, "recommendations-nightly").inputs
    assert schedule["schedule"] == "*/5 2-6 * * *"
    assert schedule["httpTarget"]["uri"].endswith("/tasks/nightly")


def test_a_deep_model_is_trained_once_a_week(program: Program) -> None:
    schedule = program.one(SCHEDULE, "recommendations-train").inputs
    assert schedule["schedule"] == "30 7 * * 0"
    assert schedule["httpTarget"]["uri"].endswith("/tasks/train")
    job = program.one("gcp:cloudrunv2/job:Job", "recommendations-training").inputs
    [container] = job["template"]["template"]["containers"]
    assert container["commands"] == ["python", "-m", "functions.recommendations.training"]


def test_slots_are_paid_for_in_production_only(lite: Program, production: Program) -> None:
    assert lite.all(RESERVATION) == lite.all(ASSIGNMENT) == []
    [reservation] = production.all(RESERVATION)
    assert reservation.inputs["slotCapacity"] == 0
    assert reservation.inputs["autoscale"]["maxSlots"] > 0
    assignments = production.all(ASSIGNMENT)
    for assignment in assignments:
        assert assignment.inputs["jobType"] == "QUERY"
        assert assignment.inputs["reservation"] == reservation.id
    accounts = [each.inputs["principal"].rpartition("/")[2] for each in assignments]
    assert sorted(account.partition("@")[0] for account in accounts) == [
        "recommendations-events",
        "recommendations-training",
    ]
    dataset = production.one("gcp:bigquery/dataset:Dataset", "warehouse")
    assert reservation.inputs["location"] == dataset.inputs["location"]


def test_mixes_are_not_indexed_through(program: Program) -> None:
    fields = {
        (each.inputs["collection"], each.inputs["field"]): each.inputs["indexConfig"]
        for each in program.all("gcp:firestore/field:Field")
    }
    for collection, field in (
        ("mixes", "mixes"),
        ("mixes", "said"),
        ("popular", "tracks"),
        ("radio", "near"),
        ("related", "artists"),
    ):
        assert fields[collection, field] == {"indexes": []}
