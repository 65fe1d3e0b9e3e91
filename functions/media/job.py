"""The media job: one upload from its bytes to a track that can be played, or to a rejection.

Ends with status 0 when the upload is settled, with another when trying again may help. Killed at
any moment and run again it makes the same files, and goes on where the bucket lacks them.
"""

import hashlib
import logging
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from threadpoolctl import threadpool_limits

from functions.media import job_store, publish, storage
from functions.media.covers import MAX_BYTES as MAX_COVER_BYTES
from functions.media.covers import InvalidCoverError
from functions.media.job_store import JobStore, Outcome
from functions.media.model import Reason, Upload
from functions.media.package import Keys
from functions.media.pipeline import Result, process
from functions.media.rejection import Rejected
from functions.media.settings import JobSettings
from shared import ids, settings, telemetry
from shared.content_keys import DerivedKeys, KeyProvider
from shared.events import MediaReady
from shared.telemetry import fields

if TYPE_CHECKING:
    from google.cloud.storage import Client

log = logging.getLogger(__name__)


def main() -> int:
    """Run for the upload that the environment names."""
    # Temporary folders and child processes are cleaned up on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    configured = settings.load(JobSettings)
    telemetry.configure(configured.google_cloud_project, configured.log_level)

    from google.cloud import firestore
    from google.cloud import storage as google_storage

    job = Job(
        settings=configured,
        keys=DerivedKeys.from_base64(configured.content_key_secret),
        store=JobStore(
            firestore.Client(
                project=configured.google_cloud_project, database=configured.firestore_database
            )
        ),
        storage_client=google_storage.Client(project=configured.google_cloud_project),
    )
    # The encoders have the processors: further threads of numpy's would wait busily beside them.
    with threadpool_limits(1, "blas"):
        job.run(configured.upload_id, configured.upload_generation)
    return 0


@dataclass(frozen=True)
class Job:
    """The steps of one run, on the services that they need."""

    settings: JobSettings
    keys: KeyProvider
    store: JobStore
    storage_client: "Client"

    def run(self, upload_id: str, generation: int) -> None:
        """Settle this generation of the upload; an exception means that a retry may help."""
        upload = self.store.get(upload_id)
        if upload is None:
            log.error("no such upload", extra=fields(upload_id=upload_id))
            return
        if not job_store.is_settled(upload, generation):
            outcome = self._outcome(upload, generation)
            upload = self.store.finish(upload_id, generation, outcome)
        if upload is not None and upload.generation == generation and upload.event is not None:
            event = msgspec.convert(upload.event, MediaReady, strict=False)
            publish.media_ready(self.settings.media_ready_topic, event)
            log.info("media ready", extra=fields(upload_id=upload_id, track_id=event.track_id))

    def _outcome(self, upload: Upload, generation: int) -> Outcome:
        try:
            event, warnings = self._make(upload, generation)
        except Rejected as rejected:
            log.warning("rejected", extra=fields(upload_id=upload.id, reason=str(rejected)))
            return Outcome(reason=Reason(rejected.code, rejected.message))
        return Outcome(event=event, warnings=tuple(warnings))

    def _make(self, upload: Upload, generation: int) -> tuple[MediaReady, list[str]]:
        track_id = ids.derive("track", upload.owner, upload.sha256)
        prefix = f"media/{track_id}/{generation}"
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source = folder / "source"
            self._fetch(upload, generation, source)
            result = process(
                source,
                folder / "out",
                filename=upload.filename,
                keys=Keys(self.keys.content_key(track_id), self.keys.lossless_key(track_id)),
                max_duration_s=self.settings.max_duration_s,
                spare_picture=lambda: self._cover(upload, folder / "cover"),
            )
            publish.files(
                self.storage_client,
                result,
                media_bucket=self.settings.media_bucket,
                images_bucket=self.settings.images_bucket,
                prefix=prefix,
            )
        return _event(upload, generation, track_id, prefix, result), result.warnings

    def _fetch(self, upload: Upload, generation: int, target: Path) -> None:
        """The uploaded bytes, checked to be those that were announced."""
        try:
            size = storage.download(
                self.storage_client,
                self.settings.uploads_bucket,
                upload.id,
                target,
                max_bytes=upload.size,
                generation=generation,
            )
        except storage.MissingObjectError:
            raise Rejected("missing", "The uploaded file is no longer there") from None
        if size != upload.size:
            raise Rejected(
                "digest_mismatch", f"The file has {size} bytes; {upload.size} were announced"
            )
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != upload.sha256:
                raise Rejected("digest_mismatch", "The file differs from its announced SHA-256")

    def _cover(self, upload: Upload, target: Path) -> bytes | None:
        """The picture that was uploaded for this track, if there is one."""
        if not upload.cover_upload_id:
            return None
        try:
            size = storage.download(
                self.storage_client,
                self.settings.uploads_bucket,
                upload.cover_upload_id,
                target,
                max_bytes=MAX_COVER_BYTES,
            )
        except storage.MissingObjectError:
            raise InvalidCoverError("The cover was not uploaded") from None
        if size > MAX_COVER_BYTES:
            raise InvalidCoverError("The cover is too large")
        return target.read_bytes()


def _event(
    upload: Upload, generation: int, track_id: str, prefix: str, result: Result
) -> MediaReady:
    tags = result.tags
    return MediaReady(
        event_id=ids.derive("media-ready", upload.id, str(generation)),
        upload_id=upload.id,
        track_id=track_id,
        owner=upload.owner,
        generation=generation,
        prefix=prefix,
        title=tags.title,
        artists=tags.artists,
        album=tags.album,
        album_artists=tags.album_artists,
        compilation=tags.compilation,
        group=upload.group,
        disc_number=tags.disc_number,
        track_number=tags.track_number,
        release_date=tags.release_date,
        genres=tags.genres,
        isrc=tags.isrc,
        upc=tags.upc,
        label=tags.label,
        copyright=tags.copyright,
        explicit=tags.explicit,
        cover_id=result.cover_id,
        duration_ms=result.duration_ms,
        samples=result.samples,
        sample_rate=result.sample_rate,
        channels=result.channels,
        integrated_lufs=result.loudness.integrated_lufs,
        true_peak_db=result.loudness.true_peak_db,
        renditions=result.renditions,
        downloads=result.downloads,
        features=result.features,
    )


if __name__ == "__main__":
    sys.exit(main())
