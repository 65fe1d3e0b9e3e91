"""Who calls the catalogue's API in tests, and what they call."""

from collections.abc import Iterable
from typing import Any

from starlette.testclient import TestClient

from functions.catalog.routes import Part, app_of
from shared.errors import Unauthorized
from shared.tokens import Caller, KeyCache, Verifier
from shared.web import Api
from tests.unit.functions.catalog.factories import OWNER

SCOPES = frozenset({"upload-modify"})
CALLERS = {
    "anybody": Caller("user", "app", frozenset()),
    "swede": Caller("user", "app", frozenset(), country="SE"),
    "filtered": Caller("user", "app", frozenset(), country="SE", explicit_filter=True),
    "owner": Caller(OWNER, "app", SCOPES),
    "stranger": Caller("stranger", "app", SCOPES),
    "operator": Caller("operator", "app", SCOPES, roles=frozenset({"operator"})),
}


class KnownCallers(Verifier):
    """Takes the names of `CALLERS` as their tokens."""

    def __init__(self) -> None:
        async def no_keys() -> dict[str, Any]:
            raise NotImplementedError

        super().__init__(KeyCache(no_keys), issuer="", audience="")

    async def verify(self, token: str) -> Caller:
        if token not in CALLERS:
            raise Unauthorized("Invalid access token")
        return CALLERS[token]


def client_of(parts: Iterable[Part], caller: str = "anybody") -> TestClient:
    app = app_of(parts, Api(KnownCallers()))
    return TestClient(app, headers=as_(caller), raise_server_exceptions=False)


def as_(caller: str) -> dict[str, str]:
    """The header that says who calls."""
    return {"Authorization": f"Bearer {caller}"}
