import base64
import hmac
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from shared.errors import Unauthorized, Unavailable
from shared.tokens import (
    KEYS_FIRST_RETRY_S,
    KEYS_MIN_AGE_S,
    KEYS_RETRY_S,
    KEYS_TTL_S,
    KeyCache,
    Verifier,
)

ISSUER = "https://music.example"
KEY = ECKey.generate_key("P-256", {"kid": "one"})
OTHER_KEY = ECKey.generate_key("P-256", {"kid": "two"})


def token(key: Any = KEY, kid: str = "one", **claims: object) -> str:
    merged = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "anna",
        "client_id": "app",
        "scope": "streaming upload-read",
        "exp": int(time.time()) + 60,
        **claims,
    }
    kept = {name: value for name, value in merged.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": kid}, kept, key)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Issuer:
    """Publishes keys, or is away."""

    def __init__(self, *keys: ECKey) -> None:
        self.keys = list(keys)
        self.away = False
        self.fetches = 0

    async def fetch(self) -> dict[str, Any]:
        self.fetches += 1
        if self.away:
            raise ConnectionError("away")
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(KEY)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(issuer: Issuer, clock: Clock) -> Verifier:
    return Verifier(KeyCache(issuer.fetch, clock), issuer=ISSUER, audience=ISSUER)


async def test_a_good_token_says_who_calls(verifier: Verifier) -> None:
    caller = await verifier.verify(token())

    assert (caller.subject, caller.client_id) == ("anna", "app")
    assert caller.scopes == {"streaming", "upload-read"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 1},
        {"exp": None},
        {"iss": "https://elsewhere.example"},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"sub": None},
    ],
)
async def test_refuses_claims_that_do_not_hold(verifier: Verifier, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await verifier.verify(token(**claims))


async def test_says_that_a_token_has_expired(verifier: Verifier) -> None:
    with pytest.raises(Unauthorized, match="expired"):
        await verifier.verify(token(exp=int(time.time()) - 1))


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "é.é.é", "..", "a" * 10_000])
async def test_refuses_what_is_no_token(verifier: Verifier, text: str) -> None:
    with pytest.raises(Unauthorized):
        await verifier.verify(text)


async def test_refuses_a_foreign_key_under_a_known_id(verifier: Verifier) -> None:
    with pytest.raises(Unauthorized):
        await verifier.verify(token(OTHER_KEY))


async def test_refuses_other_algorithms(verifier: Verifier) -> None:
    """`none`, and a symmetric signature made with the public key."""
    payload = token().split(".")[1]
    none, hs256 = (_base64(f'{{"alg":"{alg}","kid":"one"}}'.encode()) for alg in ("none", "HS256"))
    mac = hmac.new(KEY.as_pem(private=False), f"{hs256}.{payload}".encode(), "sha256").digest()

    for forged in (f"{none}.{payload}.", f"{hs256}.{payload}.{_base64(mac)}"):
        with pytest.raises(Unauthorized):
            await verifier.verify(forged)


async def test_keys_are_fetched_once_for_many_tokens(verifier: Verifier, issuer: Issuer) -> None:
    for _ in range(5):
        await verifier.verify(token())

    assert issuer.fetches == 1


async def test_a_new_key_is_found_but_not_asked_for_all_the_time(
    verifier: Verifier, issuer: Issuer, clock: Clock
) -> None:
    await verifier.verify(token())
    issuer.keys.append(OTHER_KEY)

    with pytest.raises(Unauthorized):
        await verifier.verify(token(OTHER_KEY, kid="two"))
    clock.now += KEYS_MIN_AGE_S + 1
    caller = await verifier.verify(token(OTHER_KEY, kid="two"))

    assert caller.subject == "anna"
    assert issuer.fetches == 2


async def test_known_keys_hold_while_the_issuer_is_away(
    verifier: Verifier, issuer: Issuer, clock: Clock
) -> None:
    await verifier.verify(token())
    issuer.away = True
    clock.now += KEYS_TTL_S + 1

    assert (await verifier.verify(token())).subject == "anna"


async def test_without_any_keys_the_answer_is_unavailable(
    verifier: Verifier, issuer: Issuer
) -> None:
    issuer.away = True

    with pytest.raises(Unavailable):
        await verifier.verify(token())


async def test_claims_say_more_about_the_caller(verifier: Verifier) -> None:
    plain = await verifier.verify(token())
    claims: dict[str, Any] = {
        "plan": "family",
        "country": "SE",
        "roles": ["listener", "artist"],
        "quota": 7,
        "explicit_filter": True,
    }
    rich = await verifier.verify(token(**claims))

    assert (plain.plan, plain.country, plain.roles, plain.quota) == ("free", "", frozenset(), 0)
    assert (rich.plan, rich.country, rich.quota) == ("family", "SE", 7)
    assert (plain.explicit_filter, rich.explicit_filter) == (False, True)
    assert rich.roles == {"listener", "artist"}


@pytest.mark.parametrize("claims", [{"roles": 5}, {"quota": "many"}, {"quota": [1]}])
async def test_refuses_claims_of_other_types(verifier: Verifier, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        await verifier.verify(token(**claims))


class Decoding:
    """Counts the signatures that are checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._decode = jwt.decode
        monkeypatch.setattr(jwt, "decode", self)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.count += 1
        return self._decode(*arguments, **named)


@pytest.fixture
def decoding(monkeypatch: pytest.MonkeyPatch) -> Decoding:
    return Decoding(monkeypatch)


async def test_a_token_is_checked_once(verifier: Verifier, decoding: Decoding) -> None:
    same = token()

    callers = [await verifier.verify(same) for _ in range(3)]

    assert decoding.count == 1
    assert callers[0] == callers[1] == callers[2]


async def test_one_that_differs_in_its_signature_is_another_token(
    verifier: Verifier, decoding: Decoding
) -> None:
    good = token()
    await verifier.verify(good)
    head, _, signature = good.rpartition(".")
    changed = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]

    with pytest.raises(Unauthorized):
        await verifier.verify(f"{head}.{changed}")


async def test_a_remembered_token_expires(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    expires = int(time.time()) + 60
    short = token(exp=expires)
    await verifier.verify(short)

    monkeypatch.setattr(time, "time", lambda: expires + 1.0)

    with pytest.raises(Unauthorized, match="expired"):
        await verifier.verify(short)


async def test_a_removed_key_takes_its_remembered_tokens_along(
    verifier: Verifier, issuer: Issuer, clock: Clock
) -> None:
    old = token()
    await verifier.verify(old)
    issuer.keys = [OTHER_KEY]
    clock.now += KEYS_TTL_S + 1

    with pytest.raises(Unauthorized):
        await verifier.verify(old)


async def test_another_tokens_new_key_drops_what_was_remembered(
    verifier: Verifier, issuer: Issuer, clock: Clock
) -> None:
    """Keys are fetched early for an unknown key id: what they no longer hold is out at once."""
    old = token()
    await verifier.verify(old)
    issuer.keys = [OTHER_KEY]
    clock.now += KEYS_MIN_AGE_S + 1
    await verifier.verify(token(OTHER_KEY, kid="two"))

    with pytest.raises(Unauthorized):
        await verifier.verify(old)


async def test_the_same_keys_again_drop_nothing(
    verifier: Verifier, issuer: Issuer, clock: Clock, decoding: Decoding
) -> None:
    same = token()
    await verifier.verify(same)
    clock.now += KEYS_TTL_S + 1
    await verifier.verify(same)

    assert (issuer.fetches, decoding.count) == (2, 1)


async def test_remembered_tokens_hold_while_the_issuer_is_away(
    verifier: Verifier, issuer: Issuer, clock: Clock, decoding: Decoding
) -> None:
    same = token()
    await verifier.verify(same)
    issuer.away = True
    clock.now += KEYS_TTL_S + 1

    for _ in range(5):
        await verifier.verify(same)

    assert (issuer.fetches, decoding.count) == (2, 1), "the issuer is not asked at every call"
    clock.now += KEYS_RETRY_S
    await verifier.verify(same)
    assert issuer.fetches == 3


async def test_an_issuer_that_comes_back_is_found_soon(issuer: Issuer, clock: Clock) -> None:
    verifier = Verifier(KeyCache(issuer.fetch, clock), issuer=ISSUER, audience=ISSUER)
    issuer.away = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            await verifier.verify(token())
    assert issuer.fetches == 1
    issuer.away = False
    clock.now += KEYS_FIRST_RETRY_S

    assert (await verifier.verify(token())).subject == "anna"


async def test_only_so_many_tokens_are_remembered(
    issuer: Issuer, clock: Clock, decoding: Decoding
) -> None:
    verifier = Verifier(
        KeyCache(issuer.fetch, clock), issuer=ISSUER, audience=ISSUER, most_verified=2
    )
    one, two, three = (token(sub=name) for name in ("one", "two", "three"))
    for each in (one, two, one, three):
        await verifier.verify(each)
    assert decoding.count == 3

    await verifier.verify(one)
    assert decoding.count == 3, "used last but one"
    await verifier.verify(two)
    assert decoding.count == 4, "used longest ago"


async def test_what_does_not_hold_is_not_remembered(verifier: Verifier, decoding: Decoding) -> None:
    foreign = token(OTHER_KEY)
    for _ in range(2):
        with pytest.raises(Unauthorized):
            await verifier.verify(foreign)

    assert decoding.count == 2
