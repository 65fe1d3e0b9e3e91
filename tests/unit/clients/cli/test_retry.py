import datetime
import email.utils

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli import retry
from clients.cli.retry import Patience
from tests.unit.clients.cli.fakes import Waits


@given(failures=st.integers(1, 30), jitter=st.floats(0, 1), wish=st.none() | st.floats(0, 60))
def test_waits_are_bounded_and_heed_the_server(
    failures: int, jitter: float, wish: float | None
) -> None:
    wait = Patience(attempts=20, jitter=lambda: jitter).wait_s(failures, wish)
    if failures >= 20:
        assert wait is None
    else:
        assert wait is not None
        assert (wish or 0) <= wait <= (wish or 0) + 10


def test_a_server_that_asks_for_too_much_is_left_alone() -> None:
    assert Patience().wait_s(1, 3600) is None


async def test_a_request_is_repeated_until_it_succeeds() -> None:
    waits = Waits()
    answers = [httpx.Response(503, headers={"Retry-After": "7"}), None, httpx.Response(200)]

    async def send() -> httpx.Response:
        answer = answers.pop(0)
        if answer is None:
            raise httpx.ReadTimeout("slow")
        return answer

    assert (await retry.request(send, waits.patience())).status_code == 200
    assert waits.seconds == [7.4, 0.8]


async def test_patience_ends() -> None:
    async def busy() -> httpx.Response:
        return httpx.Response(500)

    async def dead() -> httpx.Response:
        raise httpx.ConnectError("refused")

    waits = Waits()
    assert (await retry.request(busy, waits.patience(3))).status_code == 500
    with pytest.raises(httpx.ConnectError):
        await retry.request(dead, waits.patience(3))
    assert len(waits.seconds) == 4


def test_retry_after_may_be_a_date() -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=30)
    answer = httpx.Response(429, headers={"Retry-After": email.utils.format_datetime(later)})
    seconds = retry.retry_after_s(answer)
    assert seconds is not None
    assert 28 <= seconds <= 30
    assert retry.retry_after_s(httpx.Response(429, headers={"Retry-After": "soon"})) is None
    assert retry.retry_after_s(httpx.Response(429)) is None
