"""A stack's settings are typed, and a wrong one is named before anything is declared."""

from collections.abc import Mapping

import pytest

from emulators.gather import Program, gather
from infra.settings import InvalidSettings, Profile, Settings
from tests.infra.programs import ROOT, configuration

VALID = Settings(
    project="cadenza-dev",
    regions=("europe-west1",),
    profile=Profile.lite,
    domain="dev.cadenza.example",
    public_url="http://localhost:8080",
    protect=False,
    firestore_location="europe-west1",
    token_issuer="https://issuer",
    token_audience="https://audience",
    jwks_url="https://issuer/jwks.json",
    log_level="INFO",
)


def _changed(**changes: object) -> Settings:
    return Settings(**{**vars(VALID), **changes})


def test_lite_lies_in_one_region() -> None:
    assert VALID.region == VALID.bucket_location == "europe-west1"
    assert VALID.bucket_regions == ()


@pytest.mark.parametrize(
    ("regions", "location"),
    [
        (("europe-west1", "europe-west4", "us-east1"), "EU"),
        (("us-central1", "us-east1"), "US"),
        (("asia-east1", "asia-southeast1"), "ASIA"),
    ],
)
def test_global_keeps_data_on_the_first_continent(regions: tuple[str, ...], location: str) -> None:
    settings = _changed(profile=Profile.global_, regions=regions)
    assert settings.bucket_location == location
    assert settings.bucket_regions == regions[:2]


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ("gcp:project", {"project": "Cadenza"}),
        ("domain", {"domain": "localhost"}),
        ("domain", {"domain": "https://cadenza.example"}),
        ("public_url", {"public_url": "https://cadenza.example/"}),
        ("public_url", {"public_url": "cadenza.example"}),
        ("regions", {"regions": ("europe",)}),
        ("regions", {"regions": ("europe-west1", "europe-west4")}),
        ("regions", {"profile": Profile.global_}),
        ("regions", {"profile": Profile.global_, "regions": ("us-east1", "us-east1")}),
        ("regions", {"profile": Profile.global_, "regions": ("us-east1", "europe-west1")}),
        ("log_level", {"log_level": "LOUD"}),
        ("signing_key_generation", {"signing_key_generation": 0}),
        ("model_slots", {"model_slots": 30}),
        ("model_slots", {"model_slots": -50}),
        ("google_client_id", {"google_client_id": "id"}),
        ("stripe_secret_key", {"stripe_secret_key": "sk"}),
    ],
)
def test_wrong_setting_is_named(setting: str, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidSettings, match=setting):
        _changed(**changes)


def _gathered(changes: Mapping[str, object]) -> Program:
    name, config = configuration("dev", "lite")
    return gather(ROOT / "infra", project=name, stack="dev", config={**config, **changes})


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        ("profile", {"cadenza:profile": "huge"}),
        ("regions", {"cadenza:regions": ["us-east1", "europe-west1"]}),
        (
            "firestore_location",
            {"cadenza:profile": "global", "gcp:region": "asia-east1"},
        ),
    ],
)
def test_wrong_configuration_is_named(message: str, changes: Mapping[str, object]) -> None:
    # The program's own copy of the class is another one than ours.
    with pytest.raises(Exception, match=message) as raised:
        _gathered(changes)
    assert type(raised.value).__name__ == "InvalidSettings"


def test_public_url_and_issuer_can_be_set() -> None:
    """As a local runner does."""
    program = _gathered(
        {"cadenza:public_url": "http://localhost:8080", "cadenza:token_issuer": "http://issuer"}
    )
    assert program.exports["public_url"] == "http://localhost:8080"
    function = program.one("gcp:cloudfunctionsv2/function:Function", "catalog-api")
    variables = function.inputs["serviceConfig"]["environmentVariables"]
    assert variables["PUBLIC_URL"] == "http://localhost:8080"
    assert variables["TOKEN_ISSUER"] == "http://issuer"
    assert variables["JWKS_URL"] == "http://localhost:8080/.well-known/jwks.json"
