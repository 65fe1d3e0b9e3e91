"""Starts the media job on Cloud Run."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.run_v2 import JobsClient

_TIMEOUT_S = 30.0


class MediaJob:
    """The Cloud Run job that encodes uploads; `name` is its full resource name."""

    def __init__(self, name: str, emulator_host: str = "") -> None:
        self._name = name
        self._emulator_host = emulator_host
        self._connected: JobsClient | None = None

    async def run(self, upload_id: str, generation: int) -> str:
        """Starts one execution and returns its name without waiting for its end."""
        return await asyncio.to_thread(self._run, upload_id, generation)

    def _run(self, upload_id: str, generation: int) -> str:
        from google.cloud.run_v2.types import EnvVar, RunJobRequest

        if self._connected is None:
            self._connected = self._connect()
        overrides = RunJobRequest.Overrides(
            container_overrides=[
                RunJobRequest.Overrides.ContainerOverride(
                    env=[
                        EnvVar(name="UPLOAD_ID", value=upload_id),
                        EnvVar(name="UPLOAD_GENERATION", value=str(generation)),
                    ]
                )
            ]
        )
        operation = self._connected.run_job(
            RunJobRequest(name=self._name, overrides=overrides), timeout=_TIMEOUT_S
        )
        return str(operation.metadata.name)

    def _connect(self) -> "JobsClient":
        from google.cloud.run_v2 import JobsClient

        if not self._emulator_host:
            return JobsClient()
        from google.auth.credentials import AnonymousCredentials
        from google.cloud.run_v2.services.jobs.transports.rest import JobsRestTransport

        return JobsClient(
            transport=JobsRestTransport(
                host=self._emulator_host,
                url_scheme="http",
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            )
        )
