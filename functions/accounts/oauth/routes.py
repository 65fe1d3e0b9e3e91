"""The authorization server's addresses."""

from starlette.routing import Route

from functions.accounts.oauth.apps_api import AppsApi
from functions.accounts.oauth.authorize import Authorize
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.metadata import Metadata
from functions.accounts.oauth.tokens import TokenEndpoints
from shared.web import Api


def routes(dependencies: Dependencies, api: Api) -> list[Route]:
    """OAuth 2.0 for everybody, and `/v1/me/apps` for those with a token."""
    tokens, metadata = TokenEndpoints(dependencies), Metadata(dependencies)
    return [
        Route("/authorize", Authorize(dependencies).get, methods=["GET"]),
        Route("/api/token", tokens.token, methods=["POST"]),
        Route("/oauth/revoke", tokens.revoke, methods=["POST"]),
        Route("/oauth/introspect", tokens.introspect, methods=["POST"]),
        Route("/oauth/device", tokens.device, methods=["POST"]),
        Route("/.well-known/oauth-authorization-server", metadata.server, methods=["GET"]),
        Route("/.well-known/jwks.json", metadata.jwks, methods=["GET"]),
        *_apps(AppsApi(dependencies), api),
    ]


def _apps(apps: AppsApi, api: Api) -> list[Route]:
    one = "/v1/me/apps/{id}"
    return [
        api.get("/v1/me/apps", apps.list),
        api.post("/v1/me/apps", apps.register),
        api.get(one, apps.get),
        api.put(one, apps.change),
        api.delete(one, apps.remove),
        api.post(f"{one}/secret", apps.rotate_secret),
        api.get(f"{one}/usage", apps.usage),
        api.put(f"{one}/limits", apps.set_limits),
        api.put(f"{one}/users/{{user_id}}", apps.allow),
        api.delete(f"{one}/users/{{user_id}}", apps.disallow),
    ]
