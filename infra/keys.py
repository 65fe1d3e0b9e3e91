"""The platform's own secrets: random values, made once, held by Secret Manager."""

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import secretmanager
from pulumi_random import RandomBytes

from infra.apis import Apis
from infra.settings import Settings

CDN_KEY_NAME = "cadenza-1"
# Cloud CDN takes keys of exactly 128 bits.
_CDN_KEY_BYTES = 16
_CONTENT_SECRET_BYTES = 32


class Keys(ComponentResource):
    """`cdn_signing_key` (base64url) signs cookies and URLs; content keys derive from the other."""

    def __init__(self, settings: Settings, apis: Apis) -> None:
        super().__init__("cadenza:infra:Keys", "keys")
        self._options = ResourceOptions(parent=self, depends_on=[apis], protect=settings.protect)
        cdn_key = RandomBytes("cdn-signing-key", length=_CDN_KEY_BYTES, opts=self._options)
        # Losing this one would make every encrypted track unplayable.
        content = RandomBytes(
            "content-key-secret", length=_CONTENT_SECRET_BYTES, opts=self._options
        )
        self.cdn_signing_key_value: Output[str] = cdn_key.base64.apply(_url_safe)
        self.cdn_signing_key = self._hold("cdn-signing-key", self.cdn_signing_key_value)
        self.content_key_secret = self._hold("content-key-secret", content.base64)
        self.register_outputs({})

    def _hold(self, name: str, value: Output[str]) -> secretmanager.SecretVersion:
        secret = secretmanager.Secret(
            name, secret_id=name, replication={"auto": {}}, opts=self._options
        )
        return secretmanager.SecretVersion(
            name,
            secret=secret.id,
            secret_data=value,
            opts=ResourceOptions(parent=self, protect=self._options.protect),
        )


def secret_id(version: secretmanager.SecretVersion) -> Output[str]:
    """The short name of the secret that a version belongs to."""
    return version.secret.apply(lambda name: name.rsplit("/", 1)[-1])


def _url_safe(base64: str) -> str:
    return base64.replace("+", "-").replace("/", "_")
