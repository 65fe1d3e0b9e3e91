"""The public API description: its operations, and the schemas of their answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

CONTRACT = Path(__file__).parents[4] / "shared" / "contracts" / "spotify-web-api.yml"
_METHODS = ("get", "put", "post", "delete")
_MAY_BE_NULL = {"after", "before", "context", "cursors", "next"}
_BATCHES = {"albums", "audio_features", "audiobooks", "chapters", "episodes", "shows", "tracks"}


@dataclass(frozen=True)
class ContractOperation:
    """One operation. `scopes`: any token that is asked for has one of them, or needs none."""

    id: str
    method: str
    path: str
    scopes: tuple[str, ...]
    success: str


def is_here() -> bool:
    return CONTRACT.is_file()


@cache
def document() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, Any] = yaml.load(CONTRACT.read_text(), Loader=loader)
    _mend(read)
    return read


def _mend(value: Any) -> None:
    """What the description says otherwise than it means, for a validator that takes it at its word.

    Its discriminators have no mapping, so that no schema would be found. Its words allow null for
    a cursor's end, for a play without a context and for what is missing of a batch; its schemas
    do not, but strict clients do.
    """
    if isinstance(value, dict):
        value.pop("discriminator", None)
        properties = value.get("properties", {})
        for name in _MAY_BE_NULL & properties.keys():
            properties[name] = _or_null(properties[name])
        for name in _BATCHES & properties.keys():
            if value.get("required") == [name] and "items" in properties[name]:
                properties[name]["items"] = _or_null(properties[name]["items"])
        for item in value.values():
            _mend(item)
    elif isinstance(value, list):
        for item in value:
            _mend(item)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"nullable": True, "anyOf": [schema, {"nullable": True, "enum": [None]}]}


def operations() -> Iterator[ContractOperation]:
    """All of them, in the document's order; none where the document is not here."""
    if not is_here():
        return
    for path, item in document()["paths"].items():
        for method in _METHODS:
            if (described := item.get(method)) is None:
                continue
            needed = [scope for one in described.get("security", []) for scope in one["oauth_2_0"]]
            success = next(code for code in described["responses"] if code.startswith("2"))
            yield ContractOperation(
                described["operationId"], method.upper(), path, tuple(needed), success
            )


def problems(operation: ContractOperation, status: int, answer: Any) -> list[str]:
    """What an answer of this status lacks or has wrong, by the contract's schema."""
    schema = _schema(operation, status)
    if schema is None:
        return []
    validator = OAS30Validator({**schema, "components": document()["components"]})
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for error in validator.iter_errors(answer)
    ]


def _schema(operation: ContractOperation, status: int) -> dict[str, Any] | None:
    responses = document()["paths"][operation.path][operation.method.lower()]["responses"]
    described = responses.get(str(status))
    if status >= 400:
        # Every failure has the same form, whether the operation lists its status or not.
        described = {"$ref": "#/components/responses/Forbidden"}
    if described is None:
        raise AssertionError(f"{operation.id} answers {status}, which the contract does not know")
    if "$ref" in described:
        described = document()["components"]["responses"][described["$ref"].rpartition("/")[2]]
    content = described.get("content")
    return next(iter(content.values()))["schema"] if content else None
