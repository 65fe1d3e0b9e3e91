"""The `fields` parameter of playlists: which parts of an answer a client wants.

`total,items(added_at,track.name)` keeps what it names; a dot or parentheses lead into objects, and
into each object of a list. With an exclamation mark in a group, as in `album(!images,href)`, the
group names what is left out, and everything else stays.
"""

import re
from typing import Any

import msgspec

from shared.errors import BadRequest

_TOKEN = re.compile(r"\s*([A-Za-z0-9_]+|[().,!])")
_MOST_CHARACTERS = 4_000
_MOST_DEPTH = 20


class Selection(msgspec.Struct):
    """What a group names: for each name what of it, None for all of it."""

    names: dict[str, "Selection | None"]
    excludes: bool = False

    def of(self, value: Any) -> Any:
        """The selected part of what can be written as JSON."""
        if self.excludes and not self.names:
            return value
        return self.applied(msgspec.json.decode(msgspec.json.encode(value)))

    def applied(self, value: Any) -> Any:
        """The selected part of decoded JSON."""
        if isinstance(value, list):
            return [self.applied(each) for each in value]
        if not isinstance(value, dict):
            return value
        if self.excludes:
            kept = {name: each for name, each in value.items() if self.names.get(name, self)}
        else:
            kept = {name: each for name, each in value.items() if name in self.names}
        return {
            name: inner.applied(each) if (inner := self.names.get(name)) else each
            for name, each in kept.items()
        }


def parse(text: str) -> Selection:
    """Of no text everything; raises `BadRequest` for what follows no rule."""
    if not text.strip():
        return Selection({}, excludes=True)
    if len(text) > _MOST_CHARACTERS:
        raise BadRequest(f"Invalid fields: longer than {_MOST_CHARACTERS} characters")
    parser = _Parser(text)
    selection = parser.group(0)
    parser.expect_end()
    return selection


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise BadRequest(f"Invalid fields: unexpected character at {at}")
            self._tokens.append(match[1])
            at = match.end()
        self._at = 0

    def group(self, depth: int) -> Selection:
        selection = Selection({})
        while True:
            if self._takes("!"):
                selection.excludes = True
            name = self._name()
            inner = self._inner(depth)
            known = selection.names.get(name)
            if known is not None and inner is not None:
                inner = _joined(known, inner)
            selection.names[name] = inner
            if not self._takes(","):
                return selection

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise BadRequest(f"Invalid fields: unexpected {self._tokens[self._at]!r}")

    def _inner(self, depth: int) -> Selection | None:
        if depth > _MOST_DEPTH:
            raise BadRequest(f"Invalid fields: nested deeper than {_MOST_DEPTH}")
        if self._takes("."):
            if self._takes("!"):
                return Selection({self._name(): None}, excludes=True)
            name = self._name()
            return Selection({name: self._inner(depth + 1)})
        if self._takes("("):
            inner = self.group(depth + 1)
            if not self._takes(")"):
                raise BadRequest("Invalid fields: a parenthesis is not closed")
            return inner
        return None

    def _name(self) -> str:
        found = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not found or found in "().,!":
            raise BadRequest(f"Invalid fields: a name is missing at {found!r}")
        self._at += 1
        return found

    def _takes(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False


def _joined(one: Selection, other: Selection) -> Selection:
    """`a.b,a.c` is `a(b,c)`."""
    names = dict(one.names)
    for name, inner in other.names.items():
        known = names.get(name)
        names[name] = _joined(known, inner) if known and inner else inner
    return Selection(names, one.excludes or other.excludes)
