"""Playlist covers: JPEGs that people send, cut to squares in the sizes that clients are offered."""

import asyncio
import base64
import binascii
import hashlib
import io
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from shared.errors import BadRequest

if TYPE_CHECKING:
    from google.cloud.storage import Client

SIZES = (640, 300, 60)
MOST_BYTES = 256 * 1024
_MOST_PIXELS = 50_000_000
_QUALITY = 88
_TIMEOUT_S = 30
_CACHE_FOREVER = "public, max-age=31536000, immutable"


class Covers(Protocol):
    """Where covers lie. Their ids begin with their playlist's, and never show another picture."""

    async def put(self, cover_id: str, pictures: dict[int, bytes]) -> None:
        """`pictures`: JPEGs by the length of their sides."""
        ...

    async def delete(self, cover_id: str) -> None: ...

    async def delete_all_of(self, playlist_id: str) -> None: ...


class BucketCovers:
    """In the images bucket, as `images/<cover id>/<size>.jpg`."""

    def __init__(self, project: str, bucket: str) -> None:
        self._project = project
        self._bucket = bucket

    @cached_property
    def _client(self) -> "Client":
        from google.cloud.storage import Client

        return Client(project=self._project)

    async def put(self, cover_id: str, pictures: dict[int, bytes]) -> None:
        await asyncio.to_thread(self._put, cover_id, pictures)

    async def delete(self, cover_id: str) -> None:
        await asyncio.to_thread(self._delete, f"images/{cover_id}/")

    async def delete_all_of(self, playlist_id: str) -> None:
        await asyncio.to_thread(self._delete, f"images/{playlist_id}-")

    def _put(self, cover_id: str, pictures: dict[int, bytes]) -> None:
        bucket = self._client.bucket(self._bucket)
        for size, picture in pictures.items():
            blob = bucket.blob(f"images/{cover_id}/{size}.jpg")
            blob.cache_control = _CACHE_FOREVER
            blob.upload_from_string(picture, content_type="image/jpeg", timeout=_TIMEOUT_S)

    def _delete(self, prefix: str) -> None:
        from google.api_core.exceptions import NotFound

        for blob in self._client.list_blobs(self._bucket, prefix=prefix, timeout=_TIMEOUT_S):
            try:
                blob.delete(timeout=_TIMEOUT_S)
            except NotFound:
                continue


def decoded(body: bytes) -> bytes:
    """The JPEG that a request's body holds in base64; raises `BadRequest`."""
    text = body.strip()
    if text.startswith(b"data:image/jpeg;base64,"):
        text = text.partition(b",")[2]
    try:
        picture = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise BadRequest("Invalid image: not base64") from None
    if not picture:
        raise BadRequest("Missing required field: image")
    return picture


def cover_id(playlist_id: str, picture: bytes) -> str:
    """Of the picture as it was sent: sent again it is the same cover."""
    return f"{playlist_id}-{hashlib.sha256(picture).hexdigest()[:16]}"


def squares(picture: bytes) -> dict[int, bytes]:
    """The picture's middle in all `SIZES`, without what cameras note; raises `BadRequest`."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise BadRequest("Invalid image: too many pixels")
            image.draft("RGB", (2 * SIZES[0], 2 * SIZES[0]))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (
        OSError,
        ValueError,
        SyntaxError,
        LookupError,
        ArithmeticError,
        Image.DecompressionBombError,
    ):
        raise BadRequest("Invalid image: not a JPEG that can be read") from None
    result = {}
    for size in SIZES:
        out = io.BytesIO()
        square = ImageOps.fit(upright, (size, size), Image.Resampling.LANCZOS)
        square.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        result[size] = out.getvalue()
    return result
