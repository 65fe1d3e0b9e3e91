"""Development tokens, checked as the services check them."""

import stat
from pathlib import Path
from typing import Any

import pytest

from emulators.issuer import SCOPES, USER, DevIssuer
from shared.errors import Unauthorized
from shared.tokens import KeyCache, Verifier

URL = "http://localhost:8080"


@pytest.fixture
def issuer(tmp_path: Path) -> DevIssuer:
    return DevIssuer.from_folder(tmp_path, issuer=URL, audience=URL)


def verifier(trusted: DevIssuer, *, issuer: str = URL, audience: str = URL) -> Verifier:
    async def fetch() -> dict[str, Any]:
        return trusted.jwks()

    return Verifier(KeyCache(fetch), issuer=issuer, audience=audience)


async def test_a_token_says_who_calls_and_what_they_may(issuer: DevIssuer) -> None:
    caller = await verifier(issuer).verify(issuer.token())
    assert caller.subject == USER
    assert caller.client_id == "cadenza-dev"
    assert caller.scopes == set(SCOPES)


async def test_subject_and_scopes_can_be_chosen(issuer: DevIssuer) -> None:
    token = issuer.token(subject="eve", scopes=("streaming",))
    caller = await verifier(issuer).verify(token)
    assert caller.subject == "eve"
    assert caller.scopes == {"streaming"}


async def test_an_expired_token_is_refused(issuer: DevIssuer) -> None:
    with pytest.raises(Unauthorized, match="expired"):
        await verifier(issuer).verify(issuer.token(lifetime_s=-1))


@pytest.mark.parametrize("other", [{"issuer": "https://x"}, {"audience": "https://x"}])
async def test_a_token_of_or_for_others_is_refused(
    issuer: DevIssuer, other: dict[str, str]
) -> None:
    with pytest.raises(Unauthorized):
        await verifier(issuer, **other).verify(issuer.token())


async def test_another_folders_key_is_not_trusted(issuer: DevIssuer, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = DevIssuer.from_folder(tmp_path / "other", issuer=URL, audience=URL)
    with pytest.raises(Unauthorized):
        await verifier(issuer).verify(other.token())


async def test_tokens_outlive_a_run(issuer: DevIssuer, tmp_path: Path) -> None:
    again = DevIssuer.from_folder(tmp_path, issuer=URL, audience=URL)
    assert (await verifier(again).verify(issuer.token())).subject == USER


def test_the_private_key_is_not_published(issuer: DevIssuer, tmp_path: Path) -> None:
    [published] = issuer.jwks()["keys"]
    assert published.keys() == {"alg", "crv", "kid", "kty", "use", "x", "y"}
    assert published["alg"] == "ES256"
    [kept] = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
