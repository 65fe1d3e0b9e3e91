"""Tokens for first steps, checked as the services check them."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from emulators.issuer import SCOPES, USER, DevIssuer
from emulators.state import StateFolder
from shared.errors import Unauthorized
from shared.tokens import KeyCache, Verifier

URL = "http://localhost:8080"


def keys_file(folder: Path, *kids: str) -> Path:
    """A file as the accounts service's secret: the first key signs."""
    folder.mkdir(exist_ok=True)
    pems = {
        kid: ECKey.generate_key("P-256").as_pem(private=True).decode() for kid in kids or ("one",)
    }
    file = StateFolder(folder).signing_keys
    file.write_text(json.dumps({"keys": [{"kid": kid, "pem": pem} for kid, pem in pems.items()]}))
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return keys_file(tmp_path, "one", "two")


@pytest.fixture
def issuer(file: Path) -> DevIssuer:
    return DevIssuer.from_file(file, issuer=URL, audience=URL)


def verifier(file: Path, *, issuer: str = URL, audience: str = URL) -> Verifier:
    async def fetch() -> dict[str, Any]:
        keys = [
            {**ECKey.import_key(key["pem"]).as_dict(private=False), "kid": key["kid"]}
            for key in json.loads(file.read_text())["keys"]
        ]
        return {"keys": keys}

    return Verifier(KeyCache(fetch), issuer=issuer, audience=audience)


async def test_a_token_says_who_calls_and_what_they_may(issuer: DevIssuer, file: Path) -> None:
    caller = await verifier(file).verify(issuer.token())
    assert caller.subject == USER
    assert caller.client_id == "cadenza-dev"
    assert caller.scopes == set(SCOPES)
    assert caller.plan == "premium"
    assert caller.roles == {"listener", "artist"}


async def test_subject_and_scopes_can_be_chosen(issuer: DevIssuer, file: Path) -> None:
    token = issuer.token(subject="eve", scopes=("streaming",))
    caller = await verifier(file).verify(token)
    assert caller.subject == "eve"
    assert caller.scopes == {"streaming"}


async def test_an_expired_token_is_refused(issuer: DevIssuer, file: Path) -> None:
    with pytest.raises(Unauthorized, match="expired"):
        await verifier(file).verify(issuer.token(lifetime_s=-1))


@pytest.mark.parametrize("other", [{"issuer": "https://x"}, {"audience": "https://x"}])
async def test_a_token_of_or_for_others_is_refused(
    issuer: DevIssuer, file: Path, other: dict[str, str]
) -> None:
    with pytest.raises(Unauthorized):
        await verifier(file, **other).verify(issuer.token())


async def test_another_folders_key_is_not_trusted(issuer: DevIssuer, tmp_path: Path) -> None:
    with pytest.raises(Unauthorized):
        await verifier(keys_file(tmp_path / "other", "one")).verify(issuer.token())


def test_the_first_key_signs(issuer: DevIssuer) -> None:
    assert issuer.key.kid == "one"
