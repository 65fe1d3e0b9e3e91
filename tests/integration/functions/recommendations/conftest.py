"""BigQuery's emulator with the platform's tables in it, and models before it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from emulators import bigquery, bqemulator
from emulators.bigquery import BigQuery
from emulators.bigquery_ml.server import BigQueryMl
from emulators.processes import free_port
from emulators.serving import serving
from tests.infra.programs import gathered
from tests.running import running

PROJECT = "cadenza-dev"
DATASET = f"{PROJECT}.warehouse"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("bigquery")
    environment = bqemulator.find(print)
    command = bigquery.command(free_port(), free_port(), folder, environment, PROJECT)
    with running(command) as address:
        asyncio.run(BigQuery(f"http://{address}", PROJECT).make(gathered("dev", "lite")))
        yield f"http://{address}"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("models")
    return folder


@pytest.fixture
async def models_before(
    address: str, models: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The emulator's own address, while the one in the environment is that of the models."""
    port = free_port()
    front = BigQueryMl(address, "http://127.0.0.1:9", models)
    async with serving(front.app(), port):
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        yield address
