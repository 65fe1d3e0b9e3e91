"""BigQuery's emulator as the place of inputs and results: tables that last as long as a statement.

Rows pass through files, for it runs on this machine: its REST interface takes ten times as long.
"""

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import Column

# A name that BigQuery itself keeps out of lists.
DATASET = "_bigquery_ml"

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5)


@dataclass(frozen=True)
class Table:
    project: str
    name: str
    columns: list[Column]

    @property
    def quoted(self) -> str:
        return f"`{self.project}.{DATASET}.{self.name}`"


@dataclass(frozen=True)
class Setting:
    """What a statement came with, and the inner ones of it are asked with too."""

    project: str
    given: dict[str, Any] = field(default_factory=dict)  # queryParameters, defaultDataset, …


class Tables:
    """One statement's tables at the emulator at `url`, dropped at the end of `opened`."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, folder: Path, setting: Setting
    ) -> None:
        self._session = session
        self._root = f"{url}/bigquery/v2/projects"
        self._folder = folder
        self._setting = setting
        self._made: list[str] = []

    async def submit(self, configuration: dict[str, Any], job_id: str) -> None:
        """Run a job that the emulator keeps under this id. Raises `Refused`."""
        await self._job(configuration, job_id)

    async def make(self, select: str, columns: str = "*") -> Table:
        """A table of what is selected. Raises `Refused`."""
        await self._make_dataset()
        name = self._fresh()
        table = Table(self._setting.project, name, [])
        sql = f"CREATE TABLE {table.quoted} AS SELECT {columns} FROM ({select})"  # noqa: S608
        await self._job({"query": {**self._setting.given, "query": sql, "useLegacySql": False}})
        return Table(table.project, name, await self._columns(name))

    async def rows(self, table: Table) -> bytes:
        """A JSON object a line."""
        path = self._folder / f"{table.name}.out"
        source = self._reference(table.name)
        try:
            await self._job(
                {
                    "extract": {
                        "sourceTable": source,
                        "destinationUris": [path.as_uri()],
                        "destinationFormat": "NEWLINE_DELIMITED_JSON",
                    }
                }
            )
            return await asyncio.to_thread(path.read_bytes)
        finally:
            path.unlink(missing_ok=True)

    async def keep(self, columns: list[Column], rows: Iterable[bytes]) -> Table:
        """A table of rows that are JSON objects, whole lines in each piece.

        The rows are computed in a thread, as they are written.
        """
        await self._make_dataset()
        name = self._fresh()
        path = self._folder / f"{name}.in"
        fields = [msgspec.to_builtins(column) for column in columns]
        body = {"tableReference": self._reference(name), "schema": {"fields": fields}}
        await self._send("POST", f"/datasets/{DATASET}/tables", body)
        try:
            await asyncio.to_thread(_write, path, rows)
            if path.stat().st_size:
                await self._job(
                    {
                        "load": {
                            "sourceUris": [path.as_uri()],
                            "sourceFormat": "NEWLINE_DELIMITED_JSON",
                            "destinationTable": self._reference(name),
                        }
                    }
                )
        finally:
            path.unlink(missing_ok=True)
        return Table(self._setting.project, name, columns)

    async def drop(self) -> None:
        for name in self._made:
            with contextlib.suppress(Refused):
                await self._send("DELETE", f"/datasets/{DATASET}/tables/{name}", None)
        self._made.clear()

    async def forget_all(self) -> None:
        """Drop what an earlier run has left behind."""
        with contextlib.suppress(Refused):
            await self._send("DELETE", f"/datasets/{DATASET}?deleteContents=true", None)

    async def has_dataset(self, project: str, dataset: str) -> bool:
        try:
            await self._send("GET", f"/datasets/{dataset}", None, project=project)
        except Refused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    async def _make_dataset(self) -> None:
        reference = {"projectId": self._setting.project, "datasetId": DATASET}
        with contextlib.suppress(_Exists):
            await self._send("POST", "/datasets", {"datasetReference": reference})

    async def _columns(self, name: str) -> list[Column]:
        answer = await self._send("GET", f"/datasets/{DATASET}/tables/{name}", None)
        return msgspec.convert(answer["schema"]["fields"], list[Column])

    async def _job(self, configuration: dict[str, Any], job_id: str = "") -> None:
        body: dict[str, Any] = {"configuration": configuration}
        if job_id:
            body["jobReference"] = {"projectId": self._setting.project, "jobId": job_id}
        answer = await self._send("POST", "/jobs", body)
        if (error := answer["status"].get("errorResult")) is not None:
            raise Refused(error["message"], error.get("reason", "invalidQuery"))

    async def _send(self, method: str, path: str, body: Any, *, project: str = "") -> Any:
        url = f"{self._root}/{project or self._setting.project}{path}"
        try:
            async with self._session.request(method, url, json=body) as answer:
                if answer.status == 409:
                    raise _Exists(await answer.text(), "duplicate")
                if answer.status >= 400:
                    raise await _refusal(answer)
                text = await answer.read()
        except aiohttp.ClientConnectionError as error:
            raise Refused("BigQuery's emulator does not answer", "backendError") from error
        return msgspec.json.decode(text) if text.strip() else {}

    def _fresh(self) -> str:
        name = f"t{secrets.token_hex(8)}"
        self._made.append(name)
        return name

    def _reference(self, name: str) -> dict[str, str]:
        return {"projectId": self._setting.project, "datasetId": DATASET, "tableId": name}


def _write(path: Path, rows: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(rows)


class _Exists(Refused):
    pass


@contextlib.asynccontextmanager
async def opened(url: str, setting: Setting) -> AsyncIterator[Tables]:
    """Tables that are gone when the statement is over."""
    with tempfile.TemporaryDirectory(prefix="bigquery-ml-") as folder:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            tables = Tables(session, url, Path(folder), setting)
            try:
                yield tables
            finally:
                await tables.drop()


async def _refusal(answer: aiohttp.ClientResponse) -> Refused:
    try:
        error = msgspec.json.decode(await answer.read())["error"]
        return Refused(error["message"], error["errors"][0].get("reason", "invalidQuery"))
    except (msgspec.DecodeError, KeyError, IndexError, TypeError):
        return Refused(f"BigQuery's emulator answered {answer.status}", "backendError")
