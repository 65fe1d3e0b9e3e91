"""Every `catalog-changed` to every instance: a subscription of this instance's own."""

import asyncio
import datetime
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import msgspec

from shared.events import CatalogChanged
from shared.telemetry import fields

# The least that Pub/Sub allows. They clean up after an instance that did not live to do so.
_EXPIRES_AFTER = datetime.timedelta(days=1)
_RETENTION = datetime.timedelta(minutes=10)
_CALL_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 2.0

log = logging.getLogger(__name__)


class ChangeFeed:
    """Calls `on_change` on the event loop for each event of `topic` (its full name)."""

    def __init__(
        self, project: str, topic: str, on_change: Callable[[CatalogChanged], None]
    ) -> None:
        self._name = f"projects/{project}/subscriptions/catalog-rpc-{secrets.token_hex(8)}"
        self._topic = topic
        self._on_change = on_change
        self._client: Any = None
        self._pull: Any = None

    async def start(self) -> bool:
        """Whether events will come. Without them the service works on; the log says so."""
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError

        loop = asyncio.get_running_loop()
        try:
            self._client = await asyncio.to_thread(self._subscribe)
        except (GoogleAPIError, GoogleAuthError) as error:
            log.warning("no subscription: cached items change by age only", exc_info=error)
            return False
        self._pull = self._client.subscribe(self._name, lambda message: self._take(message, loop))
        self._pull.add_done_callback(_report_end)
        log.info("subscribed", extra=fields(subscription=self._name))
        return True

    async def stop(self) -> None:
        """Deletes the subscription, if there is one."""
        if self._client is not None:
            await asyncio.to_thread(self._unsubscribe)

    def _subscribe(self) -> Any:
        # Imported here, in a thread: it takes most of a second, and calls are being answered.
        from google.cloud.pubsub_v1 import SubscriberClient

        client = SubscriberClient()
        client.create_subscription(
            request={
                "name": self._name,
                "topic": self._topic,
                "expiration_policy": {"ttl": _EXPIRES_AFTER},
                "message_retention_duration": _RETENTION,
            },
            timeout=_CALL_TIMEOUT_S,
        )
        return client

    def _unsubscribe(self) -> None:
        from google.api_core.exceptions import GoogleAPIError

        self._pull.cancel()
        try:
            self._pull.result(timeout=_CLOSE_TIMEOUT_S)
            self._client.delete_subscription(subscription=self._name, timeout=_CLOSE_TIMEOUT_S)
        except (GoogleAPIError, CancelledError, TimeoutError) as error:
            log.warning("subscription left to expire", exc_info=error)
        finally:
            self._client.close()

    def _take(self, message: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Runs in a thread of the Pub/Sub client."""
        try:
            event = msgspec.json.decode(message.data, type=CatalogChanged)
        except msgspec.DecodeError as error:
            log.error("not a CatalogChanged: %s", error)
        else:
            loop.call_soon_threadsafe(self._on_change, event)
        message.ack()


def _report_end(pull: Any) -> None:
    if not pull.cancelled() and (error := pull.exception()) is not None:
        log.error("no more events: cached items change by age only", exc_info=error)
