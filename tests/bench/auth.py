"""What signing in, tokens and their verification cost, beside a bare handler in the same run.

    python -m tests.bench.auth [--quick]

1. Verification and rate limit in this process, in µs a call.
2. A trivial handler on Google's runtime, bare and guarded, in turns.
3. The platform's token endpoint and sign-in, straight at the accounts service; the bare handler
   again beside them.
"""

import asyncio
import contextlib
import ipaddress
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
from joserfc import jwt
from joserfc.jwk import ECKey

from emulators.processes import Command, free_port
from shared import ids
from shared.limits import RateLimits
from shared.tokens import KeyCache, Verifier
from tests import people
from tests import platform as platforms
from tests.bench import handlers
from tests.bench.load import Timings, measure
from tests.platform import Platform
from tests.running import running

KEY = ECKey.generate_key("P-256", {"kid": "bench"})
JWKS = {"keys": [KEY.as_dict(private=False)]}
ROUNDS = 4
# A network address may sign in 60 times in a quarter of an hour.
SIGN_INS = 40
# In place of the load balancer: so many that the limit of one address is never met.
ADDRESSES = itertools.cycle(map(str, ipaddress.ip_network("198.18.0.0/15").hosts()))


def main(*, quick: bool) -> None:
    scale = 0.1 if quick else 1.0
    verification_us = asyncio.run(in_process(scale))
    with bare_and_guarded() as (bare, guarded), tempfile.TemporaryDirectory() as folder:
        trivial_us = asyncio.run(over_http(bare, guarded, scale))
        print(
            f"  verification is {100 * verification_us / trivial_us:.1f}% "
            f"of a trivial request ({trivial_us:.0f} µs)"
        )
        with platforms.running(Path(folder) / "state", ["--no-demo"]) as platform:
            asyncio.run(token_endpoint(platform, bare, scale))


async def in_process(scale: float) -> float:
    """Prints µs a call; returns what verification costs once a token is known."""

    async def keys() -> dict[str, Any]:
        return JWKS

    verifier = Verifier(KeyCache(keys), issuer=handlers.ISSUER, audience=handlers.ISSUER)
    limits = RateLimits(user_quota=handlers.NO_LIMIT, app_quota=handlers.NO_LIMIT)
    one = token()
    caller = await verifier.verify(one)
    fresh = iter([token() for _ in range(int(2_000 * scale))])

    async def first_time() -> None:
        await verifier.verify(next(fresh))

    async def again() -> None:
        await verifier.verify(one)

    async def limit() -> None:
        await limits.check(caller)

    print(f"in this process, a token of {len(one)} characters")
    print(f"  verification, first time  {await _us(first_time, int(2_000 * scale)):8.2f} µs")
    cached = await _us(again, int(200_000 * scale))
    print(f"  verification, known token {cached:8.2f} µs")
    print(f"  rate limit, user and app  {await _us(limit, int(200_000 * scale)):8.2f} µs")
    return cached


async def _us(call: Callable[[], Awaitable[None]], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        await call()
    return (time.perf_counter() - began) / calls * 1e6


async def over_http(bare: str, guarded: str, scale: float) -> float:
    """Prints both handlers' figures; returns the µs that the bare one takes when it is busy."""
    authorization = {"Authorization": f"Bearer {token()}"}
    print("a trivial handler on Google's runtime")
    async with session() as http:
        for at_once in (1, 16):
            found = {"bare": Timings(), "guarded": Timings()}
            for _ in range(ROUNDS):
                for name, address in (("bare", bare), ("guarded", guarded)):
                    call = getting(http, f"{address}/v1/trivial", authorization)
                    found[name] += await measure(call, calls=int(2_000 * scale), at_once=at_once)
            for name, timings in found.items():
                print(f"  {name:8} {at_once:2} at once  {timings}")
    return 1e6 / found["bare"].rate


async def token_endpoint(platform: Platform, bare: str, scale: float) -> None:
    address = platform.status["services"]["accounts-api"]
    email = "bench@example.com"
    with people.sign_up(platform, email) as browser:
        app = people.register_app(platform, browser, "http://127.0.0.1/callback")
        refresh_tokens = [people.tokens_of(platform, browser)["refresh_token"] for _ in range(8)]
    print("the token endpoint, straight at accounts-api")
    async with session() as http:
        credentials = {"Authorization": aiohttp.encode_basic_auth(app.id, app.secret)}

        async def client_credentials() -> None:
            form = {"grant_type": "client_credentials"}
            await token_request(http, address, form, credentials)

        async def refresh() -> None:
            form = {
                "grant_type": "refresh_token",
                "client_id": people.CLI,
                "refresh_token": refresh_tokens.pop(),
            }
            refresh_tokens.append((await token_request(http, address, form))["refresh_token"])

        trivial = getting(http, f"{bare}/v1/trivial", {})
        for at_once in (1, 8):
            calls = int(600 * scale)
            for name, call in (
                ("bare handler", trivial),
                ("client credentials", client_credentials),
                ("refresh, rotating", refresh),
            ):
                timings = await measure(call, calls=calls, at_once=at_once)
                print(f"  {name:18} {at_once} at once {timings}")
    timings = await measure(sign_in(platform, email), calls=SIGN_INS, at_once=1)
    print("signing in: two pages, the password at Firebase's emulator, the session")
    print(f"  {'sign-in':18} 1 at once {timings}")


def sign_in(platform: Platform, email: str) -> Callable[[], Awaitable[None]]:
    def once() -> None:
        people.sign_in(platform, email).client.close()

    async def call() -> None:
        await asyncio.to_thread(once)

    return call


def token() -> str:
    """A token of the size that the platform's have."""
    now = int(time.time())
    claims = {
        "iss": handlers.ISSUER,
        "aud": handlers.ISSUER,
        "sub": ids.random(),
        "client_id": ids.random(),
        "scope": "streaming user-library-read user-read-private playlist-read-private",
        "plan": "premium",
        "country": "SE",
        "roles": ["listener"],
        "iat": now,
        "exp": now + 3600,
        "jti": ids.random(),
        "sid": ids.random(),
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "bench"}, claims, KEY)


@contextlib.contextmanager
def bare_and_guarded() -> Iterator[tuple[str, str]]:
    """The addresses of both handlers, each in a process of its own."""
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        running(_handler("bare", Path(one))) as bare,
        running(_handler("guarded", Path(other))) as guarded,
    ):
        yield f"http://{bare}", f"http://{guarded}"


def _handler(target: str, folder: Path) -> Command:
    port = free_port()
    env = {
        **os.environ,
        "FUNCTION_SOURCE": handlers.__file__,
        "FUNCTION_TARGET": target,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONPATH": str(platforms.ROOT),
        "BENCH_JWKS": json.dumps(JWKS),
    }
    return Command(target, [sys.executable, "-m", "functions_framework"], env, folder, port)


@contextlib.asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as opened:
        yield opened


def getting(
    http: aiohttp.ClientSession, url: str, headers: dict[str, str]
) -> Callable[[], Awaitable[None]]:
    async def call() -> None:
        async with http.get(url, headers=headers) as answer:
            assert answer.status == 200, answer.status
            await answer.read()

    return call


async def token_request(
    http: aiohttp.ClientSession,
    address: str,
    form: dict[str, str],
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    headers = {"X-Forwarded-For": next(ADDRESSES), **(headers or {})}
    async with http.post(f"{address}/api/token", data=form, headers=headers) as answer:
        body: dict[str, Any] = await answer.json()
        assert answer.status == 200, body
    return body


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
