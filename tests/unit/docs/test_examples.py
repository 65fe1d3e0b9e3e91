"""The document's examples fit what they are examples of."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from docs.openapi.__main__ import TARGET
from docs.openapi.examples import examples
from docs.openapi.routes import documented

DOCUMENT: dict[str, Any] = json.loads(TARGET.read_text())
MAIN = {
    ("get", "/v1/tracks/{id}"),
    ("get", "/v1/albums/{id}"),
    ("get", "/v1/artists/{id}"),
    ("get", "/v1/search"),
    ("get", "/v1/me"),
    ("get", "/v1/me/tracks"),
    ("get", "/v1/me/player"),
    ("put", "/v1/me/player/play"),
    ("post", "/v1/me/playlists"),
    ("post", "/v1/playlists/{playlist_id}/items"),
    ("get", "/v1/tracks/{id}/stream"),
    ("post", "/v1/licence"),
    ("post", "/v1/plays"),
    ("post", "/v1/uploads"),
}


def told() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body that has an example, by where it is."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
            for name, body in bodies.items():
                for media in body.get("content", {}).values():
                    if "example" in media:
                        yield f"{method} {path} {name}", media
    for status, response in DOCUMENT["components"]["responses"].items():
        yield status, response["content"]["application/json"]


@pytest.mark.parametrize("media", [pytest.param(media, id=where) for where, media in told()])
def test_an_example_fits_its_schema(media: dict[str, Any]) -> None:
    schema = {**media["schema"], "components": DOCUMENT["components"]}
    OAS31Validator(schema).validate(media["example"])


def test_every_example_is_in_the_document() -> None:
    known = {(route.method, route.path) for route in documented()}
    assert set(examples()) <= known
    shown = {where.rpartition(" ")[0] for where, _ in told() if " " in where}
    assert shown == {f"{method.lower()} {path}" for method, path in examples()}


def test_the_main_operations_have_one() -> None:
    shown = {where.rpartition(" ")[0] for where, _ in told()}
    assert {f"{method} {path}" for method, path in MAIN} <= shown


def test_every_failure_shows_its_own_status() -> None:
    for status, response in DOCUMENT["components"]["responses"].items():
        error = response["content"]["application/json"]["example"]["error"]
        assert error["status"] == int(status)
        assert error["message"]
