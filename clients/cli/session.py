"""A sign-in in use: its access token, renewed when it is due."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import httpx

from clients.cli.oauth import AuthorizationServer, Refused, Tokens
from clients.cli.vault import Vault

# Renewed a little early, so that no token expires on its way.
_EARLY_S = 60.0


class SignedOut(Exception):
    """There is no sign-in any more; the message says what to do."""


class Session:
    """The sign-in to the platform at `address`, as the vault holds it.

    Several tasks and several commands may use it at once: one renews, the others take what it got.
    """

    def __init__(
        self,
        address: str,
        vault: Vault,
        server: AuthorizationServer,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._address = address
        self._vault = vault
        self._server = server
        self._clock = clock
        self._tokens: Tokens | None = None
        self._one_at_a_time = asyncio.Lock()

    async def access_token(self, refused: str = "") -> str:
        """An access token that is good for now, and is not the one that was `refused`.

        Raises `SignedOut`, `VaultBusy`, `NoServer` and `Unreachable`.
        """
        if not self._is_good(self._tokens, refused):
            async with self._one_at_a_time:
                if not self._is_good(self._tokens, refused):
                    self._tokens = await self._renewed(refused)
        assert self._tokens is not None
        return self._tokens.access_token

    def _is_good(self, tokens: Tokens | None, refused: str) -> bool:
        return (
            tokens is not None
            and tokens.access_token != refused
            and tokens.expires_at - _EARLY_S > self._clock()
        )

    async def _renewed(self, refused: str) -> Tokens:
        kept = await asyncio.to_thread(self._vault.load, self._address)
        if kept is not None and self._is_good(kept, refused):
            return kept
        lock = self._vault.locked()
        await asyncio.to_thread(lock.__enter__)
        try:
            # Another command may have been quicker.
            kept = await asyncio.to_thread(self._vault.load, self._address)
            if kept is None:
                raise SignedOut(f"Not signed in to {self._address}: `cadenza login` does that.")
            if self._is_good(kept, refused):
                return kept
            return await self._refreshed(kept)
        finally:
            lock.__exit__(None, None, None)

    async def _refreshed(self, kept: Tokens) -> Tokens:
        try:
            tokens = await self._server.refresh(kept.refresh_token)
        except Refused as error:
            if error.code == "invalid_grant":
                await asyncio.to_thread(self._vault.forget, self._address)
            raise SignedOut(
                f"The sign-in to {self._address} has ended ({error}): `cadenza login` begins anew."
            ) from error
        await asyncio.to_thread(self._vault.save, self._address, tokens)
        return tokens


class SessionAuth(httpx.Auth):
    """Calls with a session's token; one that is refused is renewed once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = await self._session.access_token()
        request.headers["Authorization"] = f"Bearer {token}"
        answer = yield request
        if answer.status_code == 401:
            token = await self._session.access_token(refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request
