"""The device flow (RFC 8628): a speaker shows a code, and its person types it in a browser."""

import datetime
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidGrantError, UnauthorizedClientError
from authlib.oauth2.rfc8628 import (
    DEVICE_CODE_GRANT_TYPE,
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialMixin,
)
from sqlalchemy import select

from functions.accounts.oauth import client_authentication, scopes, user_codes
from functions.accounts.oauth.core import Core, wait
from functions.accounts.oauth.digest import digest, fresh
from functions.accounts.oauth.subjects import Subject
from functions.accounts.oauth.tables import DeviceCode

# RFC 8628, 3.5: how much slower a device becomes that asks too often.
_SLOWER_BY_S = 5


class DeviceEndpoint(DeviceAuthorizationEndpoint):
    """Gives a device its two codes."""

    server: Core
    CLIENT_AUTH_METHODS = client_authentication.METHODS
    EXPIRES_IN = 900

    def authenticate_client(self, request: OAuth2Request) -> Any:
        client = super().authenticate_client(request)  # type: ignore[no-untyped-call]  # Authlib's stubs leave it open
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError("The app may not use the device flow")
        return client

    def generate_device_code(self) -> str:
        return fresh()

    def get_verification_uri(self) -> str:
        return f"{self.server.dependencies.public_url}/device"

    def save_device_credential(
        self, client_id: str, scope: str | None, data: dict[str, Any]
    ) -> None:
        self.server.session.add(
            DeviceCode(
                hash=digest(data["device_code"]),
                user_code_hash=user_codes.digest_of(data["user_code"]),
                app_id=client_id,
                scopes=scopes.split(scope),
                interval_s=self.INTERVAL,
                expires_at=self.server.now + datetime.timedelta(seconds=self.EXPIRES_IN),
            )
        )


class DeviceGrant(DeviceCodeGrant):
    """Trades a device's code for a token, once its person has said yes."""

    server: Core
    TOKEN_ENDPOINT_AUTH_METHODS = client_authentication.METHODS

    def query_device_credential(self, device_code: str) -> "_Device":
        row = wait(
            self.server.session.scalar(
                select(DeviceCode).where(DeviceCode.hash == digest(device_code)).with_for_update()
            )
        )
        if row is None or row.used_at is not None:
            raise InvalidGrantError("Invalid device_code")
        return _Device(row, self.server.now)

    def validate_device_credential(self, credential: "_Device") -> Subject:
        self._row = credential.row
        subject = super().validate_device_credential(credential)  # type: ignore[no-untyped-call]  # Authlib's stubs leave it open
        if subject is None:
            raise InvalidGrantError("There is nobody to act for")
        assert isinstance(subject, Subject)
        return subject

    def query_user_grant(self, user_code: str) -> tuple[Subject | None, bool] | None:
        # The user code is not stored, so it is the row that knows.
        if self._row.approved is None or self._row.user_id is None:
            return None
        return self.server.find_subject(self._row.user_id), self._row.approved

    def should_slow_down(self, credential: "_Device") -> bool:
        row, now = credential.row, self.server.now
        is_early = row.polled_at is not None and now - row.polled_at < datetime.timedelta(
            seconds=row.interval_s
        )
        row.polled_at = now
        if is_early:
            row.interval_s += _SLOWER_BY_S
        return is_early

    def create_token_response(self) -> Any:
        assert self.request.user is not None
        self._row.used_at = self.server.now
        self.server.begin_family(self.client, self.request.user.id, self._row.scopes)
        return super().create_token_response()  # type: ignore[no-untyped-call]  # Authlib's stubs leave it open


class _Device(DeviceCredentialMixin):
    """A device code, as Authlib reads it."""

    def __init__(self, row: DeviceCode, now: datetime.datetime) -> None:
        self.row = row
        self._now = now

    def get_client_id(self) -> str:
        return self.row.app_id

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)

    def get_user_code(self) -> str:
        return ""

    def is_expired(self) -> bool:
        return self.row.expires_at <= self._now
