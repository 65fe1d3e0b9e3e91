"""Where the signing keys lie: in Cloud KMS, or in the unit's own environment."""

from functions.accounts.oauth.keys import Keys, SigningKeys


def keys_of(*, signing_keys: str, signing_key_versions: str) -> Keys:
    """Cloud KMS where versions are named; raises `InvalidSettings` for keys that are none."""
    if versions := [name for name in signing_key_versions.split(",") if name]:
        from functions.accounts.oauth.kms import KmsKeys

        return KmsKeys(versions)
    return SigningKeys.from_json(signing_keys)
