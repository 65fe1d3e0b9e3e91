"""fake-gcs-server's command line, from what is declared."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulators import storage
from emulators.gather import Resource
from emulators.storage import BUCKET, NOTIFICATION, TooManyNotifications
from tests.unit.emulators.programs import declared, program


def notification(name: str, topic: str) -> Resource:
    return declared(NOTIFICATION, name, bucket="p-uploads", topic=topic)


def arguments(folder: Path, *resources: Resource) -> list[str]:
    command = storage.command(
        1,
        folder,
        program(*resources),
        pubsub_address="127.0.0.1:2",
        public_address="127.0.0.1:3",
    )
    assert command.env["PUBSUB_EMULATOR_HOST"] == "127.0.0.1:2"
    assert command.port == 1
    return list(command.argv)


def test_clients_are_sent_to_the_public_address(tmp_path: Path) -> None:
    found = arguments(tmp_path)
    assert {"-port=1", "-public-host=127.0.0.1:3", "-external-url=http://127.0.0.1:3"} < set(found)
    assert not [argument for argument in found if argument.startswith("-event")]


@pytest.mark.parametrize(
    "topic", ["projects/p/topics/done", "//pubsub.googleapis.com/projects/p/topics/done"]
)
def test_a_notification_becomes_events(tmp_path: Path, topic: str) -> None:
    assert {
        "-event.bucket=p-uploads",
        "-event.pubsub-project-id=p",
        "-event.pubsub-topic=done",
        "-event.list=finalize",
    } < set(arguments(tmp_path, notification("one", topic)))


def test_a_second_notification_is_refused(tmp_path: Path) -> None:
    both = [notification(name, "projects/p/topics/t") for name in ("one", "two")]
    with pytest.raises(TooManyNotifications):
        arguments(tmp_path, *both)


@pytest.fixture
async def made() -> AsyncIterator[tuple[int, list[str]]]:
    """A storage's port, and the buckets made on it; `there` is there already."""
    names: list[str] = []

    async def make(request: web.Request) -> web.Response:
        name = (await request.json())["name"]
        names.append(name)
        return web.Response(status={"there": 409, "broken": 500}.get(name, 200))

    app = web.Application()
    app.router.add_post("/storage/v1/b", make)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port, names


async def test_declared_buckets_are_made_once(made: tuple[int, list[str]]) -> None:
    port, names = made
    await storage.make_buckets(port, program(*(declared(BUCKET, n) for n in ("there", "new"))))
    assert names == ["there", "new"]


async def test_a_storage_in_trouble_is_not_passed_over(made: tuple[int, list[str]]) -> None:
    with pytest.raises(Exception, match="500"):
        await storage.make_buckets(made[0], program(declared(BUCKET, "broken")))
