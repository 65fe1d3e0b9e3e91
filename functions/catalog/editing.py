"""`PUT` and `DELETE` of tracks and albums: edits and take-downs by their owners, and operators."""

import datetime
import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog import revisions, update
from functions.catalog.asked import id_of
from functions.catalog.audit import Entry, Tag
from functions.catalog.availability import now_text, text_of
from functions.catalog.edit_store import EditStore
from functions.catalog.edits import edited
from functions.catalog.model import Album, StoredTrack, Track
from functions.catalog.retry import until_it_holds
from functions.catalog.revisions import AlbumChange, AlbumState, TrackChange, TrackState
from functions.catalog.store import Stored
from functions.catalog.telling import Teller
from shared.errors import ApiError, Forbidden, NotFound
from shared.events import Change
from shared.openapi import Operation
from shared.tokens import Caller
from shared.web import Api, caller_of, json_response, read_json

SCOPE = "upload-modify"
OPERATOR = "operator"
RESTORABLE_FOR = datetime.timedelta(days=30)
_TAG = "Editing"
_ERRORS = (400, 403, 404, 412)

State = TypeVar("State", TrackState, AlbumState)


class PreconditionFailed(ApiError):
    """What the caller wants to change is not what they have seen."""

    status = 412


class Editing:
    """The routes that edit. What they answer carries an ETag, for `If-Match`.

    `evict` is told what changed, so that who edits sees it at once.
    """

    def __init__(self, store: EditStore, teller: Teller, evict: Callable[[str, str], None]) -> None:
        self._store = store
        self._teller = teller
        self._evict = evict

    def routes(self, api: Api) -> list[Route]:
        track, album = TrackState, AlbumState
        return [
            api.get(
                "/v1/tracks/{id}/edit",
                self.get_track,
                scope=SCOPE,
                doc=Operation("A track as its owner sees it", _TAG, track, errors=_ERRORS[:3]),
            ),
            api.put(
                "/v1/tracks/{id}",
                self.put_track,
                scope=SCOPE,
                doc=Operation("Edit a track", _TAG, track, body=TrackChange, errors=_ERRORS),
            ),
            api.delete(
                "/v1/tracks/{id}",
                self.delete_track,
                scope=SCOPE,
                doc=Operation("Take a track down", _TAG, track, errors=_ERRORS),
            ),
            api.put(
                "/v1/tracks/{id}/restore",
                self.restore_track,
                scope=SCOPE,
                doc=Operation("List a track again", _TAG, track, errors=_ERRORS),
            ),
            api.get(
                "/v1/albums/{id}/edit",
                self.get_album,
                scope=SCOPE,
                doc=Operation("An album as its owner sees it", _TAG, album, errors=_ERRORS[:3]),
            ),
            api.put(
                "/v1/albums/{id}",
                self.put_album,
                scope=SCOPE,
                doc=Operation("Edit an album", _TAG, album, body=AlbumChange, errors=_ERRORS),
            ),
            api.delete(
                "/v1/albums/{id}",
                self.delete_album,
                scope=SCOPE,
                doc=Operation("Take an album down", _TAG, album, errors=_ERRORS),
            ),
            api.put(
                "/v1/albums/{id}/restore",
                self.restore_album,
                scope=SCOPE,
                doc=Operation("List an album again", _TAG, album, errors=_ERRORS),
            ),
        ]

    async def get_track(self, request: Request) -> Response:
        stored = await self._track(id_of(request), caller_of(request))
        return _answer(_track_state(stored.item))

    async def put_track(self, request: Request) -> Response:
        change = await read_json(request, TrackChange)

        def revised(track: StoredTrack) -> StoredTrack:
            after = replace(track, edit=revisions.track_edit(track.edit, change))
            revisions.check_window(edited(after).terms)
            return after

        return await self._change_track(request, Tag.track_edited, revised)

    async def delete_track(self, request: Request) -> Response:
        return await self._change_track(request, Tag.track_taken_down, _taken_down)

    async def restore_track(self, request: Request) -> Response:
        return await self._change_track(request, Tag.track_restored, _restored)

    async def get_album(self, request: Request) -> Response:
        stored = await self._album(id_of(request), caller_of(request))
        return _answer(_album_state(stored.item))

    async def put_album(self, request: Request) -> Response:
        change = await read_json(request, AlbumChange)

        def revised(album: Album) -> Album:
            edit = revisions.album_edit(album.edit, change)
            after = update.album_revision(replace(album, edit=edit))
            revisions.check_window(after.terms)
            return after

        return await self._change_album(request, Tag.album_edited, revised)

    async def delete_album(self, request: Request) -> Response:
        return await self._change_album(request, Tag.album_taken_down, _taken_down)

    async def restore_album(self, request: Request) -> Response:
        return await self._change_album(request, Tag.album_restored, _restored)

    async def _change_track(
        self, request: Request, tag: Tag, revise: Callable[[StoredTrack], StoredTrack]
    ) -> Response:
        caller, track_id = caller_of(request), id_of(request)

        async def attempt() -> TrackState:
            previous = await self._track(track_id, caller)
            before = previous.item
            _check_match(request, _track_state(before))
            after = revise(before)
            if after == before:
                return _track_state(before)
            albums = await self._store.stored_albums([before.album_id])
            known = {album_id: stored.item for album_id, stored in albums.items()}
            planned = update.revision(_plain(after), before, known)
            entry = _entry(tag, caller, before, after)
            await self._store.edit_track(planned, previous, albums, entry)
            self._forget(planned.changes)
            return _track_state(after)

        return await self._settled(attempt)

    async def _change_album(
        self, request: Request, tag: Tag, revise: Callable[[Album], Album]
    ) -> Response:
        caller, album_id = caller_of(request), id_of(request)

        async def attempt() -> AlbumState:
            previous = await self._album(album_id, caller)
            before = previous.item
            _check_match(request, _album_state(before))
            after = revise(before)
            if after == before:
                return _album_state(before)
            changes = [
                Change("album", album_id),
                *(Change("track", track.id) for track in after.tracks),
                *(Change("artist", artist.id) for artist in after.artists),
            ]
            entry = _entry(tag, caller, before, after)
            await self._store.edit_album(after, previous, changes, entry)
            self._forget(changes)
            return _album_state(after)

        return await self._settled(attempt)

    async def _settled(self, attempt: Callable[[], Awaitable[State]]) -> Response:
        """Also where nothing changed: the call may be the retry of one that could not tell."""
        state = await until_it_holds(attempt)
        await self._teller.tell()
        return _answer(state)

    async def _track(self, track_id: str, caller: Caller) -> Stored[StoredTrack]:
        stored = await self._store.stored_track(track_id)
        if stored is None:
            raise NotFound("Resource not found")
        _check_may_edit(stored.item, caller)
        return stored

    async def _album(self, album_id: str, caller: Caller) -> Stored[Album]:
        stored = (await self._store.stored_albums([album_id])).get(album_id)
        if stored is None:
            raise NotFound("Resource not found")
        album = stored.item
        # Albums of before they knew their owner: it is their tracks'.
        if not album.owner and album.tracks:
            track = await self._store.stored_track(album.tracks[0].id)
            owner = track.item.owner if track else ""
            stored = Stored(replace(album, owner=owner), stored.version)
        _check_may_edit(stored.item, caller)
        return stored

    def _forget(self, changes: list[Change]) -> None:
        for change in changes:
            self._evict(change.type, change.id)


def _check_may_edit(item: Track | Album, caller: Caller) -> None:
    if OPERATOR in caller.roles or (item.owner and item.owner == caller.subject):
        return
    if item.taken_down_at:
        raise NotFound("Resource not found")
    raise Forbidden("This is not yours to edit")


def _check_match(request: Request, state: TrackState | AlbumState) -> None:
    """`If-Match`, compared strongly (RFC 9110, 13.1.1)."""
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return
    if _etag(state) not in {each.strip() for each in header.split(",")}:
        raise PreconditionFailed("It has changed since you read it")


ItemT = TypeVar("ItemT", StoredTrack, Album)


def _taken_down(item: ItemT) -> ItemT:
    return item if item.taken_down_at else replace(item, taken_down_at=now_text())


def _restored(item: ItemT) -> ItemT:
    if item.taken_down_at and _restorable_until(item) <= now_text():
        raise NotFound("It was taken down too long ago to be restored")
    return replace(item, taken_down_at="")


def _restorable_until(item: Track | Album) -> str:
    if not item.taken_down_at:
        return ""
    return text_of(datetime.datetime.fromisoformat(item.taken_down_at) + RESTORABLE_FOR)


def _track_state(track: Track) -> TrackState:
    return revisions.track_state(track, _restorable_until(track))


def _album_state(album: Album) -> AlbumState:
    return revisions.album_state(album, _restorable_until(album))


def _plain(track: StoredTrack) -> Track:
    """Without what its last write changed."""
    return Track(**{name: getattr(track, name) for name in Track.__struct_fields__})


def _entry(tag: Tag, caller: Caller, before: ItemT, after: ItemT) -> Entry:
    old, new = revisions.difference(before.edit, after.edit)
    if before.taken_down_at != after.taken_down_at:
        old["taken_down_at"], new["taken_down_at"] = before.taken_down_at, after.taken_down_at
    return Entry(
        tag=tag,
        actor=caller.subject,
        app=caller.client_id,
        type="album" if isinstance(before, Album) else "track",
        item=before.id,
        owner=before.owner,
        at=now_text(),
        before=old,
        after=new,
    )


def _answer(state: TrackState | AlbumState) -> Response:
    # The CDN would compress it and weaken its ETag, which `If-Match` then does not know.
    headers = {"ETag": _etag(state), "Cache-Control": "no-store, no-transform"}
    return json_response(state, headers=headers)


def _etag(state: TrackState | AlbumState) -> str:
    return f'"{hashlib.blake2b(msgspec.json.encode(state), digest_size=16).hexdigest()}"'
