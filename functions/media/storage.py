"""Cloud Storage as the job uses it: one object down, hundreds up."""

import base64
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.storage import Bucket, Client

CACHE_FOREVER = "public, max-age=31536000, immutable"
_WORKERS = 8
_TIMEOUT_S = 60

_CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".mp4": "audio/mp4",
    ".m4s": "audio/mp4",
    ".ogg": "audio/ogg",
    ".bin": "application/octet-stream",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".jpg": "image/jpeg",
}


class MissingObjectError(Exception):
    """The bucket does not hold the object, or no longer in this generation."""


@dataclass(frozen=True)
class Upload:
    """A file and the name that its object gets."""

    path: Path
    name: str


def download(
    client: "Client",
    bucket: str,
    name: str,
    target: Path,
    *,
    max_bytes: int,
    generation: int | None = None,
) -> int:
    """Write the object to `target` and return its size; raises `MissingObjectError`.

    An object larger than `max_bytes` is not fetched; its size alone is returned.
    """
    from google.api_core.exceptions import NotFound

    blob = client.bucket(bucket).blob(name, generation=generation)
    try:
        blob.reload(timeout=_TIMEOUT_S)
        size = int(blob.size)
        if size <= max_bytes:
            blob.download_to_filename(target, timeout=_TIMEOUT_S, raw_download=True)
    except NotFound as error:
        raise MissingObjectError(name) from error
    return size


def upload(client: "Client", bucket: str, uploads: Sequence[Upload]) -> None:
    """Write all the files, several at a time; objects that are there with the same bytes stay."""
    target = client.bucket(bucket)
    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(lambda one: _upload(target, one), uploads):
            pass


def _upload(bucket: "Bucket", file: Upload) -> None:
    from google.api_core.exceptions import PreconditionFailed

    data = file.path.read_bytes()
    try:
        _write(bucket, file, data, generation=0)
    except PreconditionFailed:
        there = bucket.blob(file.name)
        there.reload(timeout=_TIMEOUT_S)
        # A run of another version of us died here: its files must not mix with ours.
        if there.md5_hash != _md5(data):
            _write(bucket, file, data, generation=there.generation)


def _write(bucket: "Bucket", file: Upload, data: bytes, *, generation: int) -> None:
    blob = bucket.blob(file.name)
    blob.cache_control = CACHE_FOREVER
    blob.upload_from_string(
        data,
        content_type=_CONTENT_TYPES[file.path.suffix],
        if_generation_match=generation,
        timeout=_TIMEOUT_S,
    )


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
