import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from functions.accounts.audit import Tag
from functions.accounts.privacy.exports import LIFETIME
from functions.accounts.privacy.files import ExportsBucket
from shared import ids
from shared.errors import NotFound
from tests.integration.functions.accounts.plans.world import URL, bearer
from tests.integration.functions.accounts.privacy.world import World


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        client.headers.update(bearer("anna"))
        yield client


async def download(client: httpx.AsyncClient, url: str) -> httpx.Response:
    return await client.get(url.removeprefix(URL), headers={"Authorization": ""})


async def test_everything_about_a_person_and_nothing_about_others(
    world: World, client: httpx.AsyncClient
) -> None:
    made = await client.post("/v1/me/export")
    assert made.status_code == 201
    answer = await download(client, made.json()["download_url"])
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    [person] = json.loads(files["accounts/users.json"])
    assert person["email"] == "anna@example.com"
    for table in ("subscriptions", "payment_accounts", "sessions", "apps", "grants", "audit_events",
                  "token_families", "device_codes", "family_invitations"):  # fmt: skip
        assert json.loads(files[f"accounts/{table}.json"]), table
    assert json.loads(files["media/uploads.json"]) == [{"id": "u", "owner": "anna"}]
    everything = "".join(files.values())
    assert "ben" not in everything
    assert "SECRET" not in everything


async def test_a_link_is_signed_and_short_lived(world: World, client: httpx.AsyncClient) -> None:
    url = (await client.post("/v1/me/export")).json()["download_url"]
    assert (await download(client, url)).status_code == 200
    assert (await download(client, url[:-1])).status_code == 404
    assert (await download(client, url.split("?")[0])).status_code == 404
    world.clock.move(minutes=11)
    assert (await download(client, url)).status_code == 404


async def test_a_new_link_until_the_archive_expires(
    world: World, client: httpx.AsyncClient
) -> None:
    export = (await client.post("/v1/me/export")).json()
    path = f"/v1/me/export/{export['id']}"
    world.clock.move(days=6)
    again = (await client.get(path)).json()
    assert (await download(client, again["download_url"])).status_code == 200
    world.clock.move(days=1)
    assert (await client.get(path)).status_code == 404
    assert (await world.tick())["exports_expired"] == 1
    assert world.files.kept == {}
    assert LIFETIME.days == 7


async def test_others_see_nothing_of_it(client: httpx.AsyncClient) -> None:
    export = (await client.post("/v1/me/export")).json()
    answer = await client.get(f"/v1/me/export/{export['id']}", headers=bearer("ben"))
    assert answer.status_code == 404


@pytest.mark.parametrize("id", ["x", "%00", "'%20OR%201=1", "..%2F..", "<b>", "0" * 22])
async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient, id: str) -> None:
    assert (await client.get(f"/v1/me/export/{id}")).status_code == 404
    assert (await client.get(f"/v1/me/export/{id}/download?expires=1")).status_code == 404


async def test_asking_at_once_makes_one_archive(world: World, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/v1/me/export") for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(world.files.kept) == 1
    assert (await world.tags()).count(Tag.export_asked) == 1


async def test_half_an_export_is_none(world: World, client: httpx.AsyncClient) -> None:
    world.source.away = True
    answer = await client.post("/v1/me/export")
    assert answer.status_code == 503
    assert world.files.kept == {}
    world.source.away = False
    assert (await client.post("/v1/me/export")).status_code == 201


async def test_who_was_cut_off_may_ask_again_in_a_while(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(user_id: str) -> dict[str, list[Any]]:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(world.source, "collect", never)
        with pytest.raises(asyncio.CancelledError):
            await world.exports.make("anna")
    waiting = await client.post("/v1/me/export")
    assert (waiting.status_code, waiting.json()["status"]) == (202, "collecting")
    world.clock.move(minutes=11)
    path = f"/v1/me/export/{waiting.json()['id']}"
    assert (await client.get(path)).json()["status"] == "failed"
    assert (await client.post("/v1/me/export")).status_code == 201


async def test_an_erasure_in_the_middle_leaves_no_archive(world: World) -> None:
    put = world.files.put

    async def erased_meanwhile(export_id: str, archive: bytes) -> None:
        await world.erasures.ask("anna")
        await put(export_id, archive)

    world.files.put = erased_meanwhile  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        await world.exports.make("anna")
    assert world.files.kept == {}


async def test_an_archive_lies_in_cloud_storage(storage_emulator: str, project: str) -> None:
    from google.cloud.storage import Client

    bucket = f"{project}-exports-test"
    Client(project=project).create_bucket(bucket)
    files = ExportsBucket(project, bucket)
    archive = ids.random().encode() * 50_000
    await files.put("one", archive)
    assert b"".join([chunk async for chunk in files.read("one")]) == archive
    await files.delete("one")
    await files.delete("one")
    with pytest.raises(NotFound):
        [chunk async for chunk in files.read("one")]
