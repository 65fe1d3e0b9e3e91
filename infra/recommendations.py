"""What the recommendations keep in the warehouse, and the slots that models are trained on."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import bigquery, projects

from infra.apis import Apis
from infra.identity import Accounts
from infra.settings import Settings
from infra.topics import Topics
from infra.warehouse import DATASET, Warehouse

UNIT = "recommendations-events"
TRAINING = "recommendations-training"

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
# What each signal of the ranking weighs: the newest of a name holds. `model` is the deep model that
# it was learned beside, or "".
_BLEND = [
    ("name", "STRING", _REQUIRED),
    ("weight", "FLOAT", _REQUIRED),
    ("learned_at", "TIMESTAMP", _REQUIRED),
    ("model", "STRING", _REQUIRED),
]
# All that speaks for or against a track in somebody's eyes. Heard to its end counts most, skipped
# against it; to save a track is to like it until it is removed.
_LIKINGS = """\
WITH events AS (
  SELECT user_id, track_id, kind, `at` AS liked_at, event_id
  FROM `{dataset}.library_events`
  WHERE user_id NOT IN (SELECT user_id FROM `{dataset}.erased`)
  QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY `at`) = 1
), saves AS (
  SELECT user_id, track_id, kind, liked_at,
    LEAD(liked_at) OVER (PARTITION BY user_id, track_id ORDER BY liked_at, event_id) AS ended_at
  FROM events
  WHERE kind IN ('saved', 'removed')
)
SELECT user_id, track_id, started_at AS liked_at, CAST(NULL AS TIMESTAMP) AS ended_at,
  TRUE AS fades,
  CASE
    WHEN counted AND reason_end = 'finished' THEN 1.0
    WHEN counted THEN 0.6
    WHEN reason_end = 'skipped' THEN -0.4
    ELSE 0.1
  END AS weight
FROM `{dataset}.plays_unique`
WHERE started_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY)
UNION ALL
SELECT user_id, track_id, liked_at, ended_at, FALSE AS fades, 1.0 AS weight
FROM saves WHERE kind = 'saved'
UNION ALL
SELECT user_id, track_id, liked_at, CAST(NULL AS TIMESTAMP) AS ended_at, TRUE AS fades,
  0.6 AS weight
FROM events
WHERE kind = 'added' AND liked_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 730 DAY)
"""
# What somebody thinks of a track by now. What was heard fades with the months.
_FEEDBACK = """\
SELECT user_id, track_id, LN(1 + SUM(weight)) AS rating
FROM (
  SELECT user_id, track_id,
    weight * IF(
      fades, POW(0.5, TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), liked_at, DAY) / 90.0), 1.0
    ) AS weight
  FROM `{dataset}.likings`
  WHERE ended_at IS NULL OR ended_at > CURRENT_TIMESTAMP()
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
        self.dataset = warehouse.qualified
        options = ResourceOptions(parent=self, depends_on=[warehouse])
        warehouse.table("track_facts", _columns(_TRACK_FACTS), clusterings=["track_id"])
        warehouse.table("blend", _columns(_BLEND))
        self.library_events = warehouse.table(
            "library_events", _columns(_LIBRARY_EVENTS), clusterings=["user_id"]
        )
        warehouse.fed_by("library-events", topics.library_events, self.library_events)
        likings = warehouse.view(
            "likings", _LIKINGS, after=[warehouse.plays_unique, self.library_events]
        )
        warehouse.view("feedback", _FEEDBACK, after=[likings])
        # They replace tables and models of their own, and one deletes people's rows.
        for unit in (UNIT, TRAINING):
            member = accounts.of(unit).member
            bigquery.DatasetIamMember(
                f"{unit}-{DATASET}",
                dataset_id=warehouse.dataset.dataset_id,
                role="roles/bigquery.dataEditor",
                member=member,
                opts=options,
            )
            projects.IAMMember(
                f"{unit}-bigquery.jobUser",
                project=settings.project,
                role="roles/bigquery.jobUser",
                member=member,
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
        for unit, name in ((UNIT, "recommendations"), (TRAINING, TRAINING)):
            bigquery.ReservationAssignment(
                name,
                location=location,
                reservation=reservation.id,
                assignee=f"projects/{settings.project}",
                job_type="QUERY",
                # Everybody else's queries are paid for by what they read.
                principal=accounts.of(unit).email.apply(
                    lambda email: (
                        f"principal://iam.googleapis.com/projects/-/serviceAccounts/{email}"
                    )
                ),
                opts=ResourceOptions(parent=self),
            )


def _columns(given: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": type, "mode": mode} for name, type, mode in given]
