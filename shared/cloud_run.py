"""Starts Cloud Run jobs."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.run_v2 import JobsClient

_TIMEOUT_S = 30.0


class CloudRunJob:
    """A declared job; `name` is its full resource name. The client is made when first used."""

    def __init__(self, name: str, emulator_host: str = "") -> None:
        self._name = name
        self._emulator_host = emulator_host
        self._connected: JobsClient | None = None

    async def start(self, variables: Mapping[str, str]) -> str:
        """Starts one execution with these variables more, and returns its name at once."""
        return await asyncio.to_thread(self._start, variables)

    def _start(self, variables: Mapping[str, str]) -> str:
        from google.cloud.run_v2.types import EnvVar, RunJobRequest

        if self._connected is None:
            self._connected = self._connect()
        overrides = RunJobRequest.Overrides(
            container_overrides=[
                RunJobRequest.Overrides.ContainerOverride(
                    env=[EnvVar(name=name, value=value) for name, value in variables.items()]
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
