"""Fetching a track's media from the CDN, with the leave that its stream gave."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urljoin

import httpx

from clients.cli import retry
from clients.cli.api import StreamAccess
from clients.cli.retry import Patience

AHEAD = 4
_REFUSED = "the CDN refuses the media (403): the leave to fetch it does not hold, or has run out"


class MediaUnavailable(Exception):
    """A piece of a track's media cannot be fetched."""


class MediaFetcher:
    """Fetches what lies beside a stream's manifest; the cookie goes nowhere else."""

    def __init__(
        self, client: httpx.AsyncClient, access: StreamAccess, *, patience: Patience | None = None
    ) -> None:
        self._client = client
        self._prefix = urljoin(access.stream.manifest_url, ".")
        self._cookie = access.cookie
        self._query = access.stream.signed_query
        self._patience = patience or Patience()

    async def get(self, url: str) -> bytes:
        """The whole of one file; raises `MediaUnavailable`."""
        address, headers = url, {}
        if url.startswith(self._prefix):
            if self._cookie:
                headers["Cookie"] = self._cookie
            if self._query and self._query not in url:
                address = f"{url}{'&' if '?' in url else '?'}{self._query}"
        try:
            answer = await retry.request(
                lambda: self._client.get(address, headers=headers), self._patience
            )
        except httpx.TransportError as error:
            raise MediaUnavailable(f"the CDN does not answer: {error}") from error
        if answer.status_code == 403:
            raise MediaUnavailable(_REFUSED)
        if not answer.is_success:
            path = answer.url.path
            raise MediaUnavailable(f"the CDN answered {answer.status_code} for {path}")
        return answer.content

    async def in_order(self, urls: Sequence[str]) -> AsyncIterator[bytes]:
        """The files one after another, the next `AHEAD` of them already on their way."""
        left = deque(urls)
        coming: deque[asyncio.Task[bytes]] = deque()
        try:
            while left or coming:
                while left and len(coming) < AHEAD:
                    coming.append(asyncio.create_task(self.get(left.popleft())))
                yield await coming[0]
                coming.popleft()
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)
