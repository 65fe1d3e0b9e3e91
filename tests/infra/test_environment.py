"""Every environment name that code reads is declared, and the reverse."""

import importlib

import msgspec
import pytest

from emulators.gather import Program
from tests.infra.programs import environment, units

SETTINGS = {
    unit: f"functions.{unit.partition('-')[0]}.settings"
    for unit in (
        "accounts-api",
        "accounts-events",
        "accounts-migrate",
        "catalog-api",
        "catalog-events",
        "catalog-rpc",
        "library-api",
        "library-events",
        "library-rpc",
        "media-api",
        "media-events",
        "media-job",
        "playback-api",
        "playback-events",
        "playback-push",
        "recommendations-api",
        "recommendations-events",
        "recommendations-rpc",
        "recommendations-training",
        "search-api",
        "search-events",
    )
}
# What a run of the job is given besides what the job is declared with.
PER_RUN = {"media-job": {"UPLOAD_ID", "UPLOAD_GENERATION"}}


@pytest.mark.parametrize("unit", SETTINGS)
def test_declared_is_what_is_read(program: Program, unit: str) -> None:
    settings = importlib.import_module(SETTINGS[unit]).UNITS[unit]
    read = {
        field.name.upper()
        for field in msgspec.structs.fields(settings)
        # Addresses of emulators are set by the local runner only.
        if not field.name.endswith("_emulator_host")
    }
    declared = [resource for resource in units(program) if resource.inputs["name"] == unit]
    assert declared
    for resource in declared:
        assert environment(resource).keys() | PER_RUN.get(unit, set()) == read


@pytest.mark.parametrize("unit", SETTINGS)
def test_declared_values_can_be_read(lite: Program, unit: str) -> None:
    """The values convert to the types of the settings, secrets apart."""
    settings = importlib.import_module(SETTINGS[unit]).UNITS[unit]
    [resource] = [resource for resource in units(lite) if resource.inputs["name"] == unit]
    values = {name.lower(): value for name, value in environment(resource).items()}
    values |= {"upload_id": "u", "upload_generation": "1"} if unit in PER_RUN else {}
    assert msgspec.convert(values, settings, strict=False)


def test_every_unit_is_declared_and_no_other(program: Program) -> None:
    assert {resource.inputs["name"] for resource in units(program)} == SETTINGS.keys()


def test_secrets_are_given_as_secrets(program: Program) -> None:
    secret_names = {
        name
        for resource in units(program)
        for name, value in environment(resource).items()
        if value.startswith("secret:")
    }
    assert secret_names == {
        "CDN_SIGNING_KEY",
        "CONTENT_KEY_SECRET",
        "SESSION_SECRET",
        "SIGNING_KEYS",
    }
