"""Fields of Firestore's documents that are not indexed, or that say when a document may go."""

from pulumi import Resource, ResourceOptions
from pulumi_gcp import firestore

# Collection and field. Indexes of these would be written with every change, and never read.
UNINDEXED = (
    ("listening", "plays"),
    ("play-counts", "days"),
    ("mixes", "mixes"),
    ("mixes", "said"),
    ("popular", "tracks"),
    ("radio", "near"),
    ("related", "artists"),
    ("library-outbox", "tracks"),
)
# Collection and the field that holds the time after which a document is deleted.
EXPIRING = (("listening", "expires_at"),)


def declare_fields(database: firestore.Database, parent: Resource) -> None:
    options = ResourceOptions(parent=parent)
    for collection, field in UNINDEXED:
        firestore.Field(
            f"{collection}-{field}",
            database=database.name,
            collection=collection,
            field=field,
            index_config={"indexes": []},
            opts=options,
        )
    for collection, field in EXPIRING:
        firestore.Field(
            f"{collection}-{field}",
            database=database.name,
            collection=collection,
            field=field,
            index_config={"indexes": []},
            ttl_config={},
            opts=options,
        )
