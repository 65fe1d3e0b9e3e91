"""The warehouse: every play in BigQuery, written there by Pub/Sub itself, and views of them."""

import json
from typing import Any

from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import bigquery, projects, pubsub

from infra.apis import Apis
from infra.dead_letters import DeadLetters
from infra.identity import Accounts
from infra.settings import Settings
from infra.source import read_text
from infra.topics import Topics

DATASET = "warehouse"

_ACK_DEADLINE_S = 60
# The least there is: what is deleted for a person's sake can be brought back for this long.
_TIME_TRAVEL_HOURS = "48"

_COLUMN_OF_AVRO = {
    "boolean": "BOOLEAN",
    "bytes": "BYTES",
    "double": "FLOAT",
    "long": "INTEGER",
    "string": "STRING",
    "timestamp-micros": "TIMESTAMP",
}

# The first report of a play is the one that holds, as for the listener's own history. A play is
# looked for within its day only, so that a query of some days reads no others.
_PLAYS_UNIQUE = """\
SELECT *
FROM `{dataset}.plays`
WHERE user_id NOT IN (SELECT user_id FROM `{dataset}.erased`)
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY TIMESTAMP_TRUNC(started_at, DAY), user_id, play_id
  ORDER BY received_at
) = 1
"""
_PLAYS_BY_DAY = """\
SELECT
  DATE(started_at) AS day,
  country,
  track_id,
  COUNT(*) AS plays,
  COUNT(DISTINCT user_id) AS listeners,
  SUM(ms_played) AS ms_played
FROM `{dataset}.plays_unique`
WHERE counted
GROUP BY day, country, track_id
"""


class Warehouse(ComponentResource):
    """`plays_table` is `project.dataset.table`; what needs it depends on this component."""

    def __init__(self, settings: Settings, apis: Apis, accounts: Accounts, topics: Topics) -> None:
        super().__init__("cadenza:infra:Warehouse", "warehouse")
        self._settings = settings
        self._accounts = accounts
        self._options = ResourceOptions(parent=self, depends_on=[apis])
        self.dataset = bigquery.Dataset(
            DATASET,
            dataset_id=DATASET,
            location=settings.warehouse_location,
            max_time_travel_hours=_TIME_TRAVEL_HOURS,
            delete_contents_on_destroy=not settings.protect,
            opts=ResourceOptions(parent=self, depends_on=[apis], protect=settings.protect),
        )
        self.qualified = f"{settings.project}.{DATASET}"
        self.plays_table = f"{self.qualified}.plays"
        plays = self.table(
            "plays",
            columns_of(read_text("shared/schemas/plays.avsc")),
            time_partitioning={"type": "DAY", "field": "started_at"},
            clusterings=["track_id", "user_id"],
        )
        erased = self.table(
            "erased",
            [
                {"name": "user_id", "type": "STRING", "mode": "REQUIRED"},
                {"name": "erased_at", "type": "TIMESTAMP", "mode": "REQUIRED"},
            ],
        )
        self.plays_unique = self.view("plays_unique", _PLAYS_UNIQUE, after=[plays, erased])
        self.view("plays_by_day", _PLAYS_BY_DAY, after=[self.plays_unique])
        self._pubsub_agent = topics.pubsub_agent
        self._may_write = self._edit("pubsub", topics.pubsub_agent.member)
        self.fed_by("plays", topics.plays, plays)
        # playback-events deletes the rows of somebody who is to be forgotten.
        self._edit("playback-events", accounts.of("playback-events").member)
        projects.IAMMember(
            "playback-events-bigquery.jobUser",
            project=settings.project,
            role="roles/bigquery.jobUser",
            member=accounts.of("playback-events").member,
            opts=self._options,
        )
        self.register_outputs({})

    def table(self, name: str, columns: list[dict[str, str]], **more: Any) -> bigquery.Table:
        """A table of the dataset."""
        settings = self._settings
        return bigquery.Table(
            name,
            dataset_id=self.dataset.dataset_id,
            table_id=name,
            schema=json.dumps(columns),
            deletion_protection=settings.protect,
            opts=ResourceOptions(parent=self, protect=settings.protect),
            **more,
        )

    def view(self, name: str, query: str, *, after: list[bigquery.Table]) -> bigquery.Table:
        """A view of what `after` holds; `{dataset}` in the query is this dataset."""
        return bigquery.Table(
            name,
            dataset_id=self.dataset.dataset_id,
            table_id=name,
            view={"query": query.format(dataset=self.qualified), "use_legacy_sql": False},
            deletion_protection=self._settings.protect,
            opts=ResourceOptions(parent=self, depends_on=after),
        )

    def fed_by(self, name: str, topic: pubsub.Topic, table: bigquery.Table) -> None:
        """`<topic>-to-bigquery`: each message of the topic `name` is a row of the table.

        What does not fit is kept to be looked at.
        """
        name = f"{name}-to-bigquery"
        DeadLetters(name, self._pubsub_agent, self._options).subscription(
            topic,
            ResourceOptions(parent=self, depends_on=[table, self._may_write]),
            bigquery_config={
                "table": table.table_id.apply(lambda id: f"{self.qualified}.{id}"),
                "use_topic_schema": True,
                # A field that the table lacks is a mistake to be seen, not to be dropped.
                "drop_unknown_fields": False,
            },
            ack_deadline_seconds=_ACK_DEADLINE_S,
        )

    def _edit(self, who: str, member: Any) -> bigquery.DatasetIamMember:
        return bigquery.DatasetIamMember(
            f"{who}-{DATASET}",
            dataset_id=self.dataset.dataset_id,
            role="roles/bigquery.dataEditor",
            member=member,
            opts=ResourceOptions(parent=self),
        )


def columns_of(avro: str) -> list[dict[str, str]]:
    """A table's columns for the messages of a topic with this schema."""
    return [
        {"name": field["name"], "type": _column_type(field["type"]), "mode": "REQUIRED"}
        for field in json.loads(avro)["fields"]
    ]


def _column_type(avro: Any) -> str:
    if isinstance(avro, dict):
        avro = avro.get("logicalType", avro["type"])
    return _COLUMN_OF_AVRO[avro]
