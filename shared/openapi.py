"""What a route says of itself for the API's document; see docs/openapi/.

Objects of the catalogue reach other services as JSON that is passed on as it is. The markers here
stand for them in the types of answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec


def _described(name: str) -> msgspec.Meta:
    return msgspec.Meta(extra_json_schema={"$ref": f"#/components/schemas/{name}"})


TrackJson = Annotated[msgspec.Raw, _described("TrackObject")]
AlbumJson = Annotated[msgspec.Raw, _described("SimplifiedAlbumObject")]
FullAlbumJson = Annotated[msgspec.Raw, _described("AlbumObject")]
ArtistJson = Annotated[msgspec.Raw, _described("ArtistObject")]
SimpleArtistJson = Annotated[msgspec.Raw, _described("SimplifiedArtistObject")]
# What is left of an object of which the caller wants some parts only.
Selected = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        extra_json_schema={
            "type": "object",
            "description": "With `fields`: the parts of the whole object that it names",
        }
    ),
]


@dataclass(frozen=True)
class Operation:
    """One route, as its callers are told.

    `answer` is the type of the body, None where there is none; `query` and `body` are the structs
    that `shared.query.read_query` and `shared.web.read_json` read. `errors` are the statuses
    besides those that every route has: 401, 429, and 403 where a scope is asked for.
    """

    summary: str
    tag: str
    answer: Any = None
    status: int = 200
    # Other statuses of success, and the types of their bodies.
    also: Mapping[int, Any] = field(default_factory=dict)
    query: type[msgspec.Struct] | None = None
    body: Any = None
    body_media: str = "application/json"
    answer_media: str = "application/json"
    errors: tuple[int, ...] = (400, 404)


@dataclass(frozen=True)
class Documented:
    """A route of an API with what it says of itself."""

    method: str
    path: str
    scopes: tuple[str, ...]
    operation: Operation
