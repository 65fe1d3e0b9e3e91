"""`/v1/imports`: whole catalogues, put in by operators, batch by batch."""

from typing import Annotated

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog import importing
from functions.catalog.asked import id_of
from functions.catalog.audit import Entry, Tag
from functions.catalog.availability import now_text
from functions.catalog.editing import OPERATOR, SCOPE
from functions.catalog.import_store import Answer, Found, Import, ImportStore, Writes
from functions.catalog.importing import Batch, Refused
from functions.catalog.retry import until_it_holds
from functions.catalog.store import Stored
from functions.catalog.telling import Teller
from shared import ids
from shared.errors import ApiError, BadRequest, Forbidden, NotFound
from shared.firestore import Conflict
from shared.openapi import Operation
from shared.tokens import Caller
from shared.web import Api, caller_of, json_response, read_body, read_json

MOST_ITEMS = 500
_MOST_BYTES = 8 * 1024 * 1024
_TAG = "Import"


class OutOfSequence(ApiError):
    """The batch is not the one that is expected; the message says which that is."""

    status = 409


class ImportRequest(msgspec.Struct, frozen=True):
    """`sha256` of the file: opening it again goes on where it was left."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] | None = None


class BatchRequest(msgspec.Struct, frozen=True):
    """`items` are artists, albums and tracks, those first that others refer to."""

    sequence: Annotated[int, msgspec.Meta(ge=1)]
    items: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_ITEMS)]


class ImportObject(msgspec.Struct, frozen=True):
    """`next_sequence`: of the batch that is expected. The counts are of lines so far."""

    id: str
    name: str
    next_sequence: int
    accepted: int
    refused: int
    opened_at: str


class BatchAnswer(msgspec.Struct, frozen=True):
    """`refused` names lines by their place among the items, from 1."""

    accepted: int
    refused: list[Refused]
    next_sequence: int


class Imports:
    """The routes. A batch that is sent again is answered as the first time."""

    def __init__(self, store: ImportStore, teller: Teller) -> None:
        self._store = store
        self._teller = teller

    def routes(self, api: Api) -> list[Route]:
        errors = (400, 403, 404)
        return [
            api.post(
                "/v1/imports",
                self.post,
                scope=SCOPE,
                doc=Operation(
                    "Open an import, or find one that was opened",
                    _TAG,
                    ImportObject,
                    body=ImportRequest,
                    errors=errors[:2],
                ),
            ),
            api.get(
                "/v1/imports/{id}",
                self.get,
                scope=SCOPE,
                doc=Operation("How far an import has come", _TAG, ImportObject, errors=errors),
            ),
            api.post(
                "/v1/imports/{id}/batches",
                self.post_batch,
                scope=SCOPE,
                doc=Operation(
                    "Import up to 500 artists, albums and tracks",
                    _TAG,
                    BatchAnswer,
                    body=BatchRequest,
                    errors=(*errors, 409, 413),
                ),
            ),
        ]

    async def post(self, request: Request) -> Response:
        caller = _operator(request)
        asked = await read_json(request, ImportRequest)
        file = ids.derive("import", caller.subject, asked.sha256) if asked.sha256 else ids.random()
        fresh = Import(
            id=file,
            name=asked.name,
            sha256=asked.sha256 or "",
            opened_by=caller.subject,
            opened_at=now_text(),
        )
        stored = await self._store.open(fresh, _opened(fresh, caller))
        return json_response(_shown(stored.item))

    async def get(self, request: Request) -> Response:
        _operator(request)
        stored = await self._import(id_of(request))
        return json_response(_shown(stored.item), headers={"Cache-Control": "no-store"})

    async def post_batch(self, request: Request) -> Response:
        _operator(request)
        import_id = id_of(request)
        asked = _batch_of(await read_body(request, _MOST_BYTES))
        presumed_new = True

        async def attempt() -> tuple[Answer, int]:
            nonlocal presumed_new
            before = await self._import(import_id)
            if asked.sequence == before.item.sequence - 1:
                return before.item.last, before.item.sequence
            if asked.sequence != before.item.sequence:
                raise OutOfSequence(f"Invalid sequence: expected {before.item.sequence}")
            try:
                return await self._take(asked, before, presumed_new=presumed_new)
            except Conflict:
                presumed_new = False
                raise

        answer, next_sequence = await until_it_holds(attempt)
        await self._teller.tell()
        return json_response(BatchAnswer(answer.accepted, answer.refused, next_sequence))

    async def _take(
        self, asked: BatchRequest, before: Stored[Import], *, presumed_new: bool
    ) -> tuple[Answer, int]:
        """Tracks of new albums are `presumed_new`: the write fails where one is not."""
        batch = Batch.read(asked.items)
        found = await self._store.find_items(
            batch.artists_named() | batch.artists.keys(), batch.albums_named(), ()
        )
        albums = {id: stored.item for id, stored in found.albums.items()}
        importing.refuse_unknown(batch, found.artists, albums)
        wanted = [
            line.id for line in batch.tracks.values() if line.album in albums or not presumed_new
        ]
        if wanted:
            tracks = (await self._store.find_items((), (), wanted)).tracks
            found = Found(found.artists, found.albums, tracks)
        known = {id: stored.item for id, stored in found.tracks.items()}
        importing.refuse_taken(batch, known)
        merged = importing.merged(batch, found.artists, albums, known)
        refused = sorted(batch.refused, key=lambda each: each.line)
        after = replace(
            before.item,
            sequence=before.item.sequence + 1,
            accepted=before.item.accepted + batch.accepted,
            refused=before.item.refused + len(refused),
            last=Answer(batch.accepted, refused),
        )
        writes = Writes(list(batch.artists.values()), merged)
        await self._store.put(writes, found, before, after)
        return after.last, after.sequence

    async def _import(self, import_id: str) -> Stored[Import]:
        stored = await self._store.find(import_id)
        if stored is None:
            raise NotFound("Resource not found")
        return stored


def _operator(request: Request) -> Caller:
    caller = caller_of(request)
    if OPERATOR not in caller.roles:
        raise Forbidden("Only operators may import")
    return caller


def _batch_of(body: bytes) -> BatchRequest:
    try:
        return msgspec.json.decode(body, type=BatchRequest)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest("The body is not valid JSON") from error


def _shown(item: Import) -> ImportObject:
    return ImportObject(
        item.id, item.name, item.sequence, item.accepted, item.refused, item.opened_at
    )


def _opened(fresh: Import, caller: Caller) -> Entry:
    return Entry(
        tag=Tag.import_opened,
        actor=caller.subject,
        app=caller.client_id,
        type="import",
        item=fresh.id,
        owner=caller.subject,
        at=fresh.opened_at,
        after={"name": fresh.name, "sha256": fresh.sha256},
    )
