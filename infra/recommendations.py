"""What the recommendations keep in the warehouse, and the slots that models are trained on."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import bigquery, projects

from infra.apis import Apis
from infra.identity import Accounts
from infra.settings import Settings
from infra.topics import Topics
from infra.warehouse import DATASET, Warehouse

UNIT = "recommendations-events"

_REQUIRED = "REQUIRED"
_REPEATED = "REPEATED"
# One row for each time that a track changed: the newest holds.
_TRACK_FACTS = [
    ("track_id", "STRING", _REQUIRED),
    ("seen_at", "TIMESTAMP", _REQUIRED),
    ("listed", "BOOLEAN", _REQUIRED),
    ("album_id", "STRING", _REQUIRED),
    ("cover_id", "STRING", _REQUIRED),
    ("release_date", "STRING", _REQUIRED),
    ("explicit", "BOOLEAN", _REQUIRED),
    ("popularity", "INTEGER", _REQUIRED),
    ("artist_ids", "STRING", _REPEATED),
    ("artist_names", "STRING", _REPEATED),
    ("genres", "STRING", _REPEATED),
    ("markets", "STRING", _REPEATED),
    ("embedding", "FLOAT", _REPEATED),
]
# What people do with tracks in their libraries: each row once or more often.
_LIBRARY_EVENTS = [
    ("event_id", "STRING", _REQUIRED),
    ("user_id", "STRING", _REQUIRED),
    ("track_id", "STRING", _REQUIRED),
    ("kind", "STRING", _REQUIRED),
    ("at", "TIMESTAMP", _REQUIRED),
]
# What somebody thinks of a track, as their plays tell it: heard to its end counts most, skipped
# against it, and all of it fades with the months.
_FEEDBACK = """\
SELECT user_id, track_id, LN(1 + SUM(weight)) AS rating
FROM (
  SELECT user_id, track_id,
    CASE
      WHEN counted AND reason_end = 'finished' THEN 1.0
      WHEN counted THEN 0.6
      WHEN reason_end = 'skipped' THEN -0.4
      ELSE 0.1
    END * POW(0.5, TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), started_at, DAY) / 90.0) AS weight
  FROM `{dataset}.plays_unique`
  WHERE started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY)
)
GROUP BY user_id, track_id
HAVING SUM(weight) > 0.02
"""


class Recommendations(ComponentResource):
    """`dataset` is `project.dataset`; what needs it depends on this component."""

    def __init__(
        self,
        settings: Settings,
        apis: Apis,
        accounts: Accounts,
        warehouse: Warehouse,
        topics: Topics,
    ) -> None:
        super().__init__("cadenza:infra:Recommendations", "recommendations")
        self._settings = settings
        self._apis = apis
        self._member = accounts.of(UNIT).member
        self.dataset = warehouse.qualified
        options = ResourceOptions(parent=self, depends_on=[warehouse])
        warehouse.table("track_facts", _columns(_TRACK_FACTS), clusterings=["track_id"])
        self.library_events = warehouse.table(
            "library_events", _columns(_LIBRARY_EVENTS), clusterings=["user_id"]
        )
        warehouse.fed_by("library-events", topics.library_events, self.library_events)
        warehouse.view("feedback", _FEEDBACK, after=[warehouse.plays_unique])
        # It replaces its own tables and models each night, and deletes people's rows.
        bigquery.DatasetIamMember(
            f"{UNIT}-{DATASET}",
            dataset_id=warehouse.dataset.dataset_id,
            role="roles/bigquery.dataEditor",
            member=self._member,
            opts=options,
        )
        projects.IAMMember(
            f"{UNIT}-bigquery.jobUser",
            project=settings.project,
            role="roles/bigquery.jobUser",
            member=self._member,
            opts=ResourceOptions(parent=self, depends_on=[apis]),
        )
        if settings.model_slots:
            self._slots(accounts)
        self.register_outputs({})

    def _slots(self, accounts: Accounts) -> None:
        """Matrix factorisation is refused without a reservation; at rest this one has no slots."""
        settings = self._settings
        location = settings.warehouse_location
        reservation = bigquery.Reservation(
            "recommendations",
            name="recommendations",
            location=location,
            edition="ENTERPRISE",
            slot_capacity=0,
            autoscale={"max_slots": settings.model_slots},
            opts=ResourceOptions(parent=self, depends_on=[self._apis]),
        )
        bigquery.ReservationAssignment(
            "recommendations",
            location=location,
            reservation=reservation.id,
            assignee=f"projects/{settings.project}",
            job_type="QUERY",
            # Everybody else's queries are paid for by what they read.
            principal=accounts.of(UNIT).email.apply(
                lambda email: f"principal://iam.googleapis.com/projects/-/serviceAccounts/{email}"
            ),
            opts=ResourceOptions(parent=self),
        )


def _columns(given: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": type, "mode": mode} for name, type, mode in given]
