"""`/v1/uploads`: asking for a place to send a file to, and what became of it."""

from typing import Annotated

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from functions.media import model
from functions.media.model import Kind, Status, Upload, UploadRequest, UploadView
from functions.media.sessions import UploadSessions
from functions.media.settings import ApiSettings
from functions.media.store import Stored, UploadStore
from shared import ids
from shared.auth import api_for
from shared.clock import utc_now
from shared.errors import BadRequest, Forbidden, NotFound, Unavailable
from shared.openapi import Operation
from shared.paging import window_of
from shared.web import Api, caller_of, create_app, json_response, read_json

MAX_IDS = 100
_TRIES = 5
_TAG = "Uploads"


class UploadsQuery(msgspec.Struct, frozen=True):
    """Either `ids`, with commas, or a page of one's own after the upload `after`."""

    ids: str = ""
    after: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_IDS)] = MAX_IDS


class UploadsPage(msgspec.Struct, frozen=True):
    """`next` is the id to ask for more after; null at the end, and where ids were asked for."""

    uploads: list[UploadView | None]
    next: str | msgspec.UnsetType | None = msgspec.UNSET


_BEGIN = Operation(
    "A place to send a file to", _TAG, UploadView, 201, also={200: UploadView}, body=UploadRequest
)
_LIST = Operation("Uploads of one's own", _TAG, UploadsPage, query=UploadsQuery, errors=(400,))
_READ = Operation("What became of an upload", _TAG, UploadView)


def create(settings: ApiSettings) -> Starlette:
    """The uploads API on its real dependencies."""
    return Uploads(
        store=UploadStore(settings.google_cloud_project, settings.firestore_database),
        sessions=UploadSessions(settings.google_cloud_project, settings.uploads_bucket),
        max_bytes=settings.max_upload_bytes,
    ).app(api_for(settings))


class Uploads:
    """What artists send in."""

    def __init__(self, *, store: UploadStore, sessions: UploadSessions, max_bytes: int) -> None:
        self._store = store
        self._sessions = sessions
        self._max_bytes = max_bytes

    def app(self, api: Api) -> Starlette:
        return create_app(
            [
                api.post("/v1/uploads", self.post, scope="upload-modify", doc=_BEGIN),
                api.get("/v1/uploads", self.get_many, scope="upload-read", doc=_LIST),
                api.get("/v1/uploads/{id}", self.get, scope="upload-read", doc=_READ),
            ],
            cors=True,
        )

    async def post(self, request: Request) -> Response:
        """201 with a new upload, or 200 with the one that the same content already has."""
        asked = await read_json(request, UploadRequest)
        model.check(asked, self._max_bytes)
        owner = caller_of(request).subject
        await self._check_cover(asked.cover_upload_id, owner)
        upload, is_new = await self._known_or_new(asked, owner, request.headers.get("origin"))
        if is_new:
            await self._take_back_from_erased(upload)
        return json_response(model.view(upload), 201 if is_new else 200)

    async def get(self, request: Request) -> Response:
        upload_id = request.path_params["id"]
        if not ids.is_valid(upload_id):
            raise BadRequest("Invalid base62 id")
        stored = await self._store.get(upload_id)
        if stored is None or stored.upload.owner != caller_of(request).subject:
            raise NotFound("Upload not found")
        return json_response(model.view(stored.upload))

    async def get_many(self, request: Request) -> Response:
        """In the order asked for; null for what is not there or not the caller's.

        Without `ids`: a page of the caller's own, by id, from after the id `after`.
        """
        if "ids" not in request.query_params:
            return await self._page(request)
        wanted = [text for text in request.query_params.get("ids", "").split(",") if text]
        if not 1 <= len(wanted) <= MAX_IDS:
            raise BadRequest(f"Invalid ids: between 1 and {MAX_IDS} ids")
        if not all(ids.is_valid(upload_id) for upload_id in wanted):
            raise BadRequest("Invalid base62 id")
        found = await self._store.get_many(list(dict.fromkeys(wanted)))
        owner = caller_of(request).subject
        return json_response({"uploads": [_view_for(owner, found.get(i)) for i in wanted]})

    async def _page(self, request: Request) -> Response:
        limit = window_of(request, default=MAX_IDS, most=MAX_IDS).limit
        after = request.query_params.get("after", "")
        if after and not ids.is_valid(after):
            raise BadRequest("Invalid after: not an upload's id")
        owner = caller_of(request).subject
        page = await self._store.of_owner(owner, after=after, limit=limit)
        following = page[-1].upload.id if len(page) == limit else None
        views = [model.view(stored.upload) for stored in page]
        return json_response({"uploads": views, "next": following})

    async def _take_back_from_erased(self, upload: Upload) -> None:
        """Tokens hold for a while after their person is gone.

        Looked at after the write: either the erasure finds this upload, or we find the erasure.
        """
        if not await self._store.is_erased(upload.owner):
            return
        await self._sessions.cancel(upload)
        if (stored := await self._store.get(upload.id)) is not None:
            await self._store.delete(stored)
        raise Forbidden("This account has been erased")

    async def _check_cover(self, upload_id: str, owner: str) -> None:
        if not upload_id:
            return
        cover = await self._store.get(upload_id)
        if cover is None or cover.upload.owner != owner or cover.upload.kind is not Kind.image:
            raise BadRequest("Invalid cover_upload_id: not an image that you uploaded")

    async def _known_or_new(
        self, asked: UploadRequest, owner: str, origin: str | None
    ) -> tuple[Upload, bool]:
        for _ in range(_TRIES):
            fresh = model.new_upload(asked, owner, utc_now())
            stored = await self._store.get(fresh.id)
            if stored is None:
                upload = await self._with_session(fresh, origin)
                if await self._store.create(upload):
                    return upload, True
            elif stored.upload.status not in {Status.pending, Status.rejected}:
                return stored.upload, False
            elif (again := await self._try_again(stored, fresh, origin)) is not None:
                return again, False
        raise Unavailable("The upload is being changed by somebody else; try again")

    async def _try_again(self, stored: Stored, fresh: Upload, origin: str | None) -> Upload | None:
        """The upload waiting for its bytes once more; None if somebody else changed it meanwhile.

        It keeps its session while that lives, so that a client goes on where it was cut off.
        """
        known = stored.upload
        waiting = msgspec.structs.replace(
            fresh,
            generation=known.generation,
            session_url=known.session_url,
            created_at=known.created_at,
        )
        if known.status is Status.pending and await self._sessions.is_open(known):
            if _same_details(known, waiting):
                return known
        else:
            waiting = await self._with_session(waiting, origin)
        return waiting if await self._store.replace(stored, waiting) else None

    async def _with_session(self, upload: Upload, origin: str | None) -> Upload:
        url = await self._sessions.open(upload, origin)
        return msgspec.structs.replace(upload, session_url=url)


def _same_details(one: Upload, other: Upload) -> bool:
    return msgspec.structs.replace(one, updated_at=other.updated_at) == other


def _view_for(owner: str, stored: Stored | None) -> model.UploadView | None:
    if stored is None or stored.upload.owner != owner:
        return None
    return model.view(stored.upload)
