import datetime

import pytest

from functions.accounts.oauth.clients import Client
from functions.accounts.oauth.digest import digest
from functions.accounts.oauth.tables import App

NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def client(*, confidential: bool = True, previous_until: datetime.datetime | None = None) -> Client:
    app = App(
        id="app",
        confidential=confidential,
        redirect_uris=[],
        secret_hash=digest("new") if confidential else None,
        previous_secret_hash=digest("old") if previous_until else None,
        previous_secret_until=previous_until,
    )
    return Client(app, NOW)


@pytest.mark.parametrize(
    ("secret", "seconds_left", "holds"),
    [("new", 0, True), ("old", 1, True), ("old", 0, False), ("older", 1, False), ("", 1, False)],
)
def test_secrets(secret: str, seconds_left: int, holds: bool) -> None:
    until = NOW + datetime.timedelta(seconds=seconds_left)

    assert client(previous_until=until).check_client_secret(secret) is holds


def test_a_public_app_has_no_secret() -> None:
    assert not client(confidential=False).check_client_secret("")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
@pytest.mark.parametrize("confidential", [True, False])
def test_how_it_says_who_it_is(method: str, confidential: bool) -> None:
    is_allowed = client(confidential=confidential).check_endpoint_auth_method(method, "token")

    assert is_allowed is (confidential is (method != "none"))


@pytest.mark.parametrize("grant_type", ["password", "implicit", ""])
def test_grant_types_it_never_has(grant_type: str) -> None:
    assert not client().check_grant_type(grant_type)
