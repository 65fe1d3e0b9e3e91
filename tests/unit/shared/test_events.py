"""The structs and the Avro schemas that Pub/Sub holds messages to say the same."""

import json
import types
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.events import (
    CatalogChanged,
    LibraryEvent,
    MediaReady,
    Play,
    PlaylistChanged,
    PopularityChanged,
    ProfileChanged,
)

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
_AVRO_OF = {str: "string", int: "long", float: "double", bool: "boolean"}


def avro_of(python_type: Any) -> Any:
    if python_type in _AVRO_OF:
        return _AVRO_OF[python_type]
    if typing.get_origin(python_type) is list:
        return {"type": "array", "items": avro_of(typing.get_args(python_type)[0])}
    assert not isinstance(python_type, types.UnionType), "no unions in events"
    return {
        "type": "record",
        "name": python_type.__name__,
        "fields": [
            {"name": field.name, "type": avro_of(field.type)}
            for field in msgspec.structs.fields(python_type)
        ],
    }


@pytest.mark.parametrize(
    ("struct", "topic"),
    [
        (CatalogChanged, "catalog-changed"),
        (MediaReady, "media-ready"),
        (Play, "plays"),
        (LibraryEvent, "library-events"),
        (PlaylistChanged, "playlist-changed"),
        (PopularityChanged, "popularity-changed"),
        (ProfileChanged, "profile-changed"),
    ],
)
def test_struct_and_schema_agree(struct: type, topic: str) -> None:
    schema = json.loads((SCHEMAS / f"{topic}.avsc").read_text())

    assert schema.pop("namespace") == "cadenza.events"
    assert _without_docs(schema) == avro_of(struct)


def _without_docs(schema: Any) -> Any:
    if isinstance(schema, dict):
        if "logicalType" in schema:  # how BigQuery is to take a number
            return schema["type"]
        return {key: _without_docs(value) for key, value in schema.items() if key != "doc"}
    if isinstance(schema, list):
        return [_without_docs(item) for item in schema]
    return schema
