"""Taking objects out of the buckets again: what was uploaded, and what was made of it."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.storage import Client

_TIMEOUT_S = 30


class MediaObjects:
    """Deletes by the names that uploads, tracks and covers give. What is gone is no error."""

    def __init__(
        self, project: str, *, uploads_bucket: str, media_bucket: str, images_bucket: str
    ) -> None:
        self._project = project
        self._uploads = uploads_bucket
        self._media = media_bucket
        self._images = images_bucket

    @cached_property
    def _client(self) -> "Client":
        from google.cloud.storage import Client

        return Client(project=self._project)

    async def delete_upload(self, upload_id: str) -> None:
        await asyncio.to_thread(self._delete, self._uploads, upload_id)

    async def delete_track(self, track_id: str) -> None:
        """All its generations."""
        await asyncio.to_thread(self._delete_folder, self._media, f"media/{track_id}/")

    async def delete_cover(self, cover_id: str) -> None:
        await asyncio.to_thread(self._delete_folder, self._images, f"images/{cover_id}/")

    def _delete_folder(self, bucket: str, prefix: str) -> None:
        for blob in self._client.list_blobs(bucket, prefix=prefix, timeout=_TIMEOUT_S):
            self._delete(bucket, blob.name)

    def _delete(self, bucket: str, name: str) -> None:
        from google.api_core.exceptions import NotFound

        try:
            self._client.bucket(bucket).blob(name).delete(timeout=_TIMEOUT_S)
        except NotFound:
            return
