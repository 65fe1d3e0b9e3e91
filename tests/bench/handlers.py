"""Trivial handlers to measure against, as Google's runtime serves them: with and without a guard.

Started with FUNCTION_SOURCE on this file and FUNCTION_TARGET `bare` or `guarded`.
"""

import json
import os
from functools import cache
from typing import Any

import functions_framework.aio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.limits import RateLimits
from shared.tokens import KeyCache, Verifier
from shared.web import Api, create_app, json_response

ISSUER = "https://bench.test"
NO_LIMIT = 10**9


async def answer(_: Request) -> Response:
    return json_response({"id": "0" * 22})


async def _keys() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(os.environ["BENCH_JWKS"])
    return document


@cache
def _bare() -> ASGIApp:
    return Starlette(routes=[Route("/v1/trivial", answer)])


@cache
def _guarded() -> ASGIApp:
    verifier = Verifier(KeyCache(_keys), issuer=ISSUER, audience=ISSUER)
    limits = RateLimits(user_quota=NO_LIMIT, app_quota=NO_LIMIT)
    # As every public API is made.
    route = Api(verifier, limits).get("/v1/trivial", answer, scope="streaming")
    return create_app([route], cors=True)


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def bare(_: Request) -> ASGIApp:
    return _bare()


@functions_framework.aio.http  # type: ignore[arg-type]  # any ASGI application is an answer
async def guarded(_: Request) -> ASGIApp:
    return _guarded()
