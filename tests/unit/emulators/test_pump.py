"""Messages become rows of the declared table, as Pub/Sub writes them itself."""

import json
from typing import Any

import aiohttp
import pytest
from google.api_core.exceptions import DeadlineExceeded

from emulators import pump
from emulators.pump import DoesNotFit, Feed, row_of

TYPES = {"id": "string", "at": "timestamp-micros", "ms": "long", "counted": "boolean"}
COLUMNS = {
    "id": {"name": "id", "type": "STRING", "mode": "REQUIRED"},
    "at": {"name": "at", "type": "TIMESTAMP", "mode": "REQUIRED"},
    "ms": {"name": "ms", "type": "INTEGER", "mode": "REQUIRED"},
    "counted": {"name": "counted", "type": "BOOLEAN", "mode": "NULLABLE"},
}
MESSAGE = {"id": "a", "at": 1_700_000_000_123_456, "ms": 5, "counted": True}


def row(message: Any, *, drop_unknown: bool = False) -> dict[str, Any]:
    return row_of(json.dumps(message).encode(), TYPES, COLUMNS, drop_unknown=drop_unknown)


def test_a_row() -> None:
    assert row(MESSAGE) == {
        "id": "a", "at": "2023-11-14T22:13:20.123456Z", "ms": 5, "counted": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"id": 1},
        {"ms": "5"},
        {"ms": True},
        {"ms": 1.5},
        {"counted": 1},
        {"at": "2023-11-14"},
        {"at": -1},
        {"at": 253_402_300_800_000_000},
        {"id": None},
    ],
)
def test_what_does_not_fit(change: dict[str, Any]) -> None:
    with pytest.raises(DoesNotFit, match=next(iter(change))):
        row({**MESSAGE, **change})


def test_missing_and_unknown_fields() -> None:
    with pytest.raises(DoesNotFit, match="ms: missing"):
        row({name: value for name, value in MESSAGE.items() if name != "ms"})
    assert "counted" not in row({n: v for n, v in MESSAGE.items() if n != "counted"})
    assert "more" not in row({**MESSAGE, "more": 1}, drop_unknown=True)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b"\xff"])
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(DoesNotFit):
        row_of(data, TYPES, COLUMNS, drop_unknown=False)


class _Received:
    def __init__(self, ack_id: str, message: Any) -> None:
        self.ack_id = ack_id
        self.message = self
        self.data = json.dumps(message).encode()


class Subscription:
    """Hands out its messages once and notes what is said of them."""

    def __init__(self, *messages: Any) -> None:
        self.received_messages = [_Received(f"{n}", each) for n, each in enumerate(messages)]
        self.acknowledged: list[str] = []
        self.refused: list[str] = []

    async def pull(self, **_: object) -> "Subscription":
        if not self.received_messages:
            raise DeadlineExceeded("nothing came")  # type: ignore[no-untyped-call]
        return self

    async def acknowledge(self, *, ack_ids: list[str], **_: object) -> None:
        self.acknowledged += ack_ids

    async def modify_ack_deadline(
        self, *, ack_ids: list[str], ack_deadline_seconds: int, **_: object
    ) -> None:
        assert ack_deadline_seconds == 0
        self.refused += ack_ids


class Table:
    """Fails as often as said."""

    def __init__(self, fails: int = 0) -> None:
        self.rows: list[dict[str, Any]] = []
        self.fails = fails

    async def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        assert table == "p.d.t"
        if self.fails:
            self.fails -= 1
            raise aiohttp.ServerDisconnectedError
        self.rows += rows


async def move(subscription: Any, table: Any) -> None:
    feed = Feed("s", "p.d.t", lambda data: row_of(data, TYPES, COLUMNS, drop_unknown=False))
    await pump._move(feed, subscription, table)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "_FIRST_PAUSE_S", 0.0)


async def test_what_fits_is_written_and_the_rest_comes_again() -> None:
    subscription, table = Subscription(MESSAGE, {"id": 1}, MESSAGE), Table()
    await move(subscription, table)
    assert len(table.rows) == 2
    assert (subscription.acknowledged, subscription.refused) == (["0", "2"], ["1"])


async def test_nothing_to_do() -> None:
    table = Table()
    await move(Subscription(), table)
    assert table.rows == []


async def test_bigquery_is_away_for_a_moment() -> None:
    subscription, table = Subscription(MESSAGE), Table(fails=2)
    await move(subscription, table)
    assert (len(table.rows), subscription.acknowledged) == (1, ["0"])


async def test_bigquery_stays_away() -> None:
    subscription, table = Subscription(MESSAGE), Table(fails=99)
    with pytest.raises(aiohttp.ClientError):
        await move(subscription, table)
    assert subscription.acknowledged == [], "it comes again when its deadline is over"
