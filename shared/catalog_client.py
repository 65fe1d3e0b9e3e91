"""The catalogue as other services read it: gRPC, many items a call."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.errors import Unavailable
from shared.protos.catalog_pb2 import Track

if TYPE_CHECKING:
    import grpc.aio

CALL_TIMEOUT_S = 5.0


class CatalogClient:
    """A connection to `catalog-rpc`, made when first used.

    An https address is called over TLS with an ID token for it, as Cloud Run asks of callers.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._stub: Any = None
        self._token = _IdToken(url) if url.startswith("https:") else None

    async def tracks(self, ids: Sequence[str]) -> list[Track]:
        """The tracks that exist, in the order asked for; raises `Unavailable`."""
        import grpc.aio

        from shared.protos.catalog_pb2 import GetRequest

        try:
            answer = await self._connected().GetTracks(
                GetRequest(ids=ids),
                timeout=CALL_TIMEOUT_S,
                metadata=await self._credentials(),
                wait_for_ready=True,
            )
        except grpc.aio.AioRpcError as error:
            raise Unavailable("The catalogue is not answering; try again") from error
        return list(answer.tracks)

    def _connected(self) -> Any:
        if self._stub is None:
            from shared.protos.catalog_pb2_grpc import CatalogStub

            self._stub = CatalogStub(_channel(self._url))
        return self._stub

    async def _credentials(self) -> list[tuple[str, str]]:
        if self._token is None:
            return []
        return [("authorization", f"Bearer {await self._token.current()}")]


def _channel(url: str) -> "grpc.aio.Channel":
    import grpc.aio

    address = urlsplit(url)
    if address.scheme == "https":
        return grpc.aio.secure_channel(
            f"{address.hostname}:{address.port or 443}", grpc.ssl_channel_credentials()
        )
    return grpc.aio.insecure_channel(address.netloc)


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
