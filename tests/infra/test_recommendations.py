"""The recommendations' part of the warehouse, and the slots that cost something."""

import json

from emulators.gather import Program

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
    view = program.one(TABLE, "feedback")
    assert ".plays_unique`" in view.inputs["view"]["query"]
    assert ".plays`" not in view.inputs["view"]["query"]
    assert program.one(TABLE, "plays_unique").urn in view.depends_on


def test_it_runs_at_night(program: Program) -> None:
    schedule = program.one(SCHEDULE, "recommendations-nightly").inputs
    assert schedule["schedule"] == "*/5 2-6 * * *"
    assert schedule["httpTarget"]["uri"].endswith("/tasks/nightly")


def test_slots_are_paid_for_in_production_only(lite: Program, production: Program) -> None:
    assert lite.all(RESERVATION) == lite.all(ASSIGNMENT) == []
    [reservation] = production.all(RESERVATION)
    assert reservation.inputs["slotCapacity"] == 0
    assert reservation.inputs["autoscale"]["maxSlots"] > 0
    [assignment] = production.all(ASSIGNMENT)
    assert assignment.inputs["jobType"] == "QUERY"
    assert assignment.inputs["reservation"] == reservation.id
    assert "recommendations-events@" in assignment.inputs["principal"]
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
