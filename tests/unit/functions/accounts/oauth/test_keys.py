import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws

from functions.accounts.oauth.keys import SigningKeys
from shared.settings import InvalidSettings
from shared.tokens import KeyCache, Verifier

CLAIMS = {"iss": "i", "aud": "a", "sub": "s", "exp": 9_999_999_999}


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def entry(kid: str) -> dict[str, str]:
    return {"kid": kid, "pem": pem(ec.generate_private_key(ec.SECP256R1()))}


OLD, NEW = entry("old"), entry("new")


def keys(*entries: dict[str, str]) -> SigningKeys:
    return SigningKeys.from_json(json.dumps({"keys": list(entries)}))


async def test_the_newest_signs() -> None:
    token = await keys(NEW, OLD).sign(CLAIMS)

    header = jws.extract_compact(token.encode()).headers()
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": "new"}


def test_all_are_published_without_their_private_half() -> None:
    published = keys(NEW, OLD).jwks()["keys"]

    assert [key["kid"] for key in published] == ["new", "old"]
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"} for key in published)


async def test_a_rotation_overlaps() -> None:
    before, after = keys(OLD), keys(NEW, OLD)
    old_token, new_token = await before.sign(CLAIMS), await after.sign(CLAIMS)
    verifier = Verifier(KeyCache(after.fetch), issuer="i", audience="a")

    assert await after.read(old_token) == CLAIMS
    assert await before.read(new_token) is None
    assert (await verifier.verify(old_token)).subject == "s"
    assert (await verifier.verify(new_token)).subject == "s"


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a.b", "é.b.c", "." * 10])
async def test_reads_nothing_into_other_texts(token: str) -> None:
    assert await keys(NEW).read(token) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"keys": []}',
        '{"keys": [{"kid": "a", "pem": "secret"}]}',
        json.dumps({"keys": [{"pem": OLD["pem"]}]}),
        json.dumps({"keys": [{"kid": "a", "pem": pem(ec.generate_private_key(ec.SECP384R1()))}]}),
        json.dumps({"keys": [{"kid": "a", "pem": pem(rsa.generate_private_key(65537, 2048))}]}),
    ],
)
def test_refuses_to_start_without_keys_and_repeats_none(text: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        SigningKeys.from_json(text)

    assert "secret" not in str(refused.value)
    assert "PRIVATE" not in str(refused.value)
    assert refused.value.__cause__ is None
