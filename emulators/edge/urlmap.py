"""Which backend answers a path: the declared URL map, as Google's load balancer reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emulators.gather import Program, Resource

URL_MAP = "gcp:compute/uRLMap:URLMap"
BACKEND_SERVICE = "gcp:compute/backendService:BackendService"
BACKEND_BUCKET = "gcp:compute/backendBucket:BackendBucket"
ENDPOINT_GROUP = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
SIGNED_URL_KEY = "gcp:compute/backendBucketSignedUrlKey:BackendBucketSignedUrlKey"

_MATCHER_FIELDS = {"name", "description", "defaultService", "routeRules"}
_ROUTE_FIELDS = {"priority", "description", "matchRules", "routeAction", "service"}


class UnsupportedUrlMap(Exception):
    """The URL map uses something that the local edge does not know; the message names it."""


@dataclass(frozen=True)
class UnitBackend:
    """A function or Cloud Run service, by its name; `cached` if Cloud CDN stands before it.

    Where it is `compressed`, the CDN compresses texts for clients that can read that.
    """

    unit: str
    cached: bool = False
    compressed: bool = False


@dataclass(frozen=True)
class BucketBackend:
    """A bucket behind Cloud CDN. With `keys` (name → secret) only signed requests are served.

    `response_headers` may hold Cloud CDN's variables, such as `{cdn_cache_status}`. Where it
    is `compressed`, texts are compressed for clients that can read that.
    """

    bucket: str
    keys: tuple[tuple[str, str], ...]
    response_headers: tuple[tuple[str, str], ...]
    compressed: bool = False


Backend = UnitBackend | BucketBackend


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    backend: Backend
    rewrite: str


@dataclass(frozen=True)
class Target:
    """Who answers a request, and which path it is asked for."""

    backend: Backend
    path: str


class UrlMap:
    """Rules in order, and a default."""

    def __init__(self, rules: list[_Rule], default: Backend | None) -> None:
        self._rules = rules
        self._default = default

    def target_of(self, path: str) -> Target | None:
        for rule in self._rules:
            if rule.pattern.match(path):
                return Target(rule.backend, rule.rewrite or path)
        return Target(self._default, path) if self._default else None


def read(program: Program) -> UrlMap:
    """The URL map that routes to backends (not one that only redirects to https)."""
    declared = next(
        (
            resource.inputs
            for resource in program.all(URL_MAP)
            if resource.inputs.get("pathMatchers") or resource.inputs.get("defaultService")
        ),
        None,
    )
    if declared is None:
        raise UnsupportedUrlMap("no URL map routes to a backend")
    matchers = declared.get("pathMatchers", [])
    if len(matchers) > 1:
        raise UnsupportedUrlMap("the local edge follows one path matcher, for every host")
    default = declared.get("defaultService")
    rules: list[_Rule] = []
    for matcher in matchers:
        _refuse_others(matcher, _MATCHER_FIELDS, "a path matcher")
        rules = list(_rules(program, matcher))
        default = matcher.get("defaultService", default)
    return UrlMap(rules, _backend(program, default) if default else None)


def _rules(program: Program, matcher: dict[str, Any]) -> Iterator[_Rule]:
    for route in sorted(matcher.get("routeRules", []), key=lambda rule: int(rule["priority"])):
        _refuse_others(route, _ROUTE_FIELDS, "a route rule")
        if "service" not in route:
            raise UnsupportedUrlMap("a route rule without a service")
        backend = _backend(program, route["service"])
        rewrite = _rewrite(route.get("routeAction"))
        for match in route["matchRules"]:
            yield _Rule(_pattern(match), backend, rewrite)


def _rewrite(action: dict[str, Any] | None) -> str:
    """The path that the backend is asked for, or "" for the client's own."""
    if not action:
        return ""
    template = action.get("urlRewrite", {}).get("pathTemplateRewrite", "")
    if action != {"urlRewrite": {"pathTemplateRewrite": template}} or "{" in template:
        raise UnsupportedUrlMap("a route action that is more than another path, without variables")
    return str(template)


def _pattern(match: dict[str, Any]) -> re.Pattern[str]:
    if len(match) == 1:
        [(kind, text)] = match.items()
        if kind == "fullPathMatch":
            return re.compile(re.escape(text) + r"\Z")
        if kind == "prefixMatch":
            return re.compile(re.escape(text))
        if kind == "pathTemplateMatch":
            return _template_pattern(text)
    raise UnsupportedUrlMap(f"a match rule of {', '.join(match) or 'nothing'}")


def _template_pattern(template: str) -> re.Pattern[str]:
    """`*` is one segment of the path, `**` any number; both may be named: `{id=*}`."""
    unnamed = re.sub(r"\{\w+=(\*\*?)\}", r"\1", re.sub(r"\{\w+\}", "*", template))
    if "{" in unnamed:
        raise UnsupportedUrlMap(f"the path template {template}")
    parts = re.split(r"(\*\*|\*)", unnamed)
    return re.compile(
        "".join({"**": ".*", "*": "[^/]+"}.get(part, re.escape(part)) for part in parts) + r"\Z",
        re.DOTALL,
    )


def _refuse_others(declared: dict[str, Any], known: set[str], kind: str) -> None:
    if others := declared.keys() - known:
        raise UnsupportedUrlMap(f"{kind} with {', '.join(sorted(others))}")


def _backend(program: Program, link: str) -> Backend:
    kind, name = link.rsplit("/", 2)[1:]
    if kind == "backendBuckets":
        return _bucket_backend(program, name)
    service = _named(program, BACKEND_SERVICE, name)
    # Every region runs the same unit; here there is one of it.
    group = service.inputs["backends"][0]["group"].rsplit("/", 1)[1]
    endpoint = _named(program, ENDPOINT_GROUP, group)
    return UnitBackend(
        endpoint.inputs["cloudRun"]["service"],
        cached=bool(service.inputs.get("enableCdn")),
        compressed=_is_compressed(service),
    )


def _named(program: Program, type_token: str, name: str) -> Resource:
    for declared in program.all(type_token):
        if declared.outputs["name"] == name:
            return declared
    raise UnsupportedUrlMap(f"it names {name}, and no such {type_token} is declared")


def _bucket_backend(program: Program, name: str) -> BucketBackend:
    declared = _named(program, BACKEND_BUCKET, name)
    keys = (
        (key.outputs["name"], key.inputs["keyValue"])
        for key in program.all(SIGNED_URL_KEY)
        if key.inputs["backendBucket"].rsplit("/", 1)[-1] == name
    )
    headers = (
        (header.split(":", 1)[0].strip(), header.split(":", 1)[1].strip())
        for header in declared.inputs.get("customResponseHeaders", [])
    )
    return BucketBackend(
        declared.inputs["bucketName"],
        tuple(keys),
        tuple(headers),
        compressed=_is_compressed(declared),
    )


def _is_compressed(backend: Resource) -> bool:
    return bool(backend.inputs.get("compressionMode") == "AUTOMATIC")
