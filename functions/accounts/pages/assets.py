"""The pages' style and icon, under names that change with their content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.errors import NotFound

PREFIX = "/assets/accounts"

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class _Asset:
    name: str  # with its content's hash
    content: bytes
    media_type: str


@cache
def _assets() -> dict[str, _Asset]:
    """By the name that the file has."""
    found = {}
    for path in _FOLDER.iterdir():
        if path.suffix in _TYPES:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:16]
            name = f"{path.stem}.{digest}{path.suffix}"
            found[path.name] = _Asset(name, content, _TYPES[path.suffix])
    return found


def url(name: str) -> str:
    """The address of the asset in the file `name`."""
    return f"{PREFIX}/{_assets()[name].name}"


async def _get(request: Request) -> Response:
    for asset in _assets().values():
        if asset.name == request.path_params["name"]:
            return Response(asset.content, headers=_HEADERS, media_type=asset.media_type)
    raise NotFound("There is no such file")


def route() -> Route:
    return Route(f"{PREFIX}/{{name}}", _get, methods=["GET"])
