"""Tracks as the catalogue shows them, passed on as they are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from shared.audience import Audience

if TYPE_CHECKING:
    from shared.catalog_client import CatalogClient


class TrackObjects(Protocol):
    """Who describes tracks."""

    async def of(self, track_ids: Sequence[str], audience: Audience) -> dict[str, msgspec.Raw]:
        """By id, those that there are, as they are shown to somebody."""
        ...


class CatalogueTracks:
    """Described by the catalogue."""

    def __init__(self, catalog: "CatalogClient") -> None:
        self._catalog = catalog

    async def of(self, track_ids: Sequence[str], audience: Audience) -> dict[str, msgspec.Raw]:
        from shared.catalog_client import Form

        return await self._catalog.describe(Form.track, track_ids, audience)
