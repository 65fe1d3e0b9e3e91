import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from functions.accounts.cross_origin import CrossOrigin

OPEN = ["/v1/me", "/v1/me/", "/api/token", "/oauth/revoke", "/.well-known/jwks.json"]
CLOSED = ["/signin", "/account", "/consent", "/authorize", "/oauth/web/token", "/webhooks/stripe"]
ELSEWHERE = {"Origin": "https://app.example"}


@pytest.fixture
def client() -> TestClient:
    async def answer(_: Request) -> Response:
        return PlainTextResponse("here")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    app.add_middleware(CrossOrigin)
    return TestClient(app)


@pytest.mark.parametrize("path", OPEN)
def test_pages_of_others_may_call(client: TestClient, path: str) -> None:
    answer = client.post(path, headers=ELSEWHERE)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = {
        **ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    assert client.options(path, headers=asked).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
def test_pages_of_others_learn_nothing(client: TestClient, path: str) -> None:
    asked = {**ELSEWHERE, "Access-Control-Request-Method": "POST"}
    for answer in (client.get(path, headers=ELSEWHERE), client.options(path, headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control")]
