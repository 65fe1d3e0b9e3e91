"""The public API description that the library's answers are held against."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

CONTRACT = Path(__file__).parents[5] / "shared" / "contracts" / "spotify-web-api.yml"
# Only in answers that relink a track or refuse to play it.
_SITUATIONAL = frozenset({"linked_from", "restrictions"})


def check(answer: Any, schema: str) -> None:
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
    _mend(contract)
    return contract


def _mend(part: Any) -> None:
    """Discriminators name no schema of the document: its `oneOf` says which one is meant."""
    if isinstance(part, dict):
        part.pop("discriminator", None)
        for each in part.values():
            _mend(each)
    elif isinstance(part, list):
        for each in part:
            _mend(each)


def _fields(contract: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(contract, contract["components"]["schemas"][schema["$ref"].split("/")[-1]])
    inherited = [_fields(contract, part) for part in schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*inherited)
