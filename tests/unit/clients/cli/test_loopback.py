import asyncio
import socket
from urllib.parse import urlsplit

import pytest

from clients.cli import loopback
from clients.cli.loopback import Loopback, Redirect
from tests.unit.clients.cli.authority import get


async def fetch(listening: Loopback, query: str) -> "asyncio.Task[tuple[int, str]]":
    return asyncio.create_task(asyncio.to_thread(get, f"{listening.redirect_uri}?{query}"))


async def test_a_code_arrives_and_the_browser_is_told_how_it_ended() -> None:
    async with Loopback.listening("s3cret") as listening:
        page = await fetch(listening, "code=abc&state=s3cret&iss=http%3A%2F%2Fmusic.test")
        redirect = await listening.redirect(5)
        assert not page.done(), "the page waits for the outcome"
        await listening.show("You are signed in", "Go <back>")
        status, text = await page

    assert redirect == Redirect("abc", "", "", "http://music.test")
    assert status == 200
    assert "<h1>You are signed in</h1>" in text
    assert "Go &lt;back&gt;" in text


async def test_a_refusal_arrives() -> None:
    async with Loopback.listening("s") as listening:
        page = await fetch(listening, "error=access_denied&error_description=No&state=s")
        assert await listening.redirect(5) == Redirect("", "access_denied", "No", "")
        await listening.show("Not signed in", "No")
        assert "Not signed in" in (await page)[1]


@pytest.mark.parametrize(
    "query", ["code=abc", "code=abc&state=other", "code=abc&state=s&state=s", "", "state=%FF"]
)
async def test_what_does_not_carry_the_state_does_not_count(query: str) -> None:
    async with Loopback.listening("s") as listening:
        status, _ = await (await fetch(listening, query))
        with pytest.raises(TimeoutError):
            await listening.redirect(0.01)
        assert status == 400

        good = await fetch(listening, "code=good&state=s")
        assert (await listening.redirect(5)).code == "good"
        await listening.show("Done", "")
        await good


async def test_a_sign_in_is_answered_once() -> None:
    async with Loopback.listening("s") as listening:
        first = await fetch(listening, "code=one&state=s")
        await listening.redirect(5)
        status, _ = await (await fetch(listening, "code=two&state=s"))
        await listening.show("Done", "")

        assert status == 400
        assert (await listening.redirect(1)).code == "one"
        await first


async def test_other_paths_and_noise_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_READ_TIMEOUT_S", 0.2)
    async with Loopback.listening("s") as listening:
        address = urlsplit(listening.redirect_uri)
        assert address.hostname == "127.0.0.1"
        icon = listening.redirect_uri.replace("/callback", "/favicon.ico")
        assert (await asyncio.to_thread(get, icon))[0] == 404
        for noise in (
            b"\x00\xff\r\n\r\n",
            b"POST /callback?state=s HTTP/1.1\r\n\r\n",
            b"x" * 40_000,
            b"",
        ):
            with socket.create_connection(("127.0.0.1", address.port or 0)) as connection:
                connection.sendall(noise)
                await asyncio.sleep(0.01)

        good = await fetch(listening, "code=good&state=s")
        assert (await listening.redirect(5)).code == "good"
        await listening.show("Done", "")
        await good


async def test_a_sign_in_that_is_given_up_says_so_and_stops_listening() -> None:
    async with Loopback.listening("s") as listening:
        page = await fetch(listening, "code=abc&state=s")
        await listening.redirect(5)
    assert "given up" in (await page)[1]
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(get, listening.redirect_uri)
