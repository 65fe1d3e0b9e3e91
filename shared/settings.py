"""Settings: the environment, read once into a typed struct."""

import os
from collections.abc import Mapping
from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class InvalidSettings(Exception):
    """The environment lacks a setting or holds one of the wrong type; the message names it."""


class UnitSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of every unit."""

    google_cloud_project: str
    log_level: str


class TokenSettings(UnitSettings, frozen=True, kw_only=True):
    """The settings of every public API. `redis_url` is "" where there is no Redis."""

    public_url: str
    token_issuer: str
    token_audience: str
    jwks_url: str
    redis_url: str = ""


def load(into: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """Fill `into` from the environment: field `log_level` is read from `LOG_LEVEL`."""
    values = {
        field.name: environ[field.name.upper()]
        for field in msgspec.structs.fields(into)
        if field.name.upper() in environ
    }
    try:
        return msgspec.convert(values, into, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"{into.__name__}: {error}") from error
