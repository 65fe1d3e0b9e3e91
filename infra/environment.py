"""The environment of each unit: what its code reads, no more and no less."""

from collections.abc import Mapping

from pulumi import Input, Output
from pulumi_gcp import secretmanager

from infra.data import Data
from infra.database import Database
from infra.identity import DATABASE_UNITS, MIGRATING_UNIT
from infra.keys import CDN_KEY_NAME, Keys
from infra.limits import (
    CACHE_TTL_S,
    ERASURE_SERVICES,
    LEAST_PLAYS_TO_TRAIN,
    MAX_ATTEMPTS,
    MAX_DURATION_S,
    MAX_UPLOAD_BYTES,
    STALE_AFTER_S,
    STREAM_TTL_S,
)
from infra.memorystore import Memorystore
from infra.settings import Settings
from infra.sign_in import SignIn
from infra.topics import Topics
from infra.variables import Environment


class Environments:
    """One method a unit. Their names are those of the units."""

    def __init__(
        self,
        settings: Settings,
        data: Data,
        keys: Keys,
        *,
        sign_in: SignIn,
        memorystore: Memorystore,
        accounts_database: Database,
        topics: Topics,
    ) -> None:
        self._data = data
        self._keys = keys
        self._sign_in = sign_in
        self._memorystore = memorystore
        self._accounts_database = accounts_database
        self._topics = topics
        self._common: dict[str, Input[str]] = {
            "GOOGLE_CLOUD_PROJECT": settings.project,
            "LOG_LEVEL": settings.log_level,
        }
        self._public_url: dict[str, Input[str]] = {"PUBLIC_URL": settings.public_url}
        self._issuer: dict[str, Input[str]] = {
            "TOKEN_ISSUER": settings.token_issuer,
            "TOKEN_AUDIENCE": settings.token_audience,
            "JWKS_URL": settings.jwks_url,
        }
        self._stored = {**self._common, "FIRESTORE_DATABASE": data.database.name}

    def accounts_api(self, region: str) -> Environment:
        return self._with_given_secrets(
            {
                **self._common,
                **self._tokens(region),
                **self._sign_in_to_database("accounts-api"),
                "SIGNING_KEY_VERSIONS": self._keys.signing_key_versions,
                "FIREBASE_API_KEY": self._sign_in.api_key,
                "GOOGLE_SIGN_IN": self._sign_in.with_google,
                "PERSON_ERASED_TOPIC": self._topics.person_erased.id,
                "PROFILE_CHANGED_TOPIC": self._topics.profile_changed.id,
                "EXPORTS_BUCKET": self._data.exports.name,
                "ERASURE_SERVICES": ",".join(ERASURE_SERVICES),
            },
            {
                "SIGNING_KEYS": self._keys.signing_keys,
                "SESSION_SECRET": self._keys.session_secret,
                "STRIPE_SECRET_KEY": self._keys.stripe_secret_key,
                "STRIPE_WEBHOOK_SECRET": self._keys.stripe_webhook_secret,
            },
        )

    def accounts_events(self) -> Environment:
        return self._with_given_secrets(
            {
                **self._common,
                **self._public_url,
                **self._sign_in_to_database("accounts-events"),
                **{name: self._issuer[name] for name in ("TOKEN_ISSUER", "TOKEN_AUDIENCE")},
                "SIGNING_KEY_VERSIONS": self._keys.signing_key_versions,
                "PERSON_ERASED_TOPIC": self._topics.person_erased.id,
                "PROFILE_CHANGED_TOPIC": self._topics.profile_changed.id,
                "EXPORTS_BUCKET": self._data.exports.name,
                "ERASURE_SERVICES": ",".join(ERASURE_SERVICES),
            },
            {
                "SIGNING_KEYS": self._keys.signing_keys,
                "STRIPE_SECRET_KEY": self._keys.stripe_secret_key,
            },
        )

    def accounts_migrate(self) -> Environment:
        others = [
            self._accounts_database.users[unit].name
            for unit in DATABASE_UNITS
            if unit != MIGRATING_UNIT
        ]
        return Environment(
            {
                **self._common,
                **self._public_url,
                **self._sign_in_to_database(MIGRATING_UNIT),
                "DATABASE_USERS": Output.all(*others).apply(",".join),
            }
        )

    def catalog_api(self, region: str, recommendations_rpc_url: Input[str]) -> Environment:
        return Environment(
            {
                **self._stored,
                **self._tokens(region),
                "CATALOG_CHANGED_TOPIC": self._topics.catalog_changed.id,
                "MEDIA_BUCKET": self._data.media.name,
                "RECOMMENDATIONS_RPC_URL": recommendations_rpc_url,
            }
        )

    def catalog_events(self) -> Environment:
        return Environment(
            {
                **self._stored,
                "CATALOG_CHANGED_TOPIC": self._topics.catalog_changed.id,
                "PERSON_ERASED_HERE_TOPIC": self._topics.person_erased_here.id,
            }
        )

    def catalog_rpc(self) -> Environment:
        return Environment(
            {
                **self._stored,
                "CATALOG_CHANGED_TOPIC": self._topics.catalog_changed.id,
                "CACHE_TTL_S": str(CACHE_TTL_S),
                **self._public_url,
            }
        )

    def library_api(
        self, region: str, *, catalog_rpc_url: Input[str], recommendations_rpc_url: Input[str]
    ) -> Environment:
        return Environment(
            {
                **self._stored,
                **self._tokens(region),
                "CATALOG_RPC_URL": catalog_rpc_url,
                "RECOMMENDATIONS_RPC_URL": recommendations_rpc_url,
                "IMAGES_BUCKET": self._data.images.name,
                "LIBRARY_EVENTS_TOPIC": self._topics.library_events.id,
                "PLAYLIST_CHANGED_TOPIC": self._topics.playlist_changed.id,
            }
        )

    def library_events(self) -> Environment:
        return Environment(
            {
                **self._stored,
                "IMAGES_BUCKET": self._data.images.name,
                "LIBRARY_EVENTS_TOPIC": self._topics.library_events.id,
                "PLAYLIST_CHANGED_TOPIC": self._topics.playlist_changed.id,
                "PERSON_ERASED_HERE_TOPIC": self._topics.person_erased_here.id,
            }
        )

    def library_rpc(self, recommendations_rpc_url: Input[str]) -> Environment:
        return Environment({**self._stored, "RECOMMENDATIONS_RPC_URL": recommendations_rpc_url})

    def search_api(self, region: str, catalog_rpc_url: Input[str]) -> Environment:
        return Environment(
            {
                **self._common,
                **self._tokens(region),
                "CATALOG_RPC_URL": catalog_rpc_url,
                "SEARCH_INDEX_BUCKET": self._data.search_index.name,
            }
        )

    def search_events(self, catalog_rpc_url: Input[str]) -> Environment:
        return Environment(
            {
                **self._common,
                "CATALOG_RPC_URL": catalog_rpc_url,
                "SEARCH_INDEX_BUCKET": self._data.search_index.name,
                "PERSON_ERASED_HERE_TOPIC": self._topics.person_erased_here.id,
            }
        )

    def playback_api(
        self, region: str, *, catalog_rpc_url: Input[str], library_rpc_url: Input[str]
    ) -> Environment:
        return Environment(
            {
                **self._stored,
                **self._tokens(region),
                "CATALOG_RPC_URL": catalog_rpc_url,
                "LIBRARY_RPC_URL": library_rpc_url,
                "PLAYS_TOPIC": self._topics.plays.id,
                "CDN_KEY_NAME": CDN_KEY_NAME,
                "STREAM_TTL_S": str(STREAM_TTL_S),
            },
            {
                "CDN_SIGNING_KEY": self._keys.cdn_signing_key,
                "CONTENT_KEY_SECRET": self._keys.content_key_secret,
            },
        )

    def playback_push(self, region: str) -> Environment:
        return Environment({**self._stored, **self._tokens(region)})

    def playback_events(
        self, *, catalog_rpc_url: Input[str], plays_table: Input[str]
    ) -> Environment:
        return Environment(
            {
                **self._stored,
                "CATALOG_RPC_URL": catalog_rpc_url,
                "PLAYS_TABLE": plays_table,
                "POPULARITY_CHANGED_TOPIC": self._topics.popularity_changed.id,
                "PERSON_ERASED_HERE_TOPIC": self._topics.person_erased_here.id,
            }
        )

    def recommendations_api(self, region: str, catalog_rpc_url: Input[str]) -> Environment:
        return Environment(
            {
                **self._stored,
                **self._tokens(region),
                "CATALOG_RPC_URL": catalog_rpc_url,
            }
        )

    def recommendations_events(
        self, *, catalog_rpc_url: Input[str], warehouse: Input[str], training_job: Input[str]
    ) -> Environment:
        return Environment(
            {
                **self._stored,
                "CATALOG_RPC_URL": catalog_rpc_url,
                "MEDIA_BUCKET": self._data.media.name,
                "WAREHOUSE": warehouse,
                "TRAINING_JOB": training_job,
                "LEAST_PLAYS_TO_TRAIN": str(LEAST_PLAYS_TO_TRAIN),
                "PERSON_ERASED_HERE_TOPIC": self._topics.person_erased_here.id,
            }
        )

    def recommendations_training(self, warehouse: Input[str]) -> Environment:
        return Environment(
            {
                **self._stored,
                "WAREHOUSE": warehouse,
                "MODELS_BUCKET": self._data.models.name,
            }
        )

    def recommendations_rpc(self) -> Environment:
        return Environment(self._stored)

    def media_api(self, region: str) -> Environment:
        return Environment(
            {
                **self._stored,
                **self._tokens(region),
                "UPLOADS_BUCKET": self._data.uploads.name,
                "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
            }
        )

    def media_events(self, media_job: Input[str]) -> Environment:
        return Environment(
            {
                **self._stored,
                "UPLOADS_BUCKET": self._data.uploads.name,
                "MEDIA_BUCKET": self._data.media.name,
                "IMAGES_BUCKET": self._data.images.name,
                "MEDIA_JOB": media_job,
                "MEDIA_READY_TOPIC": self._topics.media_ready.id,
                "PERSON_ERASED_HERE_TOPIC": self._topics.person_erased_here.id,
                "STALE_AFTER_S": str(STALE_AFTER_S),
                "MAX_ATTEMPTS": str(MAX_ATTEMPTS),
            }
        )

    def media_job(self) -> Environment:
        return Environment(
            {
                **self._stored,
                "UPLOADS_BUCKET": self._data.uploads.name,
                "MEDIA_BUCKET": self._data.media.name,
                "IMAGES_BUCKET": self._data.images.name,
                "MEDIA_READY_TOPIC": self._topics.media_ready.id,
                "MAX_DURATION_S": str(MAX_DURATION_S),
            },
            {"CONTENT_KEY_SECRET": self._keys.content_key_secret},
        )

    def _tokens(self, region: str) -> dict[str, Input[str]]:
        """What every public API reads: whose tokens hold, and where calls are counted."""
        return {**self._public_url, **self._issuer, "REDIS_URL": self._memorystore.url(region)}

    def _sign_in_to_database(self, unit: str) -> dict[str, Input[str]]:
        database = self._accounts_database
        return {
            "DATABASE_URL": database.url(unit),
            "CLOUD_SQL_INSTANCE": database.instance.connection_name,
            "DATABASE_USER": database.users[unit].name,
        }

    @staticmethod
    def _with_given_secrets(
        values: Mapping[str, Input[str]],
        secrets: Mapping[str, secretmanager.SecretVersion | None],
    ) -> Environment:
        """A secret that the stack was not given is "": Secret Manager holds no empty ones."""
        given = {name: version for name, version in secrets.items() if version is not None}
        empty = {name: "" for name in secrets if name not in given}
        return Environment({**values, **empty}, given)
