"""`person-erased`: what a person saved, followed and made goes; what they added is nobody's."""

import contextlib

from functions.library.activity import Activity
from functions.library.announce import followers_path
from functions.library.covers import Covers
from functions.library.items import Items
from functions.library.lists import Lists
from functions.library.model import Kind, is_user_id
from functions.library.people import People
from functions.library.playlists import Playlists
from functions.library.store import Documents
from shared import ids
from shared.errors import BadRequest, Forbidden, NotFound
from shared.events import PersonErased, PersonErasedHere
from shared.firestore import Write
from shared.messaging import Publisher

SERVICE = "library"
_AT_ONCE = 50


class LibraryErasure:
    """Erases, and confirms once nothing is left. An event that comes again goes on."""

    def __init__(
        self,
        *,
        documents: Documents,
        lists: Lists,
        playlists: Playlists,
        items: Items,
        activity: Activity,
        people: People,
        covers: Covers,
        publisher: Publisher,
        topic: str,
    ) -> None:
        self._documents = documents
        self._lists = lists
        self._playlists = playlists
        self._items = items
        self._activity = activity
        self._people = people
        self._covers = covers
        self._publisher = publisher
        self._topic = topic

    async def person_erased(self, event: PersonErased) -> None:
        user = event.user_id
        if not is_user_id(user):
            raise BadRequest("Invalid user_id: not an id")
        await self._unfollow_all(user)
        # From here on nothing comes into their lists, and no playlist can be made.
        for kind in Kind:
            await self._lists.erase(user, kind)
        await self._delete_playlists(user)
        await self._disown_items(user)
        await self._activity.forget(user)
        await self._people.forget(user)
        event_id = ids.derive("person-erased-here", user, SERVICE)
        confirmed = PersonErasedHere(event_id, user, SERVICE)
        await self._publisher.publish(self._topic, confirmed, event_id=event_id)

    async def _unfollow_all(self, user: str) -> None:
        """While the list can still be read; an event that comes again finds it erased."""
        try:
            entries = await self._lists.everything(user, Kind.playlists)
        except Forbidden:
            return
        found = await self._playlists.found(entry.id for entry in entries)
        for playlist in found.values():
            if playlist.owner != user:
                await self._playlists.leave(user, playlist.id)

    async def _delete_playlists(self, user: str) -> None:
        while owned := await self._documents.find("playlists", "owner", "==", user, _AT_ONCE):
            for playlist_id in owned:
                await self._covers.delete_all_of(playlist_id)
                await self._playlists.delete(playlist_id, listed=False)
                await self._documents.commit([Write(followers_path(playlist_id))])

    async def _disown_items(self, user: str) -> None:
        while theirs := await self._documents.find(
            "playlists", "contributors", "array_contains", user, _AT_ONCE
        ):
            for playlist_id in theirs:
                with contextlib.suppress(NotFound):
                    await self._items.disown(playlist_id, user)
