"""The environment of each unit: what its code reads, no more and no less."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi import Input
from pulumi_gcp import pubsub, secretmanager

from infra.data import Data
from infra.keys import CDN_KEY_NAME, Keys, secret_id
from infra.limits import (
    CACHE_TTL_S,
    MAX_ATTEMPTS,
    MAX_DURATION_S,
    MAX_UPLOAD_BYTES,
    STALE_AFTER_S,
    STREAM_TTL_S,
)
from infra.settings import Settings


@dataclass(frozen=True)
class Environment:
    """Plain values and secrets, by the variable's name."""

    values: Mapping[str, Input[str]]
    secrets: Mapping[str, secretmanager.SecretVersion] = field(default_factory=dict)

    def for_container(self) -> list[Any]:
        """As `envs` of a Cloud Run container."""
        values = [{"name": name, "value": value} for name, value in self.values.items()]
        secrets = [
            {
                "name": name,
                "value_source": {
                    "secret_key_ref": {"secret": secret_id(version), "version": version.version}
                },
            }
            for name, version in self.secrets.items()
        ]
        return [*values, *secrets]


class Environments:
    """One method a unit. Their names are those of the units."""

    def __init__(
        self,
        settings: Settings,
        data: Data,
        keys: Keys,
        *,
        media_ready: pubsub.Topic,
        catalog_changed: pubsub.Topic,
    ) -> None:
        self._data = data
        self._keys = keys
        self._media_ready = media_ready
        self._catalog_changed = catalog_changed
        self._common: dict[str, Input[str]] = {
            "GOOGLE_CLOUD_PROJECT": settings.project,
            "LOG_LEVEL": settings.log_level,
        }
        self._tokens: dict[str, Input[str]] = {
            "PUBLIC_URL": settings.public_url,
            "TOKEN_ISSUER": settings.token_issuer,
            "TOKEN_AUDIENCE": settings.token_audience,
            "JWKS_URL": settings.jwks_url,
        }
        self._database: dict[str, Input[str]] = {"FIRESTORE_DATABASE": data.database.name}

    def catalog_api(self) -> Environment:
        return Environment({**self._common, **self._tokens, **self._database})

    def catalog_events(self) -> Environment:
        return Environment(
            {
                **self._common,
                **self._database,
                "CATALOG_CHANGED_TOPIC": self._catalog_changed.id,
            }
        )

    def catalog_rpc(self) -> Environment:
        return Environment(
            {
                **self._common,
                **self._database,
                "CATALOG_CHANGED_TOPIC": self._catalog_changed.id,
                "CACHE_TTL_S": str(CACHE_TTL_S),
            }
        )

    def playback_api(self, catalog_rpc_url: Input[str]) -> Environment:
        return Environment(
            {
                **self._common,
                **self._tokens,
                "CATALOG_RPC_URL": catalog_rpc_url,
                "CDN_KEY_NAME": CDN_KEY_NAME,
                "STREAM_TTL_S": str(STREAM_TTL_S),
            },
            {
                "CDN_SIGNING_KEY": self._keys.cdn_signing_key,
                "CONTENT_KEY_SECRET": self._keys.content_key_secret,
            },
        )

    def media_api(self) -> Environment:
        return Environment(
            {
                **self._common,
                **self._tokens,
                **self._database,
                "UPLOADS_BUCKET": self._data.uploads.name,
                "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
            }
        )

    def media_events(self, media_job: Input[str]) -> Environment:
        return Environment(
            {
                **self._common,
                **self._database,
                "MEDIA_JOB": media_job,
                "MEDIA_READY_TOPIC": self._media_ready.id,
                "STALE_AFTER_S": str(STALE_AFTER_S),
                "MAX_ATTEMPTS": str(MAX_ATTEMPTS),
            }
        )

    def media_job(self) -> Environment:
        return Environment(
            {
                **self._common,
                **self._database,
                "UPLOADS_BUCKET": self._data.uploads.name,
                "MEDIA_BUCKET": self._data.media.name,
                "IMAGES_BUCKET": self._data.images.name,
                "MEDIA_READY_TOPIC": self._media_ready.id,
                "MAX_DURATION_S": str(MAX_DURATION_S),
            },
            {"CONTENT_KEY_SECRET": self._keys.content_key_secret},
        )
