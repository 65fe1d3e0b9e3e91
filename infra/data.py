"""Where state lives: the buckets and the Firestore database with its indexes."""

from collections.abc import Sequence

from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import firestore, storage

from infra.apis import Apis
from infra.fields import declare_fields
from infra.settings import Settings

DATABASE = "(default)"

# Collection and fields of each composite index: one for each query that needs more than one field.
INDEXES: dict[str, tuple[str, Sequence[firestore.IndexFieldArgsDict]]] = {
    "albums-of-artist": (
        "albums",
        [
            {"field_path": "groups", "array_config": "CONTAINS"},
            {"field_path": "released.date", "order": "DESCENDING"},
        ],
    ),
    "albums-newest": (
        "albums",
        [
            {"field_path": "listed", "order": "ASCENDING"},
            {"field_path": "released.date", "order": "DESCENDING"},
        ],
    ),
    "tracks-of-artist": (
        "tracks",
        [
            {"field_path": "artist_ids", "array_config": "CONTAINS"},
            {"field_path": "popularity", "order": "DESCENDING"},
        ],
    ),
    "tracks-popular": (
        "tracks",
        [
            {"field_path": "listed", "order": "ASCENDING"},
            {"field_path": "playable", "order": "ASCENDING"},
            {"field_path": "popularity", "order": "DESCENDING"},
        ],
    ),
    "uploads-unfinished": (
        "uploads",
        [
            {"field_path": "status", "order": "ASCENDING"},
            {"field_path": "updated_at", "order": "ASCENDING"},
        ],
    ),
}


class Data(ComponentResource):
    """The buckets, named `{project}-{use}`, and the database."""

    def __init__(self, settings: Settings, apis: Apis) -> None:
        super().__init__("cadenza:infra:Data", "data")
        self._settings = settings
        self._apis = apis
        self.uploads = self._bucket(
            "uploads",
            # Once encoded an upload is not needed; a month leaves time to look into a failure.
            lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"age": 30}}],
            # Browsers send their bytes straight to the bucket's upload session.
            cors=[
                {
                    "origins": [settings.public_url],
                    "methods": ["POST", "PUT"],
                    "response_headers": ["Content-Type", "Content-Range", "Location", "Range"],
                    "max_age_seconds": 3600,
                }
            ],
        )
        self.media = self._bucket("media")
        self.images = self._bucket("images", public=True)
        self.search_index = self._bucket("search-index")
        # The pages: the player and the API's documentation.
        self.web = self._bucket("web", public=True)
        self.backups = self._bucket(
            "backups",
            lifecycle_rules=[
                {
                    "action": {"type": "SetStorageClass", "storage_class": "COLDLINE"},
                    "condition": {"age": 30},
                },
                {"action": {"type": "Delete"}, "condition": {"age": 365}},
            ],
        )
        # What is held about a person, packed for that person to fetch within a few days.
        self.exports = self._bucket(
            "exports",
            lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"age": 7}}],
        )
        # Trained models and what was measured of them; those in service are BigQuery's own copies.
        self.models = self._bucket(
            "models",
            lifecycle_rules=[{"action": {"type": "Delete"}, "condition": {"age": 365}}],
        )
        self.source = self._bucket("source")
        self.database = self._database()
        self.register_outputs({})

    def _bucket(
        self,
        use: str,
        *,
        public: bool = False,
        lifecycle_rules: Sequence[storage.BucketLifecycleRuleArgsDict] = (),
        cors: Sequence[storage.BucketCorArgsDict] = (),
    ) -> storage.Bucket:
        settings = self._settings
        dual_region = (
            storage.BucketCustomPlacementConfigArgs(
                data_locations=[region.upper() for region in settings.bucket_regions]
            )
            if settings.bucket_regions
            else None
        )
        return storage.Bucket(
            use,
            name=f"{settings.project}-{use}",
            location=settings.bucket_location.upper(),
            custom_placement_config=dual_region,
            uniform_bucket_level_access=True,
            public_access_prevention="inherited" if public else "enforced",
            force_destroy=not settings.protect,
            lifecycle_rules=[*lifecycle_rules],
            cors=[*cors],
            opts=ResourceOptions(parent=self, depends_on=[self._apis], protect=settings.protect),
        )

    def _database(self) -> firestore.Database:
        settings = self._settings
        database = firestore.Database(
            "firestore",
            name=DATABASE,
            location_id=settings.firestore_location,
            type="FIRESTORE_NATIVE",
            delete_protection_state=(
                "DELETE_PROTECTION_ENABLED" if settings.protect else "DELETE_PROTECTION_DISABLED"
            ),
            deletion_policy="ABANDON" if settings.protect else "DELETE",
            point_in_time_recovery_enablement=(
                "POINT_IN_TIME_RECOVERY_ENABLED"
                if settings.protect
                else "POINT_IN_TIME_RECOVERY_DISABLED"
            ),
            opts=ResourceOptions(parent=self, depends_on=[self._apis], protect=settings.protect),
        )
        declare_fields(database, self)
        for name, (collection, fields) in INDEXES.items():
            firestore.Index(
                name,
                database=database.name,
                collection=collection,
                fields=[*fields],
                opts=ResourceOptions(parent=self),
            )
        return database
