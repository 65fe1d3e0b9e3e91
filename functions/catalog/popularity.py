"""How popular things are, as it was computed last, written beside them."""

from collections.abc import Sequence
from typing import Protocol

from functions.catalog.documents import COLLECTIONS
from functions.catalog.store import Batch, FirestoreCatalogue, Stored
from shared.events import Change, Popularity


class PopularityStore(Protocol):
    """What is needed to write popularity."""

    async def put(self, computed_at: int, items: Sequence[Popularity]) -> list[Change]:
        """Writes all that is not older than what is known; raises `Conflict`.

        `computed_at` in ms since the epoch. Returns the items that exist.
        """
        ...


class FirestorePopularity:
    """In the fields `popularity` and `popularity_at` of the items' documents."""

    def __init__(self, catalogue: FirestoreCatalogue) -> None:
        self._catalogue = catalogue

    async def put(self, computed_at: int, items: Sequence[Popularity]) -> list[Change]:
        client = self._catalogue.client
        wanted = {(COLLECTIONS[item.type], item.id): item for item in items}
        references = [client.document(*place) for place in wanted]
        known: list[Change] = []
        batch = Batch(client)
        async for snapshot in client.get_all(references, field_paths=["popularity_at"]):
            if not snapshot.exists:
                continue
            collection = snapshot.reference.parent.id
            item = wanted[collection, snapshot.id]
            known.append(Change(item.type, item.id))
            if (snapshot.to_dict() or {}).get("popularity_at", 0) < computed_at:
                document = {"popularity": item.popularity, "popularity_at": computed_at}
                before = Stored(item, snapshot.update_time)
                batch.put(collection, item.id, document, before)
        await batch.commit()
        return sorted(known, key=lambda change: (change.type, change.id))
