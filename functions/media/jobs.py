"""Starts the media job on Cloud Run."""

from shared.cloud_run import CloudRunJob


class MediaJob:
    """The Cloud Run job that encodes uploads; `name` is its full resource name."""

    def __init__(self, name: str, emulator_host: str = "") -> None:
        self._job = CloudRunJob(name, emulator_host)

    async def run(self, upload_id: str, generation: int) -> str:
        """Starts one execution and returns its name without waiting for its end."""
        return await self._job.start({"UPLOAD_ID": upload_id, "UPLOAD_GENERATION": str(generation)})
