"""Pub/Sub's BigQuery subscriptions: what arrives becomes rows of the declared table.

As in the cloud, a message that does not fit is not written: it comes again, and after the declared
number of attempts Pub/Sub keeps it in the dead letters. Rows may come twice.
"""

import asyncio
import contextlib
import datetime
import json
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc.aio
from google.api_core.exceptions import GoogleAPIError
from google.pubsub_v1.services.subscriber import SubscriberAsyncClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators.bigquery import TABLE, BigQuery
from emulators.gather import Program, Resource
from emulators.pubsub import SCHEMA, SUBSCRIPTION, TOPIC

_AT_ONCE = 1000
# The emulator hands out a hundred messages a call, whatever is asked for.
_WORKERS = 4
_PULL_TIMEOUT_S = 30.0
_TRIES = 5
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0

log = logging.getLogger(__name__)


class DoesNotFit(Exception):
    """The message is no row of the table; the text says why."""


@dataclass(frozen=True)
class Feed:
    """One subscription: whose messages become rows of which table, and how."""

    subscription: str
    table: str
    row_of: Callable[[bytes], dict[str, Any]]


async def run(program: Program, *, pubsub_address: str, bigquery: BigQuery) -> None:
    """Feeds every table that a subscription is declared for, until cancelled."""
    feeds = [feed for feed in feeds_of(program) for _ in range(_WORKERS)]
    await asyncio.gather(*(_follow(feed, pubsub_address, bigquery) for feed in feeds))


def feeds_of(program: Program) -> list[Feed]:
    return [
        _feed(subscription, program)
        for subscription in program.all(SUBSCRIPTION)
        if "bigqueryConfig" in subscription.inputs
    ]


def _feed(subscription: Resource, program: Program) -> Feed:
    config = subscription.inputs["bigqueryConfig"]
    name = config["table"].rpartition(".")[2]
    [table] = [each for each in program.all(TABLE) if each.inputs["tableId"] == name]
    columns = {each["name"]: each for each in json.loads(table.inputs["schema"])}
    [topic] = [each for each in program.all(TOPIC) if each.id == subscription.inputs["topic"]]
    wanted = topic.inputs["schemaSettings"]["schema"]
    [schema] = [each for each in program.all(SCHEMA) if each.id == wanted]
    types = {
        field["name"]: _type(field["type"])
        for field in json.loads(schema.inputs["definition"])["fields"]
    }
    drop = bool(config.get("dropUnknownFields"))
    return Feed(
        subscription=subscription.id,
        table=config["table"],
        row_of=lambda data: row_of(data, types, columns, drop_unknown=drop),
    )


def row_of(
    data: bytes,
    types: Mapping[str, str],
    columns: Mapping[str, Mapping[str, str]],
    *,
    drop_unknown: bool,
) -> dict[str, Any]:
    """A JSON message under an Avro schema (`types` by field) as a row; raises `DoesNotFit`."""
    try:
        message = json.loads(data)
    except ValueError as error:
        raise DoesNotFit(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise DoesNotFit("not an object")
    row: dict[str, Any] = {}
    for name, value in message.items():
        if name not in columns:
            if drop_unknown:
                continue
            raise DoesNotFit(f"{name}: the table has no such column")
        row[name] = _value(name, value, types.get(name, ""), columns[name]["type"])
    for name, column in columns.items():
        if column.get("mode") == "REQUIRED" and row.get(name) is None:
            raise DoesNotFit(f"{name}: missing")
    return row


# BigQuery's types, and what of JSON fits them.
_FITS: dict[str, tuple[type, ...]] = {
    "BOOLEAN": (bool,),
    "FLOAT": (float, int),
    "INTEGER": (int,),
    "STRING": (str,),
}
_EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
_LAST_MICROSECOND = 253_402_300_799_999_999  # of the year 9999


def _value(name: str, value: Any, avro: str, column: str) -> Any:
    if column == "TIMESTAMP" and avro == "timestamp-micros":
        if type(value) is not int or not 0 <= value <= _LAST_MICROSECOND:
            raise DoesNotFit(f"{name}: {value!r} is no time")
        moment = _EPOCH + datetime.timedelta(microseconds=value)
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
    if type(value) not in _FITS.get(column, ()):
        raise DoesNotFit(f"{name}: {value!r} is no {column}")
    return value


def _type(avro: Any) -> str:
    if isinstance(avro, dict):
        return str(avro.get("logicalType", avro["type"]))
    return str(avro)


async def _follow(feed: Feed, pubsub_address: str, bigquery: BigQuery) -> None:
    channel = grpc.aio.insecure_channel(pubsub_address)
    client = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
    failures = 0
    try:
        while True:
            try:
                await _move(feed, client, bigquery)
                failures = 0
            except (GoogleAPIError, aiohttp.ClientError, OSError, TimeoutError) as error:
                failures += 1
                log.warning("%s: %r", feed.table, error)
                await asyncio.sleep(_pause(failures))
    finally:
        with contextlib.suppress(Exception):
            await channel.close()


async def _move(feed: Feed, client: SubscriberAsyncClient, bigquery: BigQuery) -> None:
    """What there is, at most `_AT_ONCE` messages; waits for the first one."""
    try:
        answer = await client.pull(
            subscription=feed.subscription, max_messages=_AT_ONCE, timeout=_PULL_TIMEOUT_S
        )
    except GoogleAPIError as error:
        if getattr(error, "code", None) == 504:  # nothing came while we waited
            return
        raise
    rows, written, refused = [], [], []
    for received in answer.received_messages:
        try:
            rows.append(feed.row_of(received.message.data))
            written.append(received.ack_id)
        except DoesNotFit as error:
            log.warning("%s: a message does not fit: %s", feed.table, error)
            refused.append(received.ack_id)
    if refused:
        await client.modify_ack_deadline(
            subscription=feed.subscription, ack_ids=refused, ack_deadline_seconds=0
        )
    if rows:
        await _insert(bigquery, feed.table, rows)
        await client.acknowledge(subscription=feed.subscription, ack_ids=written)


async def _insert(bigquery: BigQuery, table: str, rows: list[dict[str, Any]]) -> None:
    """Tried a few times; then the messages come again when their deadline is over."""
    for attempt in range(1, _TRIES + 1):
        try:
            await bigquery.insert(table, rows)
        except (aiohttp.ClientError, OSError, TimeoutError):
            if attempt == _TRIES:
                raise
            await asyncio.sleep(_pause(attempt))
        else:
            return


def _pause(attempt: int) -> float:
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt))  # noqa: S311  # not for secrets
