"""An app, as Authlib asks about it."""

import datetime
from collections.abc import Collection

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE

from functions.accounts.oauth import redirects, scopes
from functions.accounts.oauth.digest import matches
from functions.accounts.oauth.tables import App

_GRANT_TYPES = frozenset({"authorization_code", "refresh_token", DEVICE_CODE_GRANT_TYPE})
_SECRET_METHODS = frozenset({"client_secret_basic", "client_secret_post"})


class Client(ClientMixin):
    """An app at a moment."""

    def __init__(self, app: App, now: datetime.datetime) -> None:
        self.app = app
        self._now = now

    def get_client_id(self) -> str:
        return self.app.id

    def get_default_redirect_uri(self) -> str:
        """None: an app always says where it wants its answer."""
        return ""

    def get_allowed_scope(self, scope: Collection[str] | str | None) -> str:
        return " ".join(scopes.split(scope if isinstance(scope, str) else None))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirects.matches(self.app.redirect_uris, redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        if matches(client_secret, self.app.secret_hash):
            return True
        until = self.app.previous_secret_until
        return (
            until is not None
            and until > self._now
            and matches(client_secret, self.app.previous_secret_hash)
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in _SECRET_METHODS if self.app.confidential else method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "client_credentials":
            return self.app.confidential
        return grant_type in _GRANT_TYPES
