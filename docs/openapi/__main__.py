"""Writes docs/openapi/openapi.json: `make docs`."""

import json
from importlib.metadata import version
from pathlib import Path

from docs.openapi.document import document
from docs.openapi.examples import examples
from docs.openapi.routes import documented
from functions.catalog import objects

TARGET = Path(__file__).with_name("openapi.json")
# What the markers of shared.openapi stand for.
_MARKED = (
    objects.TrackObject,
    objects.SimplifiedAlbumObject,
    objects.AlbumObject,
    objects.ArtistObject,
    objects.SimplifiedArtistObject,
)


def text() -> str:
    """The document as it is kept in the repository."""
    whole = document(documented(), objects=_MARKED, examples=examples(), version=version("cadenza"))
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
