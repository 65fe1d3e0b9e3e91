"""The platform's own secrets: made once, held by Secret Manager."""

import base64
import hashlib

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_gcp import kms, secretmanager
from pulumi_random import RandomBytes
from pulumi_tls import PrivateKey

from infra.apis import Apis
from infra.settings import Settings, Signing

CDN_KEY_NAME = "cadenza-1"
# Cloud CDN takes keys of exactly 128 bits.
_CDN_KEY_BYTES = 16
_CONTENT_SECRET_BYTES = 32
_SESSION_SECRET_BYTES = 32
_KID_LENGTH = 22


class Keys(ComponentResource):
    """`cdn_signing_key` (base64url) signs cookies and URLs; content keys derive from another.

    `signing_keys` sign access tokens, unless `signing_key` of Cloud KMS does, with its
    `signing_key_versions`. `session_secret` (base64) signs the forms of our own pages. Those of
    Stripe are None where the stack has no account there.
    """

    def __init__(self, settings: Settings, apis: Apis) -> None:
        super().__init__("cadenza:infra:Keys", "keys")
        self._settings = settings
        self._options = ResourceOptions(parent=self, depends_on=[apis], protect=settings.protect)
        cdn_key = RandomBytes("cdn-signing-key", length=_CDN_KEY_BYTES, opts=self._options)
        # Losing this one would make every encrypted track unplayable.
        content = RandomBytes(
            "content-key-secret", length=_CONTENT_SECRET_BYTES, opts=self._options
        )
        self.cdn_signing_key_value: Output[str] = cdn_key.base64.apply(_url_safe)
        self.cdn_signing_key = self._hold("cdn-signing-key", self.cdn_signing_key_value)
        self.content_key_secret = self._hold("content-key-secret", content.base64)
        session = RandomBytes("session-secret", length=_SESSION_SECRET_BYTES, opts=self._options)
        self.session_secret = self._hold("session-secret", session.base64)
        in_kms = settings.signing is Signing.kms
        self.signing_keys = (
            None if in_kms else self._hold("signing-keys", self._signing_keys(), changes=True)
        )
        self.signing_key = self._signing_key() if in_kms else None
        self.signing_key_versions: Input[str] = (
            "" if self.signing_key is None else self._signing_key_versions(self.signing_key)
        )
        self.stripe_secret_key = self._hold_given("stripe-secret-key", settings.stripe_secret_key)
        self.stripe_webhook_secret = self._hold_given(
            "stripe-webhook-secret", settings.stripe_webhook_secret
        )
        self.register_outputs({})

    def _signing_keys(self) -> Output[str]:
        """JSON of `{"keys": [{"kid", "pem"}, …]}`: the first signs, and all of them verify.

        The next generation's key is published before it signs, so that no verifier meets a key
        that it cannot find; the last one's is kept for the tokens that it signed.
        """
        keys = [
            PrivateKey(
                f"signing-key-{generation}",
                algorithm="ECDSA",
                ecdsa_curve="P256",
                # Unprotected even in production: a key goes when its time is over.
                opts=ResourceOptions(parent=self),
            )
            for generation in self._generations()
        ]
        pems = [(key.public_key_pem, key.private_key_pem_pkcs8) for key in keys]
        return Output.json_dumps(
            {
                "keys": [
                    {"kid": public.apply(key_id), "pem": private.apply(str.strip)}
                    for public, private in pems
                ]
            }
        )

    def _signing_key(self) -> kms.CryptoKey:
        """Its private half never leaves Cloud KMS. Neither ring nor key can ever be deleted."""
        ring = kms.KeyRing(
            "cadenza",
            name="cadenza",
            location="global" if self._settings.is_global else self._settings.region,
            opts=self._options,
        )
        return kms.CryptoKey(
            "signing-key",
            name="signing-key",
            key_ring=ring.id,
            purpose="ASYMMETRIC_SIGN",
            version_template={"algorithm": "EC_SIGN_P256_SHA256"},
            skip_initial_version_creation=True,
            opts=self._options,
        )

    def _signing_key_versions(self, key: kms.CryptoKey) -> Output[str]:
        """Full names with commas, in the order of `_signing_keys`: the first signs."""
        versions = [
            kms.CryptoKeyVersion(
                f"signing-key-{generation}",
                crypto_key=key.id,
                # Unprotected even in production: one that goes is destroyed after 30 days.
                opts=ResourceOptions(parent=self),
            )
            for generation in self._generations()
        ]
        return Output.all(*(version.name for version in versions)).apply(",".join)

    def _generations(self) -> list[int]:
        """The one that signs, the next one, and the last one if there was one."""
        current = self._settings.signing_key_generation
        return [current, current + 1, *([current - 1] if current > 1 else [])]

    def _hold_given(
        self, name: str, value: Output[str] | None
    ) -> secretmanager.SecretVersion | None:
        return None if value is None else self._hold(name, value, changes=True)

    def _hold(
        self, name: str, value: Output[str], *, changes: bool = False
    ) -> secretmanager.SecretVersion:
        """A secret with one version; one that `changes` gets a new version in the old one's place.

        A version that is protected cannot be replaced.
        """
        secret = secretmanager.Secret(
            name, secret_id=name, replication={"auto": {}}, opts=self._options
        )
        return secretmanager.SecretVersion(
            name,
            secret=secret.id,
            secret_data=value,
            opts=ResourceOptions(parent=self, protect=self._options.protect and not changes),
        )


def secret_id(version: secretmanager.SecretVersion) -> Output[str]:
    """The short name of the secret that a version belongs to."""
    return version.secret.apply(lambda name: name.rsplit("/", 1)[-1])


def key_id(public_key_pem: str) -> str:
    """The name of a signing key: a hash of its public half."""
    digest = hashlib.sha256(public_key_pem.strip().encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_KID_LENGTH]


def _url_safe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")
