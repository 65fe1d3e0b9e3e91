"""The platform's secrets: token signing keys that are rotated with overlap, and Stripe's."""

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from emulators.gather import Program, gather
from infra.keys import key_id
from tests.infra.programs import FUNCTION, ROOT, configuration, environment

SECRET_VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"
IDP = "gcp:identityplatform/defaultSupportedIdpConfig:DefaultSupportedIdpConfig"


def _gathered(**settings: object) -> Program:
    name, config = configuration("prod", "lite")
    changes = {f"cadenza:{key}": value for key, value in settings.items()}
    return gather(ROOT / "infra", project=name, stack="prod", config={**config, **changes})


def _keys(program: Program) -> list[dict[str, str]]:
    value = program.one(SECRET_VERSION, "signing-keys").inputs["secretData"]
    keys: list[dict[str, str]] = json.loads(value)["keys"]
    return keys


def _api(program: Program) -> dict[str, Any]:
    return environment(program.one(FUNCTION, "accounts-api"))


def test_keys_are_elliptic_and_named(program: Program) -> None:
    keys = _keys(program)
    assert len({key["kid"] for key in keys}) == len(keys) == 2
    for key in keys:
        assert key.keys() == {"kid", "pem"}
        assert len(key["kid"]) == 22
        imported = ECKey.import_key(key["pem"])
        assert imported.as_dict(private=False)["crv"] == "P-256"


def test_a_rotation_signs_with_a_key_that_was_already_published() -> None:
    before, after = _keys(_gathered()), _keys(_gathered(signing_key_generation=2))
    assert after[0] == before[1]
    assert before[0] in after, "tokens that it signed still hold"
    assert after[1] not in before


def test_tokens_hold_through_one_rotation_and_not_two() -> None:
    first, *_ = _keys(_gathered())
    signing = ECKey.import_key(first["pem"], {"kid": first["kid"]})
    token = jwt.encode({"alg": "ES256", "kid": first["kid"]}, {"sub": "anna"}, signing)

    def verifiers(generation: int) -> KeySet:
        return KeySet(
            [
                ECKey.import_key(key["pem"], {"kid": key["kid"]})
                for key in _keys(_gathered(signing_key_generation=generation))
            ]
        )

    assert jwt.decode(token, verifiers(2), algorithms=["ES256"]).claims == {"sub": "anna"}
    assert first["kid"] not in {key.kid for key in verifiers(3).keys}


def test_a_key_that_was_replaced_can_go() -> None:
    """What is protected cannot be replaced, not even in production."""
    program = _gathered()
    assert program.one(SECRET_VERSION, "signing-keys").protect is False
    assert not any(key.protect for key in program.all("tls:index/privateKey:PrivateKey"))
    assert program.one(SECRET_VERSION, "content-key-secret").protect is True


def test_a_keys_name_is_that_of_its_public_half() -> None:
    assert key_id("PEM") == key_id("\nPEM\n") != key_id("PEN")


def test_without_stripe_its_secrets_are_empty(lite: Program) -> None:
    assert _api(lite)["STRIPE_SECRET_KEY"] == _api(lite)["STRIPE_WEBHOOK_SECRET"] == ""
    assert not any("stripe" in version.name for version in lite.all(SECRET_VERSION))


def test_stripes_secrets_stay_secret() -> None:
    program = _gathered(stripe_secret_key="sk_test", stripe_webhook_secret="whsec_test")
    assert _api(program)["STRIPE_SECRET_KEY"] == "secret:stripe-secret-key"
    assert _api(program)["STRIPE_WEBHOOK_SECRET"] == "secret:stripe-webhook-secret"
    events = environment(program.one(FUNCTION, "accounts-events"))
    assert events["STRIPE_SECRET_KEY"] == "secret:stripe-secret-key"
    readers = {
        (member.inputs["member"].split("@")[0], member.inputs["secretId"].rpartition("/")[2])
        for member in program.all(SECRET_MEMBER)
        if "stripe" in member.inputs["secretId"]
    }
    assert readers == {
        ("serviceAccount:accounts-api", "stripe-secret-key"),
        ("serviceAccount:accounts-api", "stripe-webhook-secret"),
        ("serviceAccount:accounts-events", "stripe-secret-key"),
    }
    for version in program.all(SECRET_VERSION):
        assert "secretData" in version.secret_paths


@pytest.mark.parametrize("configured", [True, False])
def test_google_signs_in_where_it_is_configured(configured: bool) -> None:
    settings = {"google_client_id": "id", "google_client_secret": "s"} if configured else {}
    program = _gathered(**settings)
    declared = program.all(IDP)
    assert [provider.inputs["idpId"] for provider in declared] == ["google.com"] * configured
    assert all("clientSecret" in provider.secret_paths for provider in declared)


def test_people_sign_in_with_e_mail_and_password(program: Program) -> None:
    config = program.one("gcp:identityplatform/config:Config", "sign-in").inputs
    assert config["signIn"]["email"] == {"enabled": True, "passwordRequired": True}
    assert config["signIn"]["allowDuplicateEmails"] is False
    assert "anonymous" not in config["signIn"]
    [domain] = config["authorizedDomains"]
    assert program.exports["public_url"] == f"https://{domain}"


CRYPTO_KEY = "gcp:kms/cryptoKey:CryptoKey"
KEY_VERSION = "gcp:kms/cryptoKeyVersion:CryptoKeyVersion"


def test_keys_lie_in_kms_where_the_stack_says_so() -> None:
    program = _gathered(signing="kms", signing_key_generation=2)
    key = program.one(CRYPTO_KEY, "signing-key")
    assert key.inputs["purpose"] == "ASYMMETRIC_SIGN"
    assert key.inputs["versionTemplate"]["algorithm"] == "EC_SIGN_P256_SHA256"
    assert key.protect is True
    names = {each.name: each.outputs["name"] for each in program.all(KEY_VERSION)}
    # The present one signs, the next one is known already, the last one still holds.
    order = ",".join(names[f"signing-key-{generation}"] for generation in (2, 3, 1))
    for unit in ("accounts-api", "accounts-events"):
        variables = environment(program.one(FUNCTION, unit))
        assert variables["SIGNING_KEY_VERSIONS"] == order
        assert variables["SIGNING_KEYS"] == ""
    assert "signing-keys" not in {version.name for version in program.all(SECRET_VERSION)}
    assert not program.all("tls:index/privateKey:PrivateKey")


def test_only_accounts_signs_with_the_key_in_kms() -> None:
    program = _gathered(signing="kms")
    members = program.all("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
    assert {member.inputs["role"] for member in members} == {"roles/cloudkms.signerVerifier"}
    assert {member.inputs["member"].split("@")[0] for member in members} == {
        "serviceAccount:accounts-api",
        "serviceAccount:accounts-events",
    }


def test_kms_is_asked_for_only_where_it_is_used(program: Program) -> None:
    assert not program.all(CRYPTO_KEY)
    assert not any(
        service.inputs["service"].startswith("cloudkms")
        for service in program.all("gcp:projects/service:Service")
    )
    for unit in ("accounts-api", "accounts-events"):
        assert environment(program.one(FUNCTION, unit))["SIGNING_KEY_VERSIONS"] == ""
