"""The pages: the player as it was built, and the API's document with what shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import storage

from infra.data import Data
from infra.source import ROOT, MissingSource

PLAYER = ROOT / "clients" / "web" / "dist"
DOCS = ROOT / "clients" / "docs"
DOCUMENT = ROOT / "docs" / "openapi" / "openapi.json"
_VIEWER = DOCS / "node_modules" / "swagger-ui-dist"
_VIEWER_FILES = (
    "swagger-ui-bundle.js",
    "swagger-ui.css",
    "oauth2-redirect.html",
    "oauth2-redirect.js",
)
# Files that are named by their content never change.
_IMMUTABLE_FOLDER = "assets/web/"
_IMMUTABLE = "public, max-age=31536000, immutable"
# The others are asked for again each time; an unchanged one costs an empty answer.
_FRESH = "public, no-cache"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Page:
    """A file and the name that it is served under."""

    name: str
    path: Path


class Pages(ComponentResource):
    """Every file, in the bucket that the edge serves pages from."""

    def __init__(self, data: Data) -> None:
        super().__init__("cadenza:infra:Pages", "pages")
        for page in [*player(), *documentation()]:
            storage.BucketObject(
                f"page-{page.name}",
                bucket=data.web.name,
                name=page.name,
                source=pulumi.FileAsset(f"../{page.path.relative_to(ROOT).as_posix()}"),
                content_type=_TYPES[page.path.suffix],
                cache_control=_IMMUTABLE if page.name.startswith(_IMMUTABLE_FOLDER) else _FRESH,
                opts=ResourceOptions(parent=self),
            )
        self.register_outputs({})


def player() -> Iterator[Page]:
    """What the build left; raises `MissingSource` where it was not built."""
    if not (PLAYER / "index.html").is_file():
        raise MissingSource("the player is not built: `make pages` builds it")
    for path in sorted(PLAYER.rglob("*")):
        if path.is_file() and path.suffix != ".map":
            yield Page(path.relative_to(PLAYER).as_posix(), path)


def documentation() -> Iterator[Page]:
    """The document, its page, and the viewer that the page loads; raises `MissingSource`."""
    yield Page("openapi.json", DOCUMENT)
    for name in ("index.html", "docs.css", "docs.js"):
        yield Page(f"docs/{name}", DOCS / name)
    for name in _VIEWER_FILES:
        path = _VIEWER / name
        if not path.is_file():
            raise MissingSource(f"{name} is not installed: `make pages` installs it")
        yield Page(f"docs/{name}", path)
