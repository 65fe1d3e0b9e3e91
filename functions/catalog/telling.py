"""Publishing what edits changed: at once, and later where that was lost."""

from functions.catalog.edit_store import EditStore
from shared.events import CatalogChanged
from shared.messaging import Publisher

_AT_ONCE = 50


class Teller:
    """Every edit and every new popularity tells what is untold, also what others left."""

    def __init__(self, store: EditStore, publisher: Publisher, catalog_changed_topic: str) -> None:
        self._store = store
        self._publisher = publisher
        self._topic = catalog_changed_topic

    async def tell(self) -> None:
        """Some of what is untold, each published at least once."""
        for event_id, changes in (await self._store.untold(_AT_ONCE)).items():
            event = CatalogChanged(event_id, "", 0, changes)
            await self._publisher.publish(self._topic, event, event_id=event_id)
            await self._store.told(event_id)
