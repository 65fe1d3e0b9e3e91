"""Uploads: what is asked for, how one goes from bytes to a track, and what its owner sees."""

import datetime
import re
from enum import Enum

import msgspec

from shared import ids
from shared.errors import BadRequest, PayloadTooLarge

MAX_FILENAME = 255
MAX_IMAGE_BYTES = 20 * 1024 * 1024

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Kind(str, Enum):
    """What an upload holds: a track, or a cover for one."""

    audio = "audio"
    image = "image"


class Status(str, Enum):
    """Where an upload is. `encoded`: its media is stored, the catalogue does not have it yet."""

    pending = "pending"
    processing = "processing"
    encoded = "encoded"
    ready = "ready"
    rejected = "rejected"


class Reason(msgspec.Struct, frozen=True):
    """Why an upload was rejected, for its owner."""

    code: str
    message: str


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload as it is stored.

    `generation` is that of the object being worked on (0: none has arrived); `execution` the job's
    run on it ("" until one was started); `attempts` how many runs that generation has had;
    `event` the `media-ready` payload once encoded.
    """

    id: str
    owner: str
    filename: str
    size: int
    sha256: str
    kind: Kind
    group: str = ""
    cover_upload_id: str = ""
    status: Status = Status.pending
    generation: int = 0
    execution: str = ""
    attempts: int = 0
    session_url: str = ""
    track_id: str = ""
    album_id: str = ""
    reason: Reason | None = None
    warnings: list[str] = []
    event: dict[str, object] | None = None
    created_at: datetime.datetime
    updated_at: datetime.datetime


class UploadRequest(msgspec.Struct, frozen=True):
    """The body of `POST /v1/uploads`.

    `sha256` is the file's, in hexadecimal. `group` keeps the files of one folder together when
    their tags do not say which album they are of. `cover_upload_id` names an upload of kind image
    to use when the file carries no cover.
    """

    filename: str
    size: int
    sha256: str
    kind: Kind = Kind.audio
    group: str = ""
    cover_upload_id: str = ""


class UploadView(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An upload as its owner sees it. `upload_url` is a resumable session of Cloud Storage."""

    id: str
    status: Status
    filename: str
    size: int
    kind: Kind
    upload_url: str = ""
    track_id: str = ""
    reason: Reason | None = None
    warnings: list[str] = []
    created_at: str
    updated_at: str


def check(request: UploadRequest, max_bytes: int) -> None:
    """Raises `BadRequest` or `PayloadTooLarge`, naming the field."""
    if not 1 <= len(request.filename) <= MAX_FILENAME:
        raise BadRequest(f"Invalid filename: between 1 and {MAX_FILENAME} characters")
    if not _SHA256.fullmatch(request.sha256):
        raise BadRequest("Invalid sha256: 64 lower-case hexadecimal digits")
    if request.size < 0:
        raise BadRequest("Invalid size: must not be negative")
    most = MAX_IMAGE_BYTES if request.kind is Kind.image else max_bytes
    if request.size > most:
        raise PayloadTooLarge(f"Invalid size: at most {most} bytes")
    if len(request.group) > MAX_FILENAME:
        raise BadRequest(f"Invalid group: at most {MAX_FILENAME} characters")
    if request.cover_upload_id and not ids.is_valid(request.cover_upload_id):
        raise BadRequest("Invalid cover_upload_id: not an upload's id")


def upload_id(owner: str, sha256: str) -> str:
    """The same content of the same owner is always the same upload."""
    return ids.derive("upload", owner, sha256)


def new_upload(request: UploadRequest, owner: str, now: datetime.datetime) -> Upload:
    """An upload that waits for its bytes."""
    return Upload(
        id=upload_id(owner, request.sha256),
        owner=owner,
        filename=request.filename,
        size=request.size,
        sha256=request.sha256,
        kind=request.kind,
        group=request.group,
        cover_upload_id=request.cover_upload_id,
        created_at=now,
        updated_at=now,
    )


def view(upload: Upload) -> UploadView:
    """What the owner sees."""
    is_ready = upload.status is Status.ready
    encoding_is_over = upload.status is Status.encoded
    return UploadView(
        id=upload.id,
        status=Status.processing if encoding_is_over else upload.status,
        filename=upload.filename,
        size=upload.size,
        kind=upload.kind,
        upload_url=upload.session_url if upload.status is Status.pending else "",
        track_id=upload.track_id if is_ready else "",
        reason=upload.reason,
        warnings=upload.warnings,
        created_at=_iso(upload.created_at),
        updated_at=_iso(upload.updated_at),
    )


def _iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
