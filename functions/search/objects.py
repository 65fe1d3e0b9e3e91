"""The objects of the `search-index` bucket."""

import asyncio
import datetime
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

_TIMEOUT_S = 30


class Listed(NamedTuple):
    """An object: its name, its size in bytes, and when it was written."""

    name: str
    size: int
    written_at: datetime.datetime


class Objects(Protocol):
    """What the index needs of a bucket. Conditions are on an object's generation, 0 for none."""

    async def read(self, name: str) -> tuple[bytes, int] | None:
        """Its bytes and its generation, if it is there."""

    async def write(self, name: str, data: bytes, *, if_generation: int) -> bool:
        """False, and nothing is written, if the object is not of that generation."""

    async def list(self, prefix: str, after: str = "") -> Sequence[Listed]:
        """In the order of their names, from the one after `after`."""

    async def delete(self, name: str) -> None:
        """What is gone is no error."""

    async def upload(self, name: str, file: Path) -> None: ...

    async def download(self, name: str, file: Path) -> bool:
        """False if it is not there."""


class BucketObjects:
    """`Objects` in Cloud Storage."""

    def __init__(self, project: str, bucket: str) -> None:
        self._project = project
        self._name = bucket

    @cached_property
    def _bucket(self) -> "Bucket":
        from google.cloud.storage import Client

        return Client(project=self._project).bucket(self._name)

    async def read(self, name: str) -> tuple[bytes, int] | None:
        return await asyncio.to_thread(self._read, name)

    async def write(self, name: str, data: bytes, *, if_generation: int) -> bool:
        return await asyncio.to_thread(self._write, name, data, if_generation)

    async def list(self, prefix: str, after: str = "") -> Sequence[Listed]:
        return await asyncio.to_thread(self._list, prefix, after)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._delete, name)

    async def upload(self, name: str, file: Path) -> None:
        blob = self._bucket.blob(name)
        await asyncio.to_thread(
            blob.upload_from_filename, str(file), if_generation_match=0, timeout=_TIMEOUT_S
        )

    async def download(self, name: str, file: Path) -> bool:
        return await asyncio.to_thread(self._download, name, file)

    def _read(self, name: str) -> tuple[bytes, int] | None:
        from google.api_core.exceptions import NotFound

        blob = self._bucket.blob(name)
        try:
            # The answer's headers tell the generation of just these bytes.
            data: bytes = blob.download_as_bytes(timeout=_TIMEOUT_S)
        except NotFound:
            return None
        return data, int(blob.generation or 0)

    def _write(self, name: str, data: bytes, if_generation: int) -> bool:
        from google.api_core.exceptions import PreconditionFailed

        blob = self._bucket.blob(name)
        try:
            blob.upload_from_string(data, if_generation_match=if_generation, timeout=_TIMEOUT_S)
        except PreconditionFailed:
            return False
        return True

    def _list(self, prefix: str, after: str) -> Sequence[Listed]:
        # A name with a zero byte more is the next one that could be.
        start = f"{after}\x00" if after else None
        blobs = self._bucket.list_blobs(prefix=prefix, start_offset=start, timeout=_TIMEOUT_S)
        found = [Listed(blob.name, int(blob.size or 0), blob.time_created) for blob in blobs]
        return [each for each in found if each.name > after]

    def _delete(self, name: str) -> None:
        from google.api_core.exceptions import NotFound

        try:
            self._bucket.blob(name).delete(timeout=_TIMEOUT_S)
        except NotFound:
            return

    def _download(self, name: str, file: Path) -> bool:
        from google.api_core.exceptions import NotFound

        try:
            self._bucket.blob(name).download_to_filename(str(file), timeout=_TIMEOUT_S)
        except NotFound:
            return False
        return True
