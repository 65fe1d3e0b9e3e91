"""Signing with Cloud KMS, played by a key that signs for real."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.api_core.exceptions import FailedPrecondition, NotFound, ServiceUnavailable
from google_crc32c import value as crc32c
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from functions.accounts.oauth.key_choice import keys_of
from functions.accounts.oauth.kms import KEYS_TTL_S, KmsAway, KmsKeys, raw_signature
from shared.settings import InvalidSettings
from shared.tokens import KeyCache, Verifier

CLAIMS = {"iss": "i", "aud": "a", "sub": "s", "exp": 9_999_999_999}
KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions"
OLD, NEW = f"{KEY}/1", f"{KEY}/2"
_NUMBERS = st.integers(min_value=1, max_value=2**256 - 1)


@dataclass
class FakeKms:
    """Answers as Cloud KMS does, for versions that it makes when asked for them."""

    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    is_away: bool = False
    damage: str = ""
    reads: int = 0

    async def asymmetric_sign(self, request: Any, *, timeout: float) -> Any:
        assert timeout > 0
        self._check(request["name"])
        digest = request["digest"]["sha256"]
        assert request["digest_crc32c"] == crc32c(digest)
        signature = self._key(request["name"]).sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        return SimpleNamespace(
            name=OLD if self.damage == "name" else request["name"],
            signature=signature[:-1] + b"x" if self.damage == "signature" else signature,
            signature_crc32c=crc32c(signature),
            verified_digest_crc32c=self.damage != "digest",
        )

    async def get_public_key(self, request: Any, *, timeout: float) -> Any:
        self.reads += 1
        self._check(request["name"])
        public = self._key(request["name"]).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return SimpleNamespace(pem=pem.decode())

    def _check(self, name: str) -> None:
        if self.is_away:
            raise ServiceUnavailable("away")  # type: ignore[no-untyped-call]  # Google's stubs leave it open
        if name in self.disabled:
            raise FailedPrecondition("not enabled")  # type: ignore[no-untyped-call]  # likewise
        if not name.startswith(KEY):
            raise NotFound("no such key")  # type: ignore[no-untyped-call]  # likewise

    def _key(self, name: str) -> ec.EllipticCurvePrivateKey:
        return self.keys.setdefault(name, ec.generate_private_key(ec.SECP256R1()))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kms() -> FakeKms:
    return FakeKms()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def keys(kms: FakeKms, *versions: str, clock: Clock | None = None) -> KmsKeys:
    return KmsKeys(versions, connect=lambda: kms, clock=clock or Clock())


async def test_services_verify_what_kms_signed(kms: FakeKms) -> None:
    signing = keys(kms, NEW, OLD)
    token = await signing.sign(CLAIMS)

    header = jws.extract_compact(token.encode()).headers()
    newest, _ = (await signing.fetch())["keys"]
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": newest["kid"]}
    verifier = Verifier(KeyCache(signing.fetch), issuer="i", audience="a")
    assert (await verifier.verify(token)).subject == "s"
    assert await signing.read(token) == CLAIMS


async def test_a_rotation_overlaps(kms: FakeKms) -> None:
    before, after = keys(kms, OLD, NEW), keys(kms, NEW, OLD)
    old_token, new_token = await before.sign(CLAIMS), await after.sign(CLAIMS)

    for each in (before, after):
        assert await each.read(old_token) == CLAIMS
        assert await each.read(new_token) == CLAIMS
    assert await keys(kms, NEW).read(old_token) is None


async def test_only_public_halves_are_published(kms: FakeKms) -> None:
    for key in (await keys(kms, NEW, OLD).fetch())["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


async def test_a_version_that_is_disabled_verifies_nothing(kms: FakeKms, clock: Clock) -> None:
    signing = keys(kms, NEW, OLD, clock=clock)
    stolen = await keys(kms, OLD).sign(CLAIMS)
    assert await signing.read(stolen) == CLAIMS
    kms.disabled = {OLD}
    clock.now += KEYS_TTL_S

    assert len((await signing.fetch())["keys"]) == 1
    assert await signing.read(stolen) is None
    assert await signing.read(await signing.sign(CLAIMS)) == CLAIMS


async def test_without_its_signing_version_nothing_is_signed(kms: FakeKms) -> None:
    kms.disabled = {NEW}
    with pytest.raises(KmsAway):
        await keys(kms, NEW, OLD).sign(CLAIMS)


async def test_public_keys_are_read_once_in_a_while(kms: FakeKms, clock: Clock) -> None:
    signing = keys(kms, NEW, OLD, clock=clock)
    for _ in range(3):
        await signing.sign(CLAIMS)
        await signing.fetch()
    assert kms.reads == 2
    clock.now += KEYS_TTL_S
    await signing.fetch()
    assert kms.reads == 4


async def test_an_outage_is_503_and_the_known_keys_go_on(kms: FakeKms, clock: Clock) -> None:
    signing = keys(kms, NEW, clock=clock)
    kms.is_away = True
    with pytest.raises(KmsAway) as away:
        await signing.sign(CLAIMS)
    assert (away.value.status, "Retry-After" in away.value.headers) == (503, True)

    kms.is_away = False
    token = await signing.sign(CLAIMS)
    kms.is_away = True
    clock.now += KEYS_TTL_S
    assert await signing.read(token) == CLAIMS
    with pytest.raises(KmsAway):
        await signing.sign(CLAIMS)


@pytest.mark.parametrize("damage", ["name", "signature", "digest"])
async def test_what_was_damaged_on_its_way_is_no_signature(kms: FakeKms, damage: str) -> None:
    kms.damage = damage
    with pytest.raises(KmsAway):
        await keys(kms, NEW).sign(CLAIMS)


@pytest.mark.parametrize("token", ["", "a.b.c", "é.b.c"])
async def test_reads_nothing_into_other_texts(kms: FakeKms, token: str) -> None:
    assert await keys(kms, NEW).read(token) is None


@given(r=_NUMBERS, s=_NUMBERS)
def test_a_signature_is_the_same_two_numbers(r: int, s: int) -> None:
    raw = raw_signature(encode_dss_signature(r, s))

    assert len(raw) == 64
    assert (int.from_bytes(raw[:32]), int.from_bytes(raw[32:])) == (r, s)


@given(text=st.binary(max_size=100))
def test_a_signature_of_a_key_verifies_as_jose_has_it(text: bytes) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    der = private.sign(text, ec.ECDSA(hashes.SHA256()))
    raw = raw_signature(der)

    again = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    private.public_key().verify(again, text, ec.ECDSA(hashes.SHA256()))
    assert decode_dss_signature(again) == decode_dss_signature(der)


def test_where_the_keys_lie() -> None:
    assert isinstance(keys_of(signing_keys="", signing_key_versions=f"{NEW},{OLD}"), KmsKeys)
    with pytest.raises(InvalidSettings):
        keys_of(signing_keys="", signing_key_versions="")
