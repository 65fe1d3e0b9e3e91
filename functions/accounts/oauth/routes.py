"""The authorization server's addresses."""

from typing import Any

import msgspec
from starlette.routing import Route

from functions.accounts.oauth.apps_api import (
    AppChange,
    AppObject,
    Apps,
    AppsApi,
    Limits,
    NewApp,
    Usage,
    UsageQuery,
)
from functions.accounts.oauth.authorize import Authorize
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.metadata import Metadata
from functions.accounts.oauth.tokens import TokenEndpoints
from functions.accounts.oauth.web import PATH, WebTokens
from shared.openapi import Operation
from shared.web import Api


def routes(dependencies: Dependencies, api: Api) -> list[Route]:
    """OAuth 2.0 for everybody, and `/v1/me/apps` for those with a token."""
    tokens, metadata = TokenEndpoints(dependencies), Metadata(dependencies)
    web = WebTokens(dependencies)
    return [
        Route("/authorize", Authorize(dependencies).get, methods=["GET"]),
        Route("/api/token", tokens.token, methods=["POST"]),
        Route("/oauth/revoke", tokens.revoke, methods=["POST"]),
        Route("/oauth/introspect", tokens.introspect, methods=["POST"]),
        Route("/oauth/device", tokens.device, methods=["POST"]),
        Route(f"{PATH}/token", web.token, methods=["POST"]),
        Route(f"{PATH}/revoke", web.revoke, methods=["POST"]),
        Route("/.well-known/oauth-authorization-server", metadata.server, methods=["GET"]),
        Route("/.well-known/jwks.json", metadata.jwks, methods=["GET"]),
        *_apps(AppsApi(dependencies), api),
    ]


def _apps(apps: AppsApi, api: Api) -> list[Route]:
    one = "/v1/me/apps/{id}"
    return [
        api.get("/v1/me/apps", apps.list, doc=_doc("One's own apps", Apps, errors=(403,))),
        api.post(
            "/v1/me/apps", apps.register, doc=_doc("Register an app", status=201, body=NewApp)
        ),
        api.get(one, apps.get, doc=_doc("An app")),
        api.put(one, apps.change, doc=_doc("Change an app", body=AppChange)),
        api.delete(one, apps.remove, doc=_doc("Remove an app", None, status=204)),
        api.post(f"{one}/secret", apps.rotate_secret, doc=_doc("Give an app another secret")),
        api.get(f"{one}/usage", apps.usage, doc=_doc("Use of an app", Usage, query=UsageQuery)),
        api.put(f"{one}/limits", apps.set_limits, doc=_doc("An app's limits", body=Limits)),
        api.put(f"{one}/users/{{user_id}}", apps.allow, doc=_doc("Let somebody use an app")),
        api.delete(f"{one}/users/{{user_id}}", apps.disallow, doc=_doc("Let somebody no more")),
    ]


def _doc(
    summary: str,
    answer: Any = AppObject,
    *,
    status: int = 200,
    body: Any = None,
    query: type[msgspec.Struct] | None = None,
    errors: tuple[int, ...] = (400, 403, 404),
) -> Operation:
    return Operation(summary, "Apps", answer, status, body=body, query=query, errors=errors)
