"""The public API description that answers are held against, where the checkout has it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

CONTRACT = Path(__file__).parents[5] / "shared" / "contracts" / "spotify-web-api.yml"
# Where a track is relinked or may not be played; with a market, and without one.
_SITUATIONAL = frozenset({"linked_from", "restrictions", "is_playable", "available_markets"})


def check(answer: dict[str, Any], schema: str) -> None:
    """`answer` fits the contract's schema of that name, and leaves no field of it out."""
    contract = _contract()
    reference = {"$ref": f"#/components/schemas/{schema}"}
    OAS30Validator({**reference, "components": contract["components"]}).validate(answer)
    missing = _fields(contract, reference) - answer.keys() - _SITUATIONAL
    assert not missing, f"{schema} lacks {sorted(missing)}"


@cache
def _contract() -> dict[str, Any]:
    if not CONTRACT.exists():
        pytest.skip("the contract's file is not part of this checkout")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    contract: dict[str, Any] = yaml.load(CONTRACT.read_text(), Loader=loader)
    return contract


def _fields(contract: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(contract, contract["components"]["schemas"][schema["$ref"].split("/")[-1]])
    inherited = [_fields(contract, part) for part in schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*inherited)
