"""The API's document says what the routes say, and is the one that is kept."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from docs.openapi.__main__ import TARGET, text
from docs.openapi.routes import undocumented


@pytest.fixture(scope="module")
def written() -> str:
    return text()


def test_the_kept_document_is_current(written: str) -> None:
    assert TARGET.read_text() == written, "`make docs` writes it anew"


def test_it_is_a_valid_document(written: str) -> None:
    OpenAPIV31SpecValidator(json.loads(written)).validate()


def test_every_route_with_a_token_says_what_it_is() -> None:
    assert list(undocumented()) == []


def test_operations_are_told_apart(written: str) -> None:
    names = [
        operation["operationId"]
        for item in json.loads(written)["paths"].values()
        for operation in item.values()
    ]
    assert len(names) == len(set(names))
