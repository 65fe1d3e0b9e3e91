"""How the commands reach the network; tests hand in another one as Typer's context object."""

from dataclasses import dataclass, field

import httpx

from clients.cli import upload
from clients.cli.api import Api
from clients.cli.retry import Patience
from clients.cli.settings import Settings

_CDN_TIMEOUT_S = 30


@dataclass(frozen=True)
class Connections:
    """Makes the clients of the platform, of Cloud Storage and of the CDN."""

    transport: httpx.AsyncBaseTransport | None = None
    patience: Patience = field(default_factory=Patience)

    def api(self, known: Settings) -> Api:
        return Api(known.api, known.token.value, patience=self.patience, transport=self.transport)

    def storage(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=upload.TIMEOUT, transport=self.transport)

    def cdn(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_CDN_TIMEOUT_S, transport=self.transport)
