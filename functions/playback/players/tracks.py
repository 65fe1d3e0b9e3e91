"""Tracks as the catalogue shows them, passed on as they are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from shared.catalog_client import CatalogClient


class TrackObjects(Protocol):
    """Who describes tracks."""

    async def of(self, track_ids: Sequence[str], market: str) -> dict[str, msgspec.Raw]:
        """By id, those that there are, as they are in a market ("" for none)."""
        ...


class CatalogueTracks:
    """Described by the catalogue."""

    def __init__(self, catalog: "CatalogClient") -> None:
        self._catalog = catalog

    async def of(self, track_ids: Sequence[str], market: str) -> dict[str, msgspec.Raw]:
        from shared.catalog_client import Form

        return await self._catalog.describe(Form.track, track_ids, market)
