"""The OpenAPI 3.1 document, written from the routes themselves."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from docs.openapi.examples import Example
from docs.openapi.schemas import Schema, reference, schemas_of
from shared.openapi import Documented

_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
_ID = "^[0-9A-Za-z]{22}$"
# What names something in a path, by the segment before it; all else has an id of ours.
_NAMES = {
    "users": "^[0-9A-Za-z_-]{1,128}$",
    "devices": "^[0-9A-Za-z_-]{1,64}$",
    "offline-devices": "^[0-9A-Za-z_-]{1,64}$",
    "categories": "^[0-9A-Za-z-]{1,128}$",
}
_REASONS = {
    400: "The request is wrong; the message names what",
    401: "No token, or one that does not hold",
    403: "The token does not allow this",
    404: "There is none",
    409: "It has changed since",
    412: "It is no longer as `If-Match` says",
    413: "The body is too large",
    415: "The body is of a kind that is not taken",
    429: "Too many requests; `Retry-After` says when to come back",
    503: "Something that this needs does not answer; `Retry-After` says when to come back",
}

# What such an answer may say.
_MESSAGES = {
    400: "Invalid limit: must be at most 50",
    401: "The access token expired",
    403: "Insufficient client scope: needs user-library-modify",
    404: "Resource not found",
    409: "Invalid snapshot_id: it is too old; read the playlist again",
    412: "It has been changed since",
    413: "The body is larger than 1048576 bytes",
    415: "The body is neither plain nor gzip",
    429: "Too many requests",
    503: "The catalogue is not answering; try again",
}


class ErrorObject(msgspec.Struct):
    """What went wrong, in words for the caller."""

    status: int
    message: str
    reason: str | msgspec.UnsetType = msgspec.UNSET


class Error(msgspec.Struct):
    """The answer to every request that fails."""

    error: ErrorObject


def document(
    routes: Iterable[Documented],
    *,
    objects: Iterable[type],
    examples: Mapping[tuple[str, str], Example] = MappingProxyType({}),
    server: str = "/",
    version: str,
) -> dict[str, Any]:
    """The whole document.

    `objects` are the types that markers in answers stand for; `examples` are by method and path.
    """
    routes = sorted(routes, key=lambda route: (route.path, route.method))
    bodies = [type for route in routes for type in _types_of(route).values()]
    found, components = schemas_of([*bodies, Error, *objects])
    schemas = iter(found)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        described = _operation(
            route,
            {name: next(schemas) for name in _types_of(route)},
            examples.get((route.method, route.path), Example()),
        )
        paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})[route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cadenza",
            "version": version,
            "description": "The Web API of this deployment. Programs written for Spotify's work "
            "with it; what is added is said so.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in sorted({route.operation.tag for route in routes})],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {str(status): _failure(status) for status in _REASONS},
            "securitySchemes": {"oauth2": _oauth2(routes)},
        },
    }


def _types_of(route: Documented) -> dict[int | str, Any]:
    """The type of each answer by its status, and that of the request's body."""
    operation = route.operation
    found: dict[int | str, Any] = {
        operation.status: operation.answer,
        **dict(operation.also.items()),
        "body": operation.body,
    }
    return {name: type for name, type in found.items() if type is not None}


def _operation(
    route: Documented, schemas: Mapping[int | str, Schema], example: Example
) -> dict[str, Any]:
    operation = route.operation
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _operation_id(route),
        "tags": [operation.tag],
        "security": [{"oauth2": [scope]} for scope in route.scopes] or [{"oauth2": []}],
        "responses": _responses(route, schemas, example.answer),
    }
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(route.path, name)}
        for name in _PARAMETER.findall(route.path)
    ]
    in_query = _parameters(operation.query) if operation.query is not None else []
    if in_path or in_query:
        described["parameters"] = [*in_path, *in_query]
    if "body" in schemas:
        content = {operation.body_media: _media(schemas["body"], example.body)}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _operation_id(route: Documented) -> str:
    words = re.findall(r"[a-zA-Z]+", route.path.removeprefix("/v1"))
    return "-".join([route.method.lower(), *words])


def _path_schema(path: str, name: str) -> dict[str, Any]:
    before = path.partition("/{" + name)[0].rpartition("/")[2]
    return {"type": "string", "pattern": _NAMES.get(before, _ID)}


def _parameters(query: type[msgspec.Struct]) -> list[Any]:
    """Each query apart: those of two units may be of one name."""
    _, schemas = schemas_of([query])
    described = schemas[query.__name__]
    required = set(described.get("required", []))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _inline(schema, schemas),
        }
        for name, schema in described["properties"].items()
    ]


def _inline(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """An enumeration where it is used: a parameter's schema stands for itself."""
    if "$ref" not in schema:
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**schemas[schema["$ref"].rpartition("/")[2]], **beside}


def _media(schema: Schema, example: Any) -> dict[str, Any]:
    return {"schema": schema, **({} if example is None else {"example": example})}


def _responses(
    route: Documented, schemas: Mapping[int | str, Schema], example: Any
) -> dict[str, Any]:
    operation = route.operation
    successes = {}
    for status in (operation.status, *operation.also):
        success: dict[str, Any] = {"description": operation.summary}
        if status in schemas:
            shown = example if status == operation.status else None
            success["content"] = {operation.answer_media: _media(schemas[status], shown)}
        successes[str(status)] = success
    failures = {401, 429, 503, *operation.errors, *([403] if route.scopes else [])}
    if operation.body is not None:
        failures |= {400, 413}
    return {
        **successes,
        **{
            str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(failures)
        },
    }


def _failure(status: int) -> dict[str, Any]:
    example = msgspec.to_builtins(Error(ErrorObject(status, _MESSAGES[status])))
    content = {"application/json": _media(reference("Error"), example)}
    return {"description": _REASONS[status], "content": content}


def _oauth2(routes: Iterable[Documented]) -> dict[str, Any]:
    scopes = {scope: "" for route in routes for scope in route.scopes}
    flow = {
        "tokenUrl": "/api/token",
        "refreshUrl": "/api/token",
        "scopes": dict(sorted(scopes.items())),
    }
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {"authorizationUrl": "/authorize", **flow},
            "clientCredentials": {"tokenUrl": "/api/token", "scopes": {}},
        },
    }
