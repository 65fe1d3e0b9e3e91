"""Firestore documents and typed structs, one into the other."""

import datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_document(value: msgspec.Struct) -> dict[str, Any]:
    """A struct as Firestore stores it; times stay times."""
    document: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime.datetime,))
    return document


def from_document(document: dict[str, Any], into: type[T]) -> T:
    """The struct that a document holds; raises `msgspec.ValidationError`."""
    return msgspec.convert(_plain(document), into)


def _plain(value: Any) -> Any:
    """Firestore's times are of a subclass of datetime that msgspec does not take."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime.datetime():
            return datetime.datetime.combine(value.date(), value.time(), value.tzinfo)
        case _:
            return value
