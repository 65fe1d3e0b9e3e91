"""The job's side of the `uploads` collection: synchronous, and only the fields that it owns."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.media.model import Reason, Status, Upload
from functions.media.store import COLLECTION
from shared.clock import utc_now
from shared.documents import from_document, to_document
from shared.events import MediaReady

if TYPE_CHECKING:
    from google.cloud.firestore import Client

_TRIES = 6
_PAUSE_S = 0.1


class ContentionError(Exception):
    """The document changed under us again and again."""


@dataclass(frozen=True)
class Outcome:
    """How the work on an upload ended: with an event to publish, or with a reason why not."""

    event: MediaReady | None = None
    reason: Reason | None = None
    warnings: tuple[str, ...] = ()


class JobStore:
    """Uploads as the job reads and finishes them."""

    def __init__(self, client: "Client") -> None:
        self._uploads = client.collection(COLLECTION)
        self._write_option = client.write_option

    def get(self, upload_id: str) -> Upload | None:
        """The upload, or None."""
        snapshot = self._uploads.document(upload_id).get()
        return _upload(snapshot) if snapshot.exists else None

    def finish(self, upload_id: str, generation: int, outcome: Outcome) -> Upload | None:
        """Write down the outcome, unless a newer generation has arrived or another run was first.

        Returns the upload as it then is; raises `ContentionError`.
        """
        return self._change(upload_id, lambda upload: _fields(upload, generation, outcome))

    def _change(
        self, upload_id: str, change: Callable[[Upload], dict[str, Any] | None]
    ) -> Upload | None:
        from google.api_core.exceptions import Aborted, FailedPrecondition

        reference = self._uploads.document(upload_id)
        for attempt in range(_TRIES):
            snapshot = reference.get()
            if not snapshot.exists:
                return None
            upload = _upload(snapshot)
            fields = change(upload)
            if fields is None:
                return upload
            try:
                reference.update(
                    fields, option=self._write_option(last_update_time=snapshot.update_time)
                )
            except (Aborted, FailedPrecondition):
                time.sleep(_PAUSE_S * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 -- jitter
                continue
            return from_document({**to_document(upload), **fields}, Upload)
        raise ContentionError(f"upload {upload_id} changes too often")


def is_settled(upload: Upload, generation: int) -> bool:
    """Whether nothing is left to do for this generation of the upload's object."""
    if upload.generation != generation:
        return upload.generation > generation
    return upload.status in {Status.encoded, Status.ready, Status.rejected}


def _fields(upload: Upload, generation: int, outcome: Outcome) -> dict[str, Any] | None:
    if is_settled(upload, generation):
        return None
    event = outcome.event
    return {
        "status": (Status.encoded if event else Status.rejected).value,
        "generation": generation,
        "track_id": event.track_id if event else "",
        "event": to_document(event) if event else None,
        "reason": to_document(outcome.reason) if outcome.reason else None,
        "warnings": list(outcome.warnings),
        "updated_at": utc_now(),
    }


def _upload(snapshot: Any) -> Upload:
    return from_document({**snapshot.to_dict(), "id": snapshot.id}, Upload)
