"""Who may do what: one service account a unit, and each role with its reason."""

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_gcp import cloudrunv2, kms, projects, pubsub, secretmanager, serviceaccount, storage

from infra.apis import Apis
from infra.data import Data
from infra.keys import Keys
from infra.settings import Settings
from infra.topics import Topics

UNITS = (
    "accounts-api",
    "accounts-events",
    "accounts-migrate",
    "catalog-api",
    "catalog-events",
    "catalog-rpc",
    "library-api",
    "library-events",
    "library-rpc",
    "media-api",
    "media-events",
    "media-job",
    "playback-api",
    "playback-events",
    "playback-push",
    "recommendations-api",
    "recommendations-events",
    "recommendations-rpc",
    "recommendations-training",
    "search-api",
    "search-events",
)
# Units that Pub/Sub and Cloud Scheduler call, each as an account that can do nothing else.
PUSHED_UNITS = (
    "accounts-events",
    "catalog-events",
    "library-events",
    "media-events",
    "playback-events",
    "recommendations-events",
    "search-events",
)
# Units that sign in to the accounts database; one of them owns its tables.
MIGRATING_UNIT = "accounts-migrate"
DATABASE_UNITS = ("accounts-api", "accounts-events", MIGRATING_UNIT)
# Builds the search index, which takes its time.
INDEXING_UNIT = "search-events"
BUILDER = "builder"


class Accounts(ComponentResource):
    """The service accounts."""

    def __init__(self, apis: Apis) -> None:
        super().__init__("cadenza:infra:Accounts", "accounts")
        names = [*UNITS, *(f"{unit}-invoker" for unit in PUSHED_UNITS), BUILDER]
        self._by_name = {
            name: serviceaccount.Account(
                name,
                account_id=name,
                display_name=f"Cadenza {name}",
                opts=ResourceOptions(parent=self, depends_on=[apis]),
            )
            for name in names
        }
        self.register_outputs({})

    def of(self, name: str) -> serviceaccount.Account:
        """The account that a unit runs as, or the builder's."""
        return self._by_name[name]

    def invoker_of(self, unit: str) -> serviceaccount.Account:
        """The account that calls a pushed unit."""
        return self._by_name[f"{unit}-invoker"]


class Permissions(ComponentResource):
    """What the units may do with data. Deploying a unit depends on it: Cloud Run checks secrets."""

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        data: Data,
        keys: Keys,
        topics: Topics,
    ) -> None:
        super().__init__("cadenza:infra:Permissions", "permissions")
        self._settings = settings
        self._accounts = accounts
        self._options = ResourceOptions(parent=self)

        self._of_accounts(data, keys, topics)
        # Owners of what is held about people confirm that they erased it.
        for unit in PUSHED_UNITS:
            if unit != "accounts-events":
                self._on_topic(unit, "person-erased-here", topics.person_erased_here, "publisher")
        self._of_catalog(data, topics)
        self._of_library(data, topics)
        self._of_search(data)
        self._of_playback(keys, topics)
        self._of_recommendations(data)
        self._of_media(data, keys, topics)

        # Cloud Build runs as the builder: it reads sources, writes images and logs.
        self._on_project(BUILDER, "roles/cloudbuild.builds.builder")
        # Covers and pages are public by address; this role, unlike objectViewer, lists nothing.
        for name, bucket in (("images", data.images), ("web", data.web)):
            storage.BucketIAMMember(
                f"{name}-public",
                bucket=bucket.name,
                role="roles/storage.legacyObjectReader",
                member="allUsers",
                opts=self._options,
            )
        self.register_outputs({})

    def _of_catalog(self, data: Data, topics: Topics) -> None:
        # catalog-api takes owners' edits and imports, catalog-events what was encoded; both say
        # so. catalog-rpc answers from what they wrote.
        for unit in ("catalog-api", "catalog-events"):
            self._on_project(unit, "roles/datastore.user")
            self._on_topic(unit, "catalog-changed", topics.catalog_changed, "publisher")
        self._on_project("catalog-rpc", "roles/datastore.viewer")
        # What was measured of each track lies beside its media.
        self._on_bucket("catalog-api", "media", data.media, "roles/storage.objectViewer")
        self._cache_invalidation(topics.catalog_changed)

    def _of_library(self, data: Data, topics: Topics) -> None:
        # library-events forgets people and publishes again what was lost; covers come and go.
        for unit in ("library-api", "library-events"):
            self._on_project(unit, "roles/datastore.user")
            self._on_topic(unit, "library-events", topics.library_events, "publisher")
            self._on_topic(unit, "playlist-changed", topics.playlist_changed, "publisher")
            self._on_bucket(unit, "images", data.images, "roles/storage.objectUser")
        self._on_project("library-rpc", "roles/datastore.viewer")

    def _of_search(self, data: Data) -> None:
        # search-events writes the index's generations, and deletes those of long ago.
        self._on_bucket(
            "search-api", "search-index", data.search_index, "roles/storage.objectViewer"
        )
        self._on_bucket(
            "search-events", "search-index", data.search_index, "roles/storage.objectUser"
        )

    def _of_playback(self, keys: Keys, topics: Topics) -> None:
        # playback-api signs for the CDN, derives content keys, and takes reports of plays.
        self._on_secret("playback-api", "cdn-signing-key", keys.cdn_signing_key)
        self._on_secret("playback-api", "content-key-secret", keys.content_key_secret)
        self._on_topic("playback-api", "plays", topics.plays, "publisher")
        # Players and devices; what was played, and how often.
        self._on_project("playback-api", "roles/datastore.user")
        self._on_project("playback-push", "roles/datastore.viewer")
        self._on_project("playback-events", "roles/datastore.user")
        self._on_topic(
            "playback-events", "popularity-changed", topics.popularity_changed, "publisher"
        )

    def _of_recommendations(self, data: Data) -> None:
        # recommendations-api notes opinions, recommendations-events writes mixes; what tracks
        # sound like lies beside their media. The warehouse is in infra/recommendations.py.
        self._on_project("recommendations-api", "roles/datastore.user")
        self._on_project("recommendations-events", "roles/datastore.user")
        self._on_project("recommendations-rpc", "roles/datastore.viewer")
        self._on_bucket("recommendations-events", "media", data.media, "roles/storage.objectViewer")
        # recommendations-training notes which deep model is in service, and keeps its files, which
        # BigQuery reads with the rights of whoever imports them.
        self._on_project("recommendations-training", "roles/datastore.user")
        self._on_bucket(
            "recommendations-training", "models", data.models, "roles/storage.objectUser"
        )

    def _of_media(self, data: Data, keys: Keys, topics: Topics) -> None:
        # media-api opens upload sessions; to upload again replaces an object, hence not "creator".
        self._on_project("media-api", "roles/datastore.user")
        self._on_bucket("media-api", "uploads", data.uploads, "roles/storage.objectUser")
        # media-events moves uploads along, repeats a media-ready that was lost, and deletes what
        # was made of the uploads of somebody who is to be forgotten.
        self._on_project("media-events", "roles/datastore.user")
        self._on_bucket("media-events", "uploads", data.uploads, "roles/storage.objectUser")
        self._on_bucket("media-events", "media", data.media, "roles/storage.objectUser")
        self._on_bucket("media-events", "images", data.images, "roles/storage.objectUser")
        self._on_topic("media-events", "media-ready", topics.media_ready, "publisher")
        # media-job reads what came in, writes what goes out (again, if it runs again), tells.
        self._on_project("media-job", "roles/datastore.user")
        self._on_bucket("media-job", "uploads", data.uploads, "roles/storage.objectViewer")
        self._on_bucket("media-job", "media", data.media, "roles/storage.objectUser")
        self._on_bucket("media-job", "images", data.images, "roles/storage.objectUser")
        self._on_topic("media-job", "media-ready", topics.media_ready, "publisher")
        self._on_secret("media-job", "content-key-secret", keys.content_key_secret)

    def _of_accounts(self, data: Data, keys: Keys, topics: Topics) -> None:
        for unit in DATABASE_UNITS:
            # To find the instance, and to sign in to it; rights within are the database's own.
            self._on_project(unit, "roles/cloudsql.client")
            self._on_project(unit, "roles/cloudsql.instanceUser")
        self._people()
        # accounts-api tells who is to be erased; accounts-events says it again if it was lost.
        for unit in ("accounts-api", "accounts-events"):
            self._on_topic(unit, "person-erased", topics.person_erased, "publisher")
            self._on_topic(unit, "profile-changed", topics.profile_changed, "publisher")
        # accounts-api packs and hands out exports; accounts-events packs those that were left
        # undone, and removes those that expire.
        for unit in ("accounts-api", "accounts-events"):
            self._on_bucket(unit, "exports", data.exports, "roles/storage.objectUser")
            # To read what the other owners hold about a person, with a token of a few minutes.
            self._may_sign(unit, keys)
        self._on_secret("accounts-api", "session-secret", keys.session_secret)
        if keys.stripe_secret_key is not None:
            self._on_secret("accounts-api", "stripe-secret-key", keys.stripe_secret_key)
            # accounts-events renews what is due.
            self._on_secret("accounts-events", "stripe-secret-key", keys.stripe_secret_key)
        if keys.stripe_webhook_secret is not None:
            self._on_secret("accounts-api", "stripe-webhook-secret", keys.stripe_webhook_secret)

    def _may_sign(self, unit: str, keys: Keys) -> None:
        if keys.signing_keys is not None:
            self._on_secret(unit, "signing-keys", keys.signing_keys)
        if keys.signing_key is not None:
            kms.CryptoKeyIAMMember(
                f"{unit}-signing-key",
                crypto_key_id=keys.signing_key.id,
                # Signs, and reads the public half.
                role="roles/cloudkms.signerVerifier",
                member=self._accounts.of(unit).member,
                opts=self._options,
            )

    def _people(self) -> None:
        """Signing up and in goes through Identity Platform's public API; this is the rest."""
        role = projects.IAMCustomRole(
            "people",
            project=self._settings.project,
            role_id="cadenzaPeople",
            title="Cadenza: people",
            description="Look up, change and delete people in Identity Platform.",
            permissions=[
                "firebaseauth.users.delete",
                "firebaseauth.users.get",
                "firebaseauth.users.update",
            ],
            opts=self._options,
        )
        # accounts-events ends erasures that hung.
        for unit in ("accounts-api", "accounts-events"):
            self._on_project(unit, role.name, name="people")

    def _cache_invalidation(self, catalog_changed: pubsub.Topic) -> None:
        """Each instance of catalog-rpc makes, and at its end deletes, its own subscription."""
        role = projects.IAMCustomRole(
            "own-subscriptions",
            project=self._settings.project,
            role_id="cadenzaOwnSubscriptions",
            title="Cadenza: own subscriptions",
            description="Create, pull from and delete subscriptions, but attach none to a topic.",
            permissions=[
                "pubsub.subscriptions.consume",
                "pubsub.subscriptions.create",
                "pubsub.subscriptions.delete",
            ],
            opts=self._options,
        )
        # Creating is checked on the project; which topic may be attached, on the topic.
        self._on_project("catalog-rpc", role.name, name="own-subscriptions")
        self._on_topic("catalog-rpc", "catalog-changed", catalog_changed, "subscriber")

    def _on_project(self, account: str, role: Input[str], name: str = "") -> None:
        short_name = name or str(role).rpartition("/")[2]
        projects.IAMMember(
            f"{account}-{short_name}",
            project=self._settings.project,
            role=role,
            member=self._accounts.of(account).member,
            opts=self._options,
        )

    def _on_topic(self, account: str, name: str, topic: pubsub.Topic, role: str) -> None:
        pubsub.TopicIAMMember(
            f"{account}-{role}-{name}",
            topic=topic.id,
            role=f"roles/pubsub.{role}",
            member=self._accounts.of(account).member,
            opts=self._options,
        )

    def _on_bucket(self, account: str, name: str, bucket: storage.Bucket, role: str) -> None:
        storage.BucketIAMMember(
            f"{account}-{name}",
            bucket=bucket.name,
            role=role,
            member=self._accounts.of(account).member,
            opts=self._options,
        )

    def _on_secret(self, account: str, name: str, version: secretmanager.SecretVersion) -> None:
        secretmanager.SecretIamMember(
            f"{account}-{name}",
            secret_id=version.secret,
            role="roles/secretmanager.secretAccessor",
            member=self._accounts.of(account).member,
            opts=self._options,
        )


def allow_invoking(
    name: str, *, location: str, service: Input[str], member: Input[str], opts: ResourceOptions
) -> None:
    """Let a member, and nobody else that is not named, call a Cloud Run service or a function."""
    cloudrunv2.ServiceIamMember(
        name,
        location=location,
        name=service,
        role="roles/run.invoker",
        member=member,
        opts=opts,
    )
