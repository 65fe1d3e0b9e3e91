"""How the commands reach the network; tests hand in another one as Typer's context object."""

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import typer

from clients.cli import settings, upload
from clients.cli.api import Api
from clients.cli.oauth import AuthorizationServer
from clients.cli.retry import Patience
from clients.cli.session import Session, SessionAuth
from clients.cli.settings import Settings
from clients.cli.vault import Vault

A = TypeVar("A", bound=Api)

_CDN_TIMEOUT_S = 30
_SIGN_IN_TIMEOUT_S = 30


@dataclass(frozen=True)
class Connections:
    """Makes the clients of the platform, of Cloud Storage and of the CDN."""

    transport: httpx.AsyncBaseTransport | None = None
    patience: Patience = field(default_factory=Patience)
    vault: Callable[[], Vault] = Vault.of_this_user
    open_browser: Callable[[str], bool] = webbrowser.open

    @classmethod
    def of(cls, context: typer.Context) -> "Connections":
        return context.find_object(cls) or cls()

    def settings(self, *, api: str = "", token_file: Path | None = None) -> Settings:
        """What the options, the environment, the sign-in and the files say; raises `NoToken`."""
        return settings.load(
            api=api,
            token_file=token_file,
            has_sign_in=lambda address: self.vault().load(address) is not None,
        )

    def api(self, known: Settings) -> Api:
        return self.api_as(Api, known)

    def api_as(self, kind: type[A], known: Settings) -> A:
        """The platform's API in a client that knows more of it."""
        auth = None
        if not known.token.value:
            auth = SessionAuth(Session(known.api, self.vault(), self.server(known.api)))
        return kind(
            known.api,
            known.token.value,
            auth=auth,
            patience=self.patience,
            transport=self.transport,
        )

    def server(self, address: str) -> AuthorizationServer:
        return AuthorizationServer(
            address,
            lambda: httpx.AsyncClient(timeout=_SIGN_IN_TIMEOUT_S, transport=self.transport),
            patience=self.patience,
        )

    def storage(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=upload.TIMEOUT, transport=self.transport)

    def cdn(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_CDN_TIMEOUT_S, transport=self.transport)
