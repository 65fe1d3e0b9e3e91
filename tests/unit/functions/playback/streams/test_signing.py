"""Against values worked out by hand from Cloud CDN's documentation."""

import base64
import hashlib
import hmac

from functions.playback.streams.signing import SigningKey, signed_cookie, signed_query

KEY = SigningKey.from_base64("key-1", "nZtRohdNF9m3cKM24IcK4w==")
PREFIX = "https://media.example.com/media/t/1/"
ENCODED = base64.urlsafe_b64encode(PREFIX.encode()).decode()


def signature(policy: str) -> str:
    secret = base64.urlsafe_b64decode("nZtRohdNF9m3cKM24IcK4w==")
    return base64.urlsafe_b64encode(
        hmac.new(secret, policy.encode(), hashlib.sha1).digest()
    ).decode()


def test_a_cookie_joins_its_fields_with_colons() -> None:
    policy = f"URLPrefix={ENCODED}:Expires=1566268009:KeyName=key-1"

    assert signed_cookie(KEY, PREFIX, 1566268009) == f"{policy}:Signature={signature(policy)}"


def test_a_query_joins_its_fields_with_ampersands() -> None:
    policy = f"URLPrefix={ENCODED}&Expires=1566268009&KeyName=key-1"

    assert signed_query(KEY, PREFIX, 1566268009) == f"{policy}&Signature={signature(policy)}"


def test_keys_may_come_without_padding() -> None:
    assert SigningKey.from_base64("key-1", "nZtRohdNF9m3cKM24IcK4w") == KEY
