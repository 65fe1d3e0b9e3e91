"""The schemas of the document, under names that a reader would give them."""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

_REF = "#/components/schemas/{name}"
_MARKED = re.compile(r".*components_schemas_(\w+?)_+\Z")
_MODULE = re.compile(r"functions\.((?:\w+\.)*\w+)\.(\w+)\Z")

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
    """Those of one name share it if they are alike; others name their service, or their module."""
    alike: dict[str, set[str]] = {}
    for name, schema in components.items():
        for longer in _longer(name):
            alike.setdefault(longer, set()).add(_content(schema))
    return {
        name: next((each for each in _longer(name) if len(alike[each]) == 1), name)
        for name in components
    }


def _longer(name: str) -> list[str]:
    """What it may be called, the shortest first."""
    short = _short(name)
    if (qualified := _MODULE.match(name)) is None:
        return [short]
    modules = [module.title().replace("_", "") for module in qualified[1].split(".")]
    return [short, *("".join([*modules[:count], short]) for count in range(1, len(modules) + 1))]


def _short(name: str) -> str:
    if marked := _MARKED.match(name):
        return f"{name.partition('_')[0]}_{marked[1]}"
    qualified = _MODULE.match(name)
    return qualified[2] if qualified else name


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
