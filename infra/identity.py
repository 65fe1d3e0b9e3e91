"""Who may do what: one service account a unit, and each role with its reason."""

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_gcp import cloudrunv2, projects, pubsub, secretmanager, serviceaccount, storage

from infra.apis import Apis
from infra.data import Data
from infra.keys import Keys
from infra.settings import Settings

UNITS = (
    "accounts-api",
    "accounts-events",
    "accounts-migrate",
    "catalog-api",
    "catalog-events",
    "catalog-rpc",
    "playback-api",
    "media-api",
    "media-events",
    "media-job",
)
# Units that Pub/Sub and Cloud Scheduler call, each as an account that can do nothing else.
PUSHED_UNITS = ("accounts-events", "catalog-events", "media-events")
# Units that sign in to the accounts database; one of them owns its tables.
MIGRATING_UNIT = "accounts-migrate"
DATABASE_UNITS = ("accounts-api", "accounts-events", MIGRATING_UNIT)
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
        *,
        media_ready: pubsub.Topic,
        catalog_changed: pubsub.Topic,
        person_erased: pubsub.Topic,
        person_erased_here: pubsub.Topic,
    ) -> None:
        super().__init__("cadenza:infra:Permissions", "permissions")
        self._settings = settings
        self._accounts = accounts
        self._options = ResourceOptions(parent=self)

        self._of_accounts(data, keys, person_erased)
        # Owners of what is held about people confirm that they erased it.
        for unit in ("catalog-events", "media-events"):
            self._on_topic(unit, "person-erased-here", person_erased_here, "publisher")

        # Both answer from what catalog-events wrote.
        self._on_project("catalog-api", "roles/datastore.viewer")
        self._on_project("catalog-rpc", "roles/datastore.viewer")
        # The only writer of tracks, albums and artists; says so when it has written.
        self._on_project("catalog-events", "roles/datastore.user")
        self._on_topic("catalog-events", "catalog-changed", catalog_changed, "publisher")
        self._cache_invalidation(catalog_changed)

        # playback-api signs for the CDN and derives content keys.
        self._on_secret("playback-api", "cdn-signing-key", keys.cdn_signing_key)
        self._on_secret("playback-api", "content-key-secret", keys.content_key_secret)

        # media-api opens upload sessions; to upload again replaces an object, hence not "creator".
        self._on_project("media-api", "roles/datastore.user")
        self._on_bucket("media-api", "uploads", data.uploads, "roles/storage.objectUser")
        # media-events moves uploads along, repeats a media-ready that was lost, and deletes what
        # was made of the uploads of somebody who is to be forgotten.
        self._on_project("media-events", "roles/datastore.user")
        self._on_bucket("media-events", "uploads", data.uploads, "roles/storage.objectUser")
        self._on_bucket("media-events", "media", data.media, "roles/storage.objectUser")
        self._on_bucket("media-events", "images", data.images, "roles/storage.objectUser")
        self._on_topic("media-events", "media-ready", media_ready, "publisher")
        # media-job reads what came in, writes what goes out (again, if it runs again), tells.
        self._on_project("media-job", "roles/datastore.user")
        self._on_bucket("media-job", "uploads", data.uploads, "roles/storage.objectViewer")
        self._on_bucket("media-job", "media", data.media, "roles/storage.objectUser")
        self._on_bucket("media-job", "images", data.images, "roles/storage.objectUser")
        self._on_topic("media-job", "media-ready", media_ready, "publisher")
        self._on_secret("media-job", "content-key-secret", keys.content_key_secret)

        # Cloud Build runs as the builder: it reads sources, writes images and logs.
        self._on_project(BUILDER, "roles/cloudbuild.builds.builder")
        # Covers are public by address; this role, unlike objectViewer, does not let anyone list.
        storage.BucketIAMMember(
            "images-public",
            bucket=data.images.name,
            role="roles/storage.legacyObjectReader",
            member="allUsers",
            opts=self._options,
        )
        self.register_outputs({})

    def _of_accounts(self, data: Data, keys: Keys, person_erased: pubsub.Topic) -> None:
        for unit in DATABASE_UNITS:
            # To find the instance, and to sign in to it; rights within are the database's own.
            self._on_project(unit, "roles/cloudsql.client")
            self._on_project(unit, "roles/cloudsql.instanceUser")
        self._people()
        # accounts-api tells who is to be erased; accounts-events says it again if it was lost.
        for unit in ("accounts-api", "accounts-events"):
            self._on_topic(unit, "person-erased", person_erased, "publisher")
        # accounts-api packs and hands out exports; accounts-events removes those that expire.
        for unit in ("accounts-api", "accounts-events"):
            self._on_bucket(unit, "exports", data.exports, "roles/storage.objectUser")
        self._on_secret("accounts-api", "signing-keys", keys.signing_keys)
        self._on_secret("accounts-api", "session-secret", keys.session_secret)
        if keys.stripe_secret_key is not None:
            self._on_secret("accounts-api", "stripe-secret-key", keys.stripe_secret_key)
            # accounts-events renews what is due.
            self._on_secret("accounts-events", "stripe-secret-key", keys.stripe_secret_key)
        if keys.stripe_webhook_secret is not None:
            self._on_secret("accounts-api", "stripe-webhook-secret", keys.stripe_webhook_secret)

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
