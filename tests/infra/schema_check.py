"""Checks gathered inputs against the argument classes of Pulumi's own packages.

Finds what Python cannot see in nested dictionaries: misspelt and missing keys, wrong types, and
values outside an enumeration where the documentation lists one.
"""

import collections.abc
import functools
import importlib
import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import _types
from pulumi.output import Unknown
from pulumi.runtime import rpc

from emulators.gather import Program, Resource

_LISTED_VALUES = re.compile(
    r"(?:[Pp]ossible|[Vv]alid|[Aa]llowed) values?\s*(?:are|include|is)?\s*:?\s*"
    r"((?:[\[\"']?`?\"?[A-Z][A-Z0-9_]+\"?`?[\]\"']?(?:\s*\([^)]*\))?(?:\s*,?\s*(?:and|or)?\s*)?)+)"
)
_VALUE = re.compile(r"[A-Z][A-Z0-9_]+")


@dataclass(frozen=True)
class Field:
    """One argument: its type hint, and what the documentation says of it."""

    hint: Any
    required: bool
    values: frozenset[str]
    output_only: bool


def check_program(program: Program) -> Iterator[str]:
    """Every mistake found, one line each."""
    for resource in program.resources:
        arguments = arguments_class(resource.type)
        if arguments is not None:
            yield from _check_object(arguments, resource.inputs, _label(resource))


@functools.cache
def resource_class(type_token: str) -> type | None:
    """The Python class of a resource type; None for components of our own."""
    package, module, _ = type_token.split(":")
    for candidate in rpc._RESOURCE_MODULES.get(f"{package}:{module}", []):
        information = candidate.mod_info  # type: ignore[attr-defined]
        if type_token in information["classes"]:
            source = importlib.import_module(information["fqn"])
            found: type = getattr(source, information["classes"][type_token])
            return found
    return None


@functools.cache
def arguments_class(type_token: str) -> type | None:
    """The class that lists a resource type's arguments."""
    resource = resource_class(type_token)
    if resource is None:
        return None
    module = importlib.import_module(resource.__module__)
    found: type = getattr(module, f"{resource.__name__}Args")
    return found


@functools.cache
def fields_of(arguments: type) -> dict[str, Field]:
    """The arguments by the name that goes over the wire."""
    module = importlib.import_module(arguments.__module__)
    # Hints name these two without importing them.
    namespace = {**vars(module), "Output": pulumi.Output, "T": pulumi.output.T}
    parameters = inspect.signature(arguments.__init__).parameters  # type: ignore[misc]
    fields = {}
    for python_name, name, getter in _types._py_properties(arguments):
        parameter = parameters.get(python_name)
        documentation = " ".join((getter.fget.__doc__ or "").split())
        listed = _LISTED_VALUES.search(documentation)
        values = frozenset(_VALUE.findall(listed[1])) if listed else frozenset()
        fields[name] = Field(
            hint=typing.get_type_hints(getter.fget, namespace).get("return", Any),
            required=parameter is not None and parameter.default is inspect.Parameter.empty,
            # A single capital word is an example, not an enumeration.
            values=values if len(values) > 1 else frozenset(),
            output_only="(Output)" in documentation,
        )
    return fields


def _label(resource: Resource) -> str:
    return f"{resource.type.rpartition(':')[2]}[{resource.name}]"


def _check_object(arguments: type, value: dict[str, Any], path: str) -> Iterator[str]:
    fields = fields_of(arguments)
    for key, item in value.items():
        field = fields.get(key)
        if field is None:
            if not key.startswith("__"):
                yield f"{path}.{key}: {arguments.__name__} has no such property"
        elif field.output_only:
            yield f"{path}.{key}: is an output, not an input"
        else:
            yield from _check_value(field, field.hint, item, f"{path}.{key}")
    for key, field in fields.items():
        if field.required and value.get(key) is None:
            yield f"{path}.{key}: is required"


def _check_value(field: Field, hint: Any, value: Any, path: str) -> Iterator[str]:
    if value is None or isinstance(value, Unknown | pulumi.Asset | pulumi.Archive):
        return
    alternatives = list(_alternatives(hint))
    for alternative in alternatives:
        if _fits(alternative, value):
            yield from _check_inside(field, alternative, value, path)
            return
    expected = "/".join(getattr(kind, "__name__", str(kind)) for kind in alternatives)
    yield f"{path}: {value!r:.60} where {expected} is declared"


def _check_inside(field: Field, kind: Any, value: Any, path: str) -> Iterator[str]:
    """What a value that fits its declared kind holds."""
    if isinstance(value, list):
        (item_hint,) = typing.get_args(kind)
        for index, item in enumerate(value):
            yield from _check_value(field, item_hint, item, f"{path}[{index}]")
    elif isinstance(value, dict) and _is_mapping(kind):
        _, item_hint = typing.get_args(kind)
        for key, item in value.items():
            yield from _check_value(_ANY_VALUE, item_hint, item, f"{path}.{key}")
    elif isinstance(value, dict):
        yield from _check_object(kind, value, path)
    elif isinstance(value, str) and field.values and value not in field.values:
        yield f"{path}: {value!r} is not one of {sorted(field.values)}"


_ANY_VALUE = Field(hint=Any, required=False, values=frozenset(), output_only=False)


def _alternatives(hint: Any) -> Iterator[Any]:
    """The plain types within `Input[…]` and `Optional[…]`."""
    if typing.get_origin(hint) is typing.Union:
        for member in typing.get_args(hint):
            yield from _alternatives(member)
    elif _is_sequence(hint) or _is_mapping(hint) or _is_plain_class(hint):
        yield hint


def _fits(kind: Any, value: Any) -> bool:
    if _is_sequence(kind):
        return isinstance(value, list)
    if _is_mapping(kind) or _types.is_input_type(kind):
        return isinstance(value, dict)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return kind in (Any, object) or isinstance(value, kind)


def _is_plain_class(hint: Any) -> bool:
    """Typed dictionaries repeat what the argument classes say."""
    return isinstance(hint, type) and hint is not type(None) and not typing.is_typeddict(hint)


def _is_sequence(hint: Any) -> bool:
    return typing.get_origin(hint) in (collections.abc.Sequence, list)


def _is_mapping(hint: Any) -> bool:
    return typing.get_origin(hint) in (collections.abc.Mapping, dict)
