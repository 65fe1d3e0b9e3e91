"""What each unit of media reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`media-api`."""

    firestore_database: str
    uploads_bucket: str
    max_upload_bytes: int


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`media-events`. `cloud_run_emulator_host` is set by the local runner only."""

    firestore_database: str
    uploads_bucket: str
    media_bucket: str
    images_bucket: str
    media_job: str
    media_ready_topic: str
    person_erased_here_topic: str
    stale_after_s: int
    max_attempts: int
    cloud_run_emulator_host: str = ""


class JobSettings(UnitSettings, frozen=True, kw_only=True):
    """`media-job`. The last two come with each run; the others with the job."""

    firestore_database: str
    uploads_bucket: str
    media_bucket: str
    images_bucket: str
    media_ready_topic: str
    content_key_secret: str
    max_duration_s: int
    upload_id: str
    upload_generation: int


UNITS = {
    "media-api": ApiSettings,
    "media-events": EventsSettings,
    "media-job": JobSettings,
}
