import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from shared.errors import NotFound, Unauthorized, Unavailable
from shared.tokens import Caller
from shared.web import MAX_BODY_BYTES, Api, caller_of, create_app, json_response, read_json


class FakeVerifier:
    """Takes the token for the caller's scopes."""

    async def verify(self, token: str) -> Caller:
        if token == "bad":
            raise Unauthorized("Invalid access token")
        return Caller("anna", "app", frozenset(token.split("+")))


class Song(msgspec.Struct):
    title: str
    seconds: int


async def whoami(request: Request) -> Response:
    return json_response({"id": caller_of(request).subject})


async def echo(request: Request) -> Response:
    return json_response(await read_json(request, Song))


async def missing(_: Request) -> Response:
    raise NotFound("Resource not found")


async def away(_: Request) -> Response:
    raise Unavailable("Later", retry_after_s=7)


async def outage(_: Request) -> Response:
    from google.api_core.exceptions import ServiceUnavailable

    raise ServiceUnavailable("secret host name")  # type: ignore[no-untyped-call]


async def bug(_: Request) -> Response:
    raise RuntimeError("secret detail")


def make_app() -> Starlette:
    api = Api(FakeVerifier())  # type: ignore[arg-type]  # only `verify` is used
    return create_app(
        [
            api.get("/me", whoami),
            api.post("/songs", echo, scope="write"),
            Route("/missing", missing),
            Route("/away", away),
            Route("/outage", outage),
            Route("/bug", bug),
        ]
    )


@pytest.fixture
def client() -> TestClient:
    return TestClient(make_app(), headers={"Authorization": "Bearer write+read"})


def test_the_handler_knows_who_calls(client: TestClient) -> None:
    assert client.get("/me").json() == {"id": "anna"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic abc", "bad", "Bearer bad"])
def test_no_token_or_a_bad_one_is_401(client: TestClient, header: str) -> None:
    answer = client.get("/me", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="cadenza"')
    assert answer.json()["error"]["status"] == 401


def test_a_missing_scope_is_403_and_named(client: TestClient) -> None:
    answer = client.post("/songs", headers={"Authorization": "Bearer read"}, json={})

    assert answer.status_code == 403
    assert "write" in answer.json()["error"]["message"]


def test_typed_bodies(client: TestClient) -> None:
    answer = client.post("/songs", json={"title": "Nocturne", "seconds": 240})

    assert answer.json() == {"title": "Nocturne", "seconds": 240}


@pytest.mark.parametrize(
    ("body", "named"),
    [(b"{", "JSON"), (b"", "JSON"), (b'{"title": 3}', "title"), (b'{"title": "x"}', "seconds")],
)
def test_a_bad_body_is_400_and_says_why(client: TestClient, body: bytes, named: str) -> None:
    answer = client.post("/songs", content=body)

    assert answer.status_code == 400
    assert named in answer.json()["error"]["message"]


def test_a_huge_body_is_413(client: TestClient) -> None:
    answer = client.post("/songs", content=b"x" * (MAX_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert answer.json()["error"]["status"] == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [("/missing", 404), ("/nowhere", 404), ("/away", 503), ("/outage", 503), ("/bug", 500)],
)
def test_failures_are_error_objects(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status
    assert "secret" not in answer.text


def test_a_wrong_method_is_405(client: TestClient) -> None:
    answer = client.post("/me")

    assert answer.status_code == 405
    assert answer.json()["error"]["status"] == 405


@pytest.mark.parametrize("path", ["/away", "/outage"])
def test_outages_say_when_to_come_back(client: TestClient, path: str) -> None:
    assert int(client.get(path).headers["Retry-After"]) > 0
