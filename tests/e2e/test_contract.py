"""Every operation of the public API description is answered as it says, or refused as it says.

The description is not part of the repository; where it is not here, these tests are skipped.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.contract import world as worlds
from tests.e2e.contract.calls import CALLS, Call
from tests.e2e.contract.document import ContractOperation, is_here, operations, problems
from tests.e2e.contract.world import LISTENER, World
from tests.platform import Platform

pytestmark = pytest.mark.skipif(
    not is_here(), reason="the public API description (../shared/contracts) is not here"
)

OPERATIONS = {operation.id: operation for operation in operations()}
# The person's own profile is of the account, which this walk has none of; see test_oauth_clients.
_ELSEWHERE = {"get-current-users-profile"}
SCOPES = tuple(sorted({scope for found in OPERATIONS.values() for scope in found.scopes}))


@pytest.fixture(scope="module")
def world(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> World:
    return worlds.make(platform, tmp_path_factory.mktemp("contract"), SCOPES)


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[httpx.Client]:
    with platform.client(platform.token(user=LISTENER, scopes=SCOPES)) as client:
        yield client


def test_no_operation_is_left_out() -> None:
    called = {call.operation for call in CALLS} | _ELSEWHERE
    assert called == OPERATIONS.keys()
    good = {call.operation for call in CALLS if call.status < 400}
    # Of kinds that there are none of, one alone cannot be had.
    only_refused = OPERATIONS.keys() - good - _ELSEWHERE
    assert only_refused <= {call.operation for call in CALLS if "{unknown}" in call.path}


def _name(call: Call) -> str:
    return f"{call.operation}-{call.status}-{re.sub(r'[^a-z]+', '-', call.path)[:40]}"


@pytest.mark.parametrize("call", CALLS, ids=_name)
def test_calls_are_answered_as_described(call: Call, world: World, client: httpx.Client) -> None:
    operation = OPERATIONS[call.operation]
    answer = _send(client, operation, call, world)
    assert answer.status_code == call.status, f"{answer.request.url}: {answer.text[:500]}"
    if answer.content:
        found = problems(operation, answer.status_code, answer.json())
        assert not found, "\n".join([f"{answer.request.url}:", *found])


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda found: found.id)
def test_nobody_without_a_token_is_answered(
    operation: ContractOperation, world: World, platform: Platform
) -> None:
    # What is public may be in a cache for whoever asks the same: nobody has asked this before.
    never_asked = {"nobody": operation.id}
    with httpx.Client(base_url=platform.url, params=never_asked) as stranger:
        answer = _send(stranger, operation, _first_call(operation), world)
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "operation",
    [found for found in OPERATIONS.values() if found.scopes],
    ids=lambda found: found.id,
)
def test_nobody_without_the_scope_is_answered(
    operation: ContractOperation, world: World, platform: Platform
) -> None:
    if operation.id == "get-current-users-profile":
        pytest.skip("what a profile shows depends on the scopes; that it answers does not")
    with platform.client(platform.token(user=LISTENER, scopes=("streaming",))) as client:
        answer = _send(client, operation, _first_call(operation), world)
    if answer.status_code == 200 and operation.id in _PUBLIC_TOO:
        return
    assert answer.status_code == 403, answer.text
    assert answer.json()["error"]["status"] == 403


# The scope is for what is private: anybody may see the public playlists.
_PUBLIC_TOO = {"get-playlists-items", "get-playlists-tracks", "get-list-users-playlists"}


def _first_call(operation: ContractOperation) -> Call:
    return next(
        (call for call in CALLS if call.operation == operation.id),
        Call(operation.id, operation.path),
    )


def _send(
    client: httpx.Client, operation: ContractOperation, call: Call, world: World
) -> httpx.Response:
    address = "/v1" + world.fill(call.path)
    if call.text is not None:
        content = world.cover if call.text == "cover" else call.text
        headers = {"Content-Type": "image/jpeg"}
        return client.request(operation.method, address, content=content, headers=headers)
    if call.body is not None:
        return client.request(operation.method, address, json=_filled(call.body, world))
    return client.request(operation.method, address)


def _filled(value: Any, world: World) -> Any:
    match value:
        case str():
            return world.fill(value)
        case list():
            return [_filled(item, world) for item in value]
        case dict():
            return {key: _filled(item, world) for key, item in value.items()}
    return value
