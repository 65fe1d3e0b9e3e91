"""The schemas of the document, under names that a reader would give them."""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

_REF = "#/components/schemas/{name}"
_MARKED = re.compile(r".*components_schemas_(\w+?)_+\Z")
_MODULE = re.compile(r"functions\.(\w+)\.(?:\w+\.)*(\w+)\Z")

Schema = dict[str, Any]


def reference(name: str) -> Schema:
    """What points at a schema of the document."""
    return {"$ref": _REF.format(name=name)}


def schemas_of(types: Sequence[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each type, and those that they refer to, by name."""
    found, components = msgspec.json.schema_components(types, ref_template=_REF)
    names = _names(components)
    renamed: dict[str, Schema] = {}
    for name, schema in components.items():
        renamed.setdefault(names[name], _renamed(schema, names))
    return [_renamed(schema, names) for schema in found], dict(sorted(renamed.items()))


def _names(components: dict[str, Schema]) -> dict[str, str]:
    """Those of one name in several services share it if they are alike, or name their service."""
    alike: dict[str, set[str]] = {}
    for name, schema in components.items():
        alike.setdefault(_short(name), set()).add(_content(schema))
    return {
        name: _short(name) if len(alike[_short(name)]) == 1 else _with_service(name)
        for name in components
    }


def _short(name: str) -> str:
    if marked := _MARKED.match(name):
        return f"{name.partition('_')[0]}_{marked[1]}"
    qualified = _MODULE.match(name)
    return qualified[2] if qualified else name


def _with_service(name: str) -> str:
    qualified = _MODULE.match(name)
    return f"{qualified[1].title()}{qualified[2]}" if qualified else name


def _content(schema: Schema) -> str:
    """What a schema says, apart from its title and its words."""
    told = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    return re.sub(r"functions\.[\w.]*\.", "", json.dumps(told, sort_keys=True))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    match value:
        case dict():
            return {
                key: _REF.format(name=names.get(item.rpartition("/")[2], item.rpartition("/")[2]))
                if key == "$ref"
                else _renamed(item, names)
                for key, item in value.items()
                if not (key == "title" and isinstance(item, str))
            }
        case list():
            return [_renamed(item, names) for item in value]
    return value
