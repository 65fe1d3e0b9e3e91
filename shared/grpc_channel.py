"""Calling another service of ours over gRPC."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import grpc.aio

CALL_TIMEOUT_S = 5.0
# Pages of the whole catalogue are large.
_MOST_BYTES = 64 * 1024 * 1024


class Channel:
    """A connection to the service at `url`, made when first used.

    An https address is called over TLS with an ID token for it, as Cloud Run asks of callers.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._channel: grpc.aio.Channel | None = None
        self._token = _IdToken(url) if url.startswith("https:") else None

    def open(self) -> "grpc.aio.Channel":
        """For a generated stub."""
        if self._channel is None:
            self._channel = _open(self._url)
        return self._channel

    async def call(
        self,
        method: Any,
        request: Any,
        *,
        timeout_s: float = CALL_TIMEOUT_S,
        waits: bool = True,
    ) -> Any:
        """The answer of a stub's method; raises `grpc.aio.AioRpcError`.

        `waits` False: at once where nobody listens, for what can be done without.
        """
        return await method(
            request, timeout=timeout_s, metadata=await self._credentials(), wait_for_ready=waits
        )

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()

    async def _credentials(self) -> list[tuple[str, str]]:
        if self._token is None:
            return []
        return [("authorization", f"Bearer {await self._token.current()}")]


def _open(url: str) -> "grpc.aio.Channel":
    import grpc.aio

    address = urlsplit(url)
    options = [("grpc.max_receive_message_length", _MOST_BYTES)]
    if address.scheme == "https":
        target = f"{address.hostname}:{address.port or 443}"
        return grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(), options)
    return grpc.aio.insecure_channel(address.netloc, options)


class _IdToken:
    """This service's identity, as Google's metadata server vouches for it, renewed when due."""

    def __init__(self, audience: str) -> None:
        self._audience = audience
        self._credentials: Any = None

    async def current(self) -> str:
        return await asyncio.to_thread(self._fetch)

    def _fetch(self) -> str:
        from google.auth.transport.requests import Request
        from google.oauth2 import id_token

        if self._credentials is None:
            self._credentials = id_token.fetch_id_token_credentials(  # type: ignore[no-untyped-call]
                self._audience
            )
        if not self._credentials.valid:
            self._credentials.refresh(Request())
        return str(self._credentials.token)
