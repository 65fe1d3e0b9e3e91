"""Google's URL map, as far as the platform uses it: which backend answers a path."""

import re
from typing import Any


def resolve(url_map: dict[str, Any], path: str, host: str = "cadenza.example") -> str:
    """The link of the backend service or bucket that a request goes to."""
    matcher = _path_matcher(url_map, host)
    if matcher is None:
        return str(url_map["defaultService"])
    for rule in sorted(matcher["routeRules"], key=lambda rule: int(rule["priority"])):
        if any(_matches(match, path) for match in rule["matchRules"]):
            return str(rule["service"])
    return str(matcher["defaultService"])


def _path_matcher(url_map: dict[str, Any], host: str) -> dict[str, Any] | None:
    matchers = {matcher["name"]: matcher for matcher in url_map["pathMatchers"]}
    for rule in url_map["hostRules"]:
        if host in rule["hosts"] or "*" in rule["hosts"]:
            found: dict[str, Any] = matchers[rule["pathMatcher"]]
            return found
    return None


def _matches(match: dict[str, str], path: str) -> bool:
    [(kind, pattern)] = match.items()
    if kind == "fullPathMatch":
        return path == pattern
    if kind == "prefixMatch":
        return path.startswith(pattern)
    assert kind == "pathTemplateMatch", kind
    return re.fullmatch(_template_as_regex(pattern), path) is not None


def _template_as_regex(template: str) -> str:
    """`*` is one segment, `**` any number of them."""
    segments = {"*": "[^/]+", "**": ".*"}
    return "/".join(segments.get(part, re.escape(part)) for part in template.split("/"))
