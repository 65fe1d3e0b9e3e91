"""The authorization server's metadata (RFC 8414), and its public keys."""

from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE
from starlette.requests import Request
from starlette.responses import Response

from functions.accounts.oauth import client_authentication, scopes
from functions.accounts.oauth.dependencies import Dependencies
from shared.web import json_response

# Verifiers look at once for a key they do not know, so that this may be long.
_CACHEABLE = {"Cache-Control": "public, max-age=3600"}


def document(dependencies: Dependencies) -> dict[str, object]:
    """What apps need to know to use this server."""
    url = dependencies.public_url
    methods = list(client_authentication.METHODS)
    return {
        "issuer": dependencies.issuer,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/api/token",
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "revocation_endpoint": f"{url}/oauth/revoke",
        "introspection_endpoint": f"{url}/oauth/introspect",
        "device_authorization_endpoint": f"{url}/oauth/device",
        "scopes_supported": list(scopes.SUPPORTED),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            DEVICE_CODE_GRANT_TYPE,
        ],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": list(client_authentication.SECRET_METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


class Metadata:
    """`/.well-known/…`: public, and the same for everybody."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def server(self, _: Request) -> Response:
        return json_response(document(self._dependencies), headers=_CACHEABLE)

    async def jwks(self, _: Request) -> Response:
        return json_response(await self._dependencies.keys.fetch(), headers=_CACHEABLE)
