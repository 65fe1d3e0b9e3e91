"""All routes of all public units, from the applications that they run."""

import importlib
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec
from joserfc.jwk import ECKey
from starlette.applications import Starlette

from shared.openapi import Documented
from shared.web import ApiRoute

# Module and function that make each unit's application from its settings.
APIS = {
    "accounts-api": "functions.accounts.routes",
    "catalog-api": "functions.catalog.routes",
    "library-api": "functions.library.routes",
    "media-api": "functions.media.routes",
    "playback-api": "functions.playback.routes",
    "playback-push": "functions.playback.push.routes",
    "recommendations-api": "functions.recommendations.routes",
    "search-api": "functions.search.routes",
}
# Settings that are read when an application is made, and must be of their form.
_VALUES = {
    "public_url": "https://cadenza.example",
    "cdn_signing_key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "content_key_secret": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}
_SIGNING_KEY = ECKey.generate_key("P-256")
_OF_TYPE: dict[Any, Any] = {str: "", int: 1, float: 1.0, bool: False}


def applications() -> Iterator[tuple[str, Starlette]]:
    """Each unit's application, on settings that lead nowhere."""
    for unit, name in APIS.items():
        module = importlib.import_module(name)
        yield unit, module.create(_settings(unit, module))


def documented() -> Iterator[Documented]:
    """Every route that says what it is."""
    for _, application in applications():
        for route in application.routes:
            # Another spelling of an address is not another operation.
            if isinstance(route, ApiRoute) and route.documented and not route.path.endswith("/"):
                yield route.documented


def undocumented() -> Iterator[str]:
    """Routes that ask for a token and do not say what they are."""
    for unit, application in applications():
        for route in application.routes:
            if isinstance(route, ApiRoute) and route.documented is None:
                yield f"{unit}: {route.path}"


def _settings(unit: str, module: ModuleType) -> Any:
    folder = module.__name__.split(".")[1]
    settings = importlib.import_module(f"functions.{folder}.settings").UNITS[unit]
    pem = _SIGNING_KEY.as_pem(private=True).decode()
    given = {
        **_VALUES,
        "signing_keys": json.dumps({"keys": [{"kid": "1", "pem": pem}]}),
        "session_secret": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }
    values = {
        field.name: given.get(field.name, _OF_TYPE[field.type])
        for field in msgspec.structs.fields(settings)
    }
    return settings(**values)
