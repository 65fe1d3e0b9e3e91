"""The API is asked what its own document allows and forbids, and keeps to it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from docs.openapi.__main__ import TARGET
from tests.e2e import asked
from tests.e2e.asked import There
from tests.platform import Platform

DOCUMENT: dict[str, Any] = json.loads(TARGET.read_text())
SCOPES = tuple(
    DOCUMENT["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"]
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# These answer for as long as the caller listens.
_ENDLESS = ("/v1/me/player/events",)
EXAMPLES = 15

Operation = APIOperation[Any, Any, Any, Any]


def _operations() -> Iterator[Operation]:
    """All that answer at once; raises `InvalidSchema` for one that is not described well."""
    # A copy, as they write into it.
    schema = from_dict(deepcopy(DOCUMENT)).exclude(path=list(_ENDLESS))
    for result in schema.get_all_operations():
        if not isinstance(result, Ok):
            raise result.err()
        yield result.ok()


@pytest.fixture(scope="module")
def asker(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> There:
    return asked.make(platform, SCOPES, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def there(platform: Platform, asker: There) -> Iterator[There]:
    there = asked.again(platform, asker)
    yield there
    asked.leave(platform, there)


# Not by the library's own parameters: their tests would all have the same id.
@pytest.mark.parametrize("operation", list(_operations()), ids=lambda each: each.label)
@given(data=st.data(), is_there=st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_to_the_document(
    operation: Operation,
    platform: Platform,
    there: There,
    *,
    data: st.DataObject,
    is_there: bool,
) -> None:
    of_both = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    case = data.draw(st.one_of(*of_both))
    # Google's framework of functions knows no such path, and says so in its own words.
    in_path = (unquote(str(value)) for value in (case.path_parameters or {}).values())
    assume(not any("\n" in value for value in in_path))
    if is_there:
        there.put_into(case)
    case.call_and_validate(
        base_url=platform.url,
        headers={"Authorization": f"Bearer {there.token_for(case)}"},
        checks=CHECKS,
        timeout=30,
    )


def test_the_document_is_served_with_its_page(platform: Platform) -> None:
    with platform.client() as client:
        served = client.get("/openapi.json")
        page = client.get("/docs")
        viewer = client.get("/docs/swagger-ui-bundle.js")
    assert served.json() == DOCUMENT
    assert "swagger-ui.css" in page.text
    assert viewer.headers["Content-Type"].startswith("text/javascript")
