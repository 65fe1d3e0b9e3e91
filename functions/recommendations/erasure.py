"""`person-erased`: mixes, opinions and what the night noted of somebody go; their plays are out."""

import logging

import msgspec

from functions.recommendations.features import statements
from functions.recommendations.model import UserMixes
from functions.recommendations.models import deep
from functions.recommendations.retry import retried
from functions.recommendations.state import State
from functions.recommendations.store import STATE, Documents, checked_user, mixes_path
from functions.recommendations.warehouse import StatementFailed, Warehouse
from shared import ids
from shared.documents import from_document, to_document
from shared.events import PersonErased, PersonErasedHere
from shared.messaging import Publisher
from shared.telemetry import fields

SERVICE = "recommendations"
# A cursor goes on from here: a few listeners get their mixes twice, and nobody is named.
_STUB = 6

log = logging.getLogger(__name__)


class RecommendationsErasure:
    """Erases, and confirms once nothing is left. An event that comes again goes on."""

    def __init__(
        self,
        *,
        documents: Documents,
        warehouse: Warehouse,
        dataset: str,
        publisher: Publisher,
        topic: str,
    ) -> None:
        self._documents = documents
        self._warehouse = warehouse
        self._dataset = dataset
        self._publisher = publisher
        self._topic = topic

    async def person_erased(self, event: PersonErased) -> None:
        user = checked_user(event.user_id)
        # From here on nothing is written for them, by whoever read the document before.
        nothing = to_document(UserMixes(erased=True))
        await self._documents.replace(mixes_path(user), nothing)
        # Playback does the same when it hears of it; whoever is first.
        await self._warehouse.rows(statements.erased(self._dataset), user_id=user)
        for statement in [*statements.erase(self._dataset), *deep.erase(self._dataset)]:
            await self._delete(statement, user)
        await retried(lambda: self._forget_cursor(user))
        event_id = ids.derive("person-erased-here", user, SERVICE)
        confirmed = PersonErasedHere(event_id, user, SERVICE)
        await self._publisher.publish(self._topic, confirmed, event_id=event_id)
        log.info("a listener is forgotten", extra=fields(user_id=user))

    async def _delete(self, statement: str, user: str) -> None:
        try:
            await self._warehouse.rows(statement, user_id=user)
        except StatementFailed as error:
            # Before the first night there is no such table.
            if not error.is_missing:
                raise

    async def _forget_cursor(self, user: str) -> None:
        stored = (await self._documents.read([STATE])).get(STATE)
        if stored is None:
            return
        state = from_document(dict(stored.data), State)
        if state.cursor == user:
            shorter = msgspec.structs.replace(state, cursor=user[:_STUB])
            await self._documents.write(STATE, to_document(shorter), stored.version)
