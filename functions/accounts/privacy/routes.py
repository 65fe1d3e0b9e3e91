"""`/v1/me/export` and `DELETE /v1/me`."""

import datetime
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import func, select
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from functions.accounts.database import Database
from functions.accounts.people.tables import SessionRow
from functions.accounts.privacy.erasures import Erasures
from functions.accounts.privacy.exports import Export, Exports, Status
from shared import ids
from shared.errors import Forbidden, NotFound
from shared.openapi import Operation
from shared.web import Api, caller_of, json_response

# Whoever erases an account has proved who they are within this.
SIGNED_IN_WITHIN = datetime.timedelta(minutes=10)
_PRIVATE = {"Cache-Control": "private, no-store"}


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """`first_party`: the ids of Cadenza's own apps; no other may take or erase a person's data."""

    api: Api
    database: Database
    exports: Exports
    erasures: Erasures
    first_party: frozenset[str]
    now: Callable[[], datetime.datetime]


class ExportView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An export. `download_url` works for some minutes; ask again for another."""

    id: str
    status: Status
    created_at: str
    expires_at: str
    size: int = 0
    download_url: str = ""


class Erasing(msgspec.Struct, frozen=True):
    """An erasure has begun."""

    status: str = "erasing"


_TAG = "Privacy"
_EXPORT = Operation(
    "Pack all that is held about oneself",
    _TAG,
    ExportView,
    202,
    also={200: ExportView},
    errors=(403,),
)
_READ = Operation("An export", _TAG, ExportView, errors=(403, 404))
_ERASE = Operation("Erase one's account, everywhere", _TAG, Erasing, 202, errors=(403,))


def routes(dependencies: Dependencies) -> list[Route]:
    """All routes of exports and erasures."""
    api, privacy = dependencies.api, Privacy(dependencies)
    return [
        api.post("/v1/me/export", privacy.export, doc=_EXPORT),
        api.get("/v1/me/export/{id}", privacy.get_export, doc=_READ),
        Route("/v1/me/export/{id}/download", privacy.download, methods=["GET"]),
        api.delete("/v1/me", privacy.erase, doc=_ERASE),
    ]


class Privacy:
    """What a person may have done with their own data."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._database = dependencies.database
        self._exports = dependencies.exports
        self._erasures = dependencies.erasures
        self._first_party = dependencies.first_party
        self._now = dependencies.now

    async def export(self, request: Request) -> Response:
        """202: it is made after the answer, and `GET` says when; 200 if there is a fresh one."""
        asked = await self._exports.ask(self._person(request))
        if asked.status is Status.ready:
            return json_response(_view(asked), headers=_PRIVATE)
        location = f"/v1/me/export/{asked.id}"
        response = json_response(_view(asked), 202, {**_PRIVATE, "Location": location})
        response.background = BackgroundTask(self._exports.make, asked.id)
        return response

    async def get_export(self, request: Request) -> Response:
        export_id = _export_id(request)
        return json_response(
            _view(await self._exports.get(self._person(request), export_id)), headers=_PRIVATE
        )

    async def download(self, request: Request) -> Response:
        """The archive, for whoever has the link."""
        chunks = await self._exports.download(
            _export_id(request),
            expires=request.query_params.get("expires", ""),
            signature=request.query_params.get("signature", ""),
        )
        return StreamingResponse(
            await _begun(chunks),
            media_type="application/zip",
            headers={
                **_PRIVATE,
                "Content-Disposition": 'attachment; filename="cadenza-export.zip"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def erase(self, request: Request) -> Response:
        """202: it is done here, and will be done everywhere. There is no way back."""
        user_id = self._person(request)
        await self._require_recent_sign_in(user_id)
        await self._erasures.ask(user_id)
        return json_response(Erasing(), 202, _PRIVATE)

    def _person(self, request: Request) -> str:
        caller = caller_of(request)
        if caller.client_id not in self._first_party or caller.subject == caller.client_id:
            raise Forbidden("Only the person may do this, through one of Cadenza's own apps")
        return caller.subject

    async def _require_recent_sign_in(self, user_id: str) -> None:
        """A token alone is not enough: it may have been taken from whoever it was given to."""
        now = self._now()
        async with self._database.session() as session:
            signed_in_at = await session.scalar(
                select(func.max(SessionRow.created_at)).where(
                    SessionRow.user_id == user_id, SessionRow.expires_at > now
                )
            )
        if signed_in_at is None or now - signed_in_at > SIGNED_IN_WITHIN:
            raise Forbidden("Sign in again first: this needs a sign-in of the last ten minutes")


async def _begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, once the first is there: what is wrong is known before the answer begins."""
    first = await anext(chunks, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return all_of_them()


def _export_id(request: Request) -> str:
    export_id: str = request.path_params["id"]
    if not ids.is_valid(export_id):
        raise NotFound("There is no such export, or no longer")
    return export_id


def _view(export: Export) -> ExportView:
    return ExportView(
        id=export.id,
        status=export.status,
        created_at=_iso(export.created_at),
        expires_at=_iso(export.expires_at),
        size=export.size,
        download_url=export.download_url,
    )


def _iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
