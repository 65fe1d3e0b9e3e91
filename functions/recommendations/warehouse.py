"""BigQuery, as far as the recommendations need it: statements as jobs, rows out, rows in."""

import asyncio
import datetime
import os
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from shared.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Row = Mapping[str, Any]
Value = str | int | float | datetime.datetime

_TIMEOUT_S = 60.0
_RETRY_WITHIN_S = 20.0


class Progress(str, Enum):
    """How far a job has come."""

    running = "running"
    done = "done"


class StatementFailed(Exception):
    """BigQuery refuses the statement, or gave it up; the message says why.

    `is_missing`: it names a table or a model that there is not.
    """

    def __init__(self, message: str, *, is_missing: bool = False) -> None:
        super().__init__(message)
        self.is_missing = is_missing


class Warehouse(Protocol):
    """Every call raises `Unavailable` while BigQuery is not answering."""

    async def run(self, statement: str, *, job_id: str, wait_s: float) -> Progress:
        """Starts the statement, or finds it started under this id; raises `StatementFailed`."""
        ...

    async def rows(self, query: str, **parameters: Value) -> list[Row]:
        """All rows of an answer; raises `StatementFailed`."""
        ...

    async def append(self, table: str, rows: Sequence[tuple[str, Row]]) -> None:
        """Streams rows into a table of the dataset, each with an id that tells repeats apart."""
        ...


class BigQueryWarehouse:
    """`dataset` is `project.dataset`; the client is made when first used."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset
        self._client: Client | None = None

    async def run(self, statement: str, *, job_id: str, wait_s: float) -> Progress:
        return await asyncio.to_thread(self._run, statement, job_id, wait_s)

    async def rows(self, query: str, **parameters: Value) -> list[Row]:
        return await asyncio.to_thread(self._rows, query, parameters)

    async def append(self, table: str, rows: Sequence[tuple[str, Row]]) -> None:
        await asyncio.to_thread(self._append, table, rows)

    def _run(self, statement: str, job_id: str, wait_s: float) -> Progress:
        from google.api_core.exceptions import Conflict, GoogleAPICallError
        from google.cloud.bigquery import DEFAULT_RETRY

        retry = DEFAULT_RETRY.with_timeout(_RETRY_WITHIN_S)
        client = self._connected()
        try:
            try:
                job = client.query(
                    statement, job_id=job_id, retry=retry, job_retry=None, timeout=_TIMEOUT_S
                )
            except Conflict:
                job = client.get_job(job_id, retry=retry, timeout=_TIMEOUT_S)
            job.result(retry=retry, job_retry=None, timeout=wait_s)
        except TimeoutError:
            return Progress.running
        except GoogleAPICallError as error:
            raise _seen(error) from error
        except OSError as error:
            raise Unavailable("BigQuery is not answering; try again") from error
        return Progress.done

    def _rows(self, query: str, parameters: Mapping[str, Value]) -> list[Row]:
        from google.api_core.exceptions import GoogleAPICallError
        from google.cloud.bigquery import DEFAULT_RETRY, QueryJobConfig, ScalarQueryParameter

        retry = DEFAULT_RETRY.with_timeout(_RETRY_WITHIN_S)
        config = QueryJobConfig(
            query_parameters=[
                ScalarQueryParameter(name, _type_of(value), value)
                for name, value in parameters.items()
            ]
        )
        try:
            job = self._connected().query(
                query, job_config=config, retry=retry, job_retry=None, timeout=_TIMEOUT_S
            )
            found = job.result(retry=retry, job_retry=None, timeout=_TIMEOUT_S)
            return [dict(row.items()) for row in found]
        except GoogleAPICallError as error:
            raise _seen(error) from error
        except (OSError, TimeoutError) as error:
            raise Unavailable("BigQuery is not answering; try again") from error

    def _append(self, table: str, rows: Sequence[tuple[str, Row]]) -> None:
        from google.api_core.exceptions import GoogleAPICallError
        from google.cloud.bigquery import DEFAULT_RETRY

        try:
            errors = self._connected().insert_rows_json(
                f"{self._dataset}.{table}",
                [dict(row) for _, row in rows],
                row_ids=[row_id for row_id, _ in rows],
                retry=DEFAULT_RETRY.with_timeout(_RETRY_WITHIN_S),
                timeout=_TIMEOUT_S,
            )
        except (GoogleAPICallError, OSError, TimeoutError) as error:
            raise Unavailable("BigQuery takes no rows now; try again") from error
        if errors:
            raise StatementFailed(str(errors[:3]))

    def _connected(self) -> Any:
        if self._client is None:
            self._client = connected(self._dataset.partition(".")[0])
        return self._client


def connected(project: str) -> "Client":
    """A client of BigQuery, or of its emulator."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.bigquery import Client

    # The library finds the emulator by itself, and would still look for credentials.
    emulated = "BIGQUERY_EMULATOR_HOST" in os.environ
    credentials = AnonymousCredentials() if emulated else None  # type: ignore[no-untyped-call]
    return Client(project=project, credentials=credentials)


def _type_of(value: Value) -> str:
    match value:
        case str():
            return "STRING"
        case int():
            return "INT64"
        case float():
            return "FLOAT64"
        case _:
            return "TIMESTAMP"


def _seen(error: Exception) -> Exception:
    """What will fail again however often, and what may go well the next time."""
    from google.api_core.exceptions import ClientError, NotFound, TooManyRequests

    if isinstance(error, ClientError) and not isinstance(error, TooManyRequests):
        return StatementFailed(str(error), is_missing=isinstance(error, NotFound))
    return Unavailable("BigQuery is not answering; try again")
