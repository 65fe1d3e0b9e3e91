"""bqemulator in BigQuery's place, and the declared datasets, tables and views made on it."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from emulators import bqemulator
from emulators.gather import Program, Resource
from emulators.processes import Command, base_environment

NAME = "bigquery"

DATASET = "gcp:bigquery/dataset:Dataset"
TABLE = "gcp:bigquery/table:Table"

_TIMEOUT = aiohttp.ClientTimeout(total=60)


def command(port: int, grpc_port: int, folder: Path, environment: Path, project: str) -> Command:
    """`environment` is the folder of bqemulator's own virtual environment."""
    return Command(
        name=NAME,
        argv=[
            str(bqemulator.program(environment)),
            "start",
            f"--rest-port={port}",
            f"--grpc-port={grpc_port}",
            "--persistent",
            f"--data-dir={folder}",
            f"--project={project}",
            "--log-level=warning",
        ],
        env={**base_environment(), "HOME": str(bqemulator.home(environment))},
        cwd=folder,
        port=port,
    )


class BigQuery:
    """The emulator's REST interface at `url`."""

    def __init__(self, url: str, project: str) -> None:
        self._root = f"{url}/bigquery/v2/projects/{project}"
        self._project = project

    async def make(self, program: Program) -> None:
        """Make everything declared that an earlier run has not left behind; views anew."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            for dataset in program.all(DATASET):
                body = {"datasetReference": self._reference(dataset)}
                await _create(session, f"{self._root}/datasets", body)
            tables = program.all(TABLE)
            # What a view names has to be there first.
            for table in sorted(tables, key=lambda each: _depth(each, tables)):
                await self._make_table(session, table)

    async def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        """All rows or none, into `project.dataset.table`; raises `aiohttp.ClientError`."""
        _, dataset, name = table.split(".")
        url = f"{self._root}/datasets/{dataset}/tables/{name}/insertAll"
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(url, json={"rows": [{"json": row} for row in rows]}) as answer,
        ):
            answer.raise_for_status()
            if errors := (await answer.json()).get("insertErrors"):
                raise aiohttp.ClientPayloadError(str(errors[:3]))

    async def _make_table(self, session: aiohttp.ClientSession, table: Resource) -> None:
        url = f"{self._root}/datasets/{table.inputs['datasetId']}/tables"
        body: dict[str, Any] = {"tableReference": self._reference(table)}
        if view := table.inputs.get("view"):
            async with session.delete(f"{url}/{table.inputs['tableId']}") as answer:
                if answer.status != 404:
                    answer.raise_for_status()
            body["view"] = {"query": view["query"], "useLegacySql": False}
        else:
            body["schema"] = {"fields": json.loads(table.inputs["schema"])}
            body |= _layout(table)
        await _create(session, url, body)

    def _reference(self, resource: Resource) -> dict[str, str]:
        named = {"projectId": self._project, "datasetId": resource.inputs["datasetId"]}
        if "tableId" in resource.inputs:
            named["tableId"] = resource.inputs["tableId"]
        return named


def _layout(table: Resource) -> dict[str, Any]:
    layout: dict[str, Any] = {}
    if partitioning := table.inputs.get("timePartitioning"):
        layout["timePartitioning"] = partitioning
    if fields := table.inputs.get("clusterings"):
        layout["clustering"] = {"fields": fields}
    return layout


def _depth(table: Resource, tables: list[Resource]) -> int:
    """0 for tables, and for a view one more than for the deepest that it depends on."""
    below = [each for each in tables if each.urn in table.depends_on and each is not table]
    return 1 + max((_depth(each, tables) for each in below), default=-1)


async def _create(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> None:
    async with session.post(url, json=body) as answer:
        if answer.status != 409:
            answer.raise_for_status()
