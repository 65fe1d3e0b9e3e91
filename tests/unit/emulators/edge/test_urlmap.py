"""The declared URL map, followed as Google's load balancer would."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.edge import urlmap
from emulators.edge.urlmap import (
    BACKEND_BUCKET,
    BACKEND_SERVICE,
    ENDPOINT_GROUP,
    SIGNED_URL_KEY,
    URL_MAP,
    BucketBackend,
    UnitBackend,
    UnsupportedUrlMap,
)
from emulators.gather import Resource
from tests.unit.emulators.programs import declared, program

LINKS = "https://www.googleapis.com/compute/v1/projects/p/global"
SEGMENT = st.text("abc-_.0%", min_size=1, max_size=5)


def unit(name: str) -> list[Resource]:
    group = f"https://www.googleapis.com/compute/v1/projects/p/regions/r/groups/{name}-r"
    return [
        declared(ENDPOINT_GROUP, f"{name}-r", cloudRun={"service": name}),
        declared(BACKEND_SERVICE, name, backends=[{"group": group}]),
    ]


def bucket(name: str, **inputs: Any) -> Resource:
    return declared(BACKEND_BUCKET, name, bucketName=f"p-{name}", **inputs)


def rule(priority: int, service: str, **match: str) -> dict[str, Any]:
    return {"priority": priority, "matchRules": [match], "service": f"{LINKS}/{service}"}


def url_map(*rules: dict[str, Any], default: str = "backendBuckets/images") -> Resource:
    matcher = {"name": "m", "defaultService": f"{LINKS}/{default}", "routeRules": list(rules)}
    return declared(URL_MAP, "map", pathMatchers=[matcher])


BACKENDS = [*unit("catalog"), *unit("playback"), bucket("images")]


def read(*rules: dict[str, Any]) -> urlmap.UrlMap:
    return urlmap.read(program(*BACKENDS, url_map(*rules)))


def backend(found: urlmap.UrlMap, path: str) -> urlmap.Backend | None:
    target = found.target_of(path)
    assert target is None or target.path == path
    return target.backend if target else None


def test_the_lowest_priority_number_wins_whatever_the_order() -> None:
    found = read(
        rule(20, "backendServices/catalog", prefixMatch="/v1/"),
        rule(3, "backendServices/playback", pathTemplateMatch="/v1/tracks/*/stream"),
    )
    assert backend(found, "/v1/tracks/1/stream") == UnitBackend("playback")
    assert backend(found, "/v1/tracks/1") == UnitBackend("catalog")


def test_priorities_are_compared_as_numbers() -> None:
    found = read(
        rule("10", "backendServices/catalog", prefixMatch="/"),  # type: ignore[arg-type]
        rule("9", "backendServices/playback", prefixMatch="/"),  # type: ignore[arg-type]
    )
    assert backend(found, "/x") == UnitBackend("playback")


def test_any_one_of_a_routes_match_rules_is_enough() -> None:
    route = rule(1, "backendServices/catalog", fullPathMatch="/a")
    route["matchRules"].append({"prefixMatch": "/b/"})
    found = read(route)
    assert backend(found, "/a") == backend(found, "/b/c") == UnitBackend("catalog")


@pytest.mark.parametrize(
    ("match", "path", "matches"),
    [
        ({"fullPathMatch": "/v1/uploads"}, "/v1/uploads", True),
        ({"fullPathMatch": "/v1/uploads"}, "/v1/uploads/", False),
        ({"fullPathMatch": "/v1/uploads"}, "/v1/uploads\n", False),
        ({"fullPathMatch": "/v1.0"}, "/v1x0", False),
        ({"prefixMatch": "/v1/"}, "/v1/anything/at/all", True),
        ({"prefixMatch": "/v1/"}, "/v1", False),
        ({"prefixMatch": "/v1/"}, "/x/v1/", False),
        ({"pathTemplateMatch": "/v1/tracks/*/stream"}, "/v1/tracks//stream", False),
        ({"pathTemplateMatch": "/v1/tracks/*/stream"}, "/v1/tracks/a/b/stream", False),
        ({"pathTemplateMatch": "/v1/tracks/*/stream"}, "/v1/tracks/a/stream/more", False),
        ({"pathTemplateMatch": "/media/**"}, "/media/a/b/c", True),
        ({"pathTemplateMatch": "/media/**"}, "/media/", True),
        ({"pathTemplateMatch": "/media/**"}, "/media/a\nb", True),
        ({"pathTemplateMatch": "/media/{track}/{rest=**}"}, "/media/1/a/b", True),
        ({"pathTemplateMatch": "/media/{track=*}/x"}, "/media/1/x", True),
        ({"pathTemplateMatch": "/media/{track=*}/x"}, "/media/1/2/x", False),
    ],
)
def test_match_rules(match: dict[str, str], path: str, *, matches: bool) -> None:
    found = backend(read(rule(1, "backendServices/catalog", **match)), path)
    assert isinstance(found, UnitBackend) is matches


@given(st.lists(st.one_of(SEGMENT, st.just("*"), st.just("{id}"), st.just("{id=*}"))))
def test_a_template_matches_every_path_that_fills_it(parts: list[str]) -> None:
    found = read(
        rule(1, "backendServices/catalog", pathTemplateMatch="/" + "/".join(parts)),
    )
    filled = "/" + "/".join("filled" if re.match(r"[*{]", part) else part for part in parts)
    assert backend(found, filled) == UnitBackend("catalog")
    assert backend(found, filled + "/more") != UnitBackend("catalog")
    assert backend(found, "/before" + filled) != UnitBackend("catalog")


@given(SEGMENT, SEGMENT)
def test_a_template_of_plain_segments_matches_itself_only(template: str, path: str) -> None:
    found = read(rule(1, "backendServices/catalog", pathTemplateMatch=f"/{template}"))
    assert (backend(found, f"/{path}") == UnitBackend("catalog")) is (template == path)


def test_what_no_rule_names_goes_to_the_default_of_the_matcher() -> None:
    found = read(rule(1, "backendServices/catalog", prefixMatch="/v1/"))
    assert backend(found, "/") == BucketBackend("p-images", keys=(), response_headers=())


def test_the_maps_own_default_answers_without_a_matcher() -> None:
    mapped = declared(URL_MAP, "map", defaultService=f"{LINKS}/backendServices/catalog")
    assert backend(urlmap.read(program(*BACKENDS, mapped)), "/") == UnitBackend("catalog")


def test_a_map_that_only_redirects_is_passed_over() -> None:
    redirect = declared(URL_MAP, "redirect", defaultUrlRedirect={"httpsRedirect": True})
    found = urlmap.read(program(redirect, *BACKENDS, url_map()))
    assert isinstance(backend(found, "/"), BucketBackend)


def test_a_bucket_takes_its_own_keys_and_response_headers() -> None:
    found = urlmap.read(
        program(
            *BACKENDS,
            bucket("media", customResponseHeaders=["X-Cache-Status: {cdn_cache_status}", "A:b:c"]),
            declared(SIGNED_URL_KEY, "key-1", backendBucket="media", keyValue="bWVkaWE="),
            declared(SIGNED_URL_KEY, "key-2", backendBucket="other", keyValue="b3RoZXI="),
            url_map(default="backendBuckets/media"),
        )
    )
    assert backend(found, "/") == BucketBackend(
        "p-media",
        keys=(("key-1", "bWVkaWE="),),
        response_headers=(("X-Cache-Status", "{cdn_cache_status}"), ("A", "b:c")),
    )


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ({"priority": 1, "matchRules": [{"prefixMatch": "/"}]}, "without a service"),
        ({**rule(1, "backendServices/catalog"), "urlRedirect": {}}, "urlRedirect"),
        ({**rule(1, "backendServices/catalog"), "routeAction": {"timeout": {}}}, "route action"),
        (rule(1, "backendServices/catalog", regexMatch=".*"), "regexMatch"),
        (rule(1, "backendServices/catalog", prefixMatch="/", ignoreCase="1"), "ignoreCase"),
        (rule(1, "backendServices/catalog", pathTemplateMatch="/{a=b/*}"), "template"),
        (rule(1, "backendServices/catalog"), "nothing"),
        (rule(1, "backendServices/unknown", prefixMatch="/"), "unknown"),
        (rule(1, "backendBuckets/unknown", prefixMatch="/"), "unknown"),
    ],
)
def test_what_the_edge_cannot_follow_is_named(route: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedUrlMap, match=message):
        read(route)


def test_path_rules_and_several_matchers_are_refused() -> None:
    path_rules = {"name": "m", "pathRules": [{"paths": ["/*"]}]}
    for matchers in ([path_rules], [{"name": "a"}, {"name": "b"}]):
        mapped = declared(URL_MAP, "map", pathMatchers=matchers)
        with pytest.raises(UnsupportedUrlMap):
            urlmap.read(program(*BACKENDS, mapped))


def test_a_program_without_a_url_map_is_refused() -> None:
    with pytest.raises(UnsupportedUrlMap, match="no URL map"):
        urlmap.read(program(*BACKENDS))


def test_a_rewrite_asks_the_backend_for_another_path() -> None:
    pages = rule(1, "backendBuckets/images", pathTemplateMatch="/album/*")
    pages["routeAction"] = {"urlRewrite": {"pathTemplateRewrite": "/index.html"}}
    target = read(pages).target_of("/album/1")
    assert target is not None
    assert target.path == "/index.html"


@pytest.mark.parametrize(
    "action",
    [
        {"urlRewrite": {"pathTemplateRewrite": "/{id}"}},
        {"urlRewrite": {"pathPrefixRewrite": "/"}},
        {"urlRewrite": {"pathTemplateRewrite": "/a", "hostRewrite": "b"}},
        {"timeout": {"seconds": 1}},
    ],
)
def test_other_actions_are_refused(action: dict[str, Any]) -> None:
    route = rule(1, "backendBuckets/images", pathTemplateMatch="/album/{id}")
    with pytest.raises(UnsupportedUrlMap, match="a route action"):
        read({**route, "routeAction": action})


def test_a_cdn_before_a_unit_is_seen() -> None:
    group = "https://www.googleapis.com/compute/v1/projects/p/regions/r/groups/catalog-r"
    cached = declared(
        BACKEND_SERVICE,
        "cached",
        backends=[{"group": group}],
        enableCdn=True,
        compressionMode="AUTOMATIC",
    )
    mapped = url_map(rule(1, "backendServices/cached", prefixMatch="/v1/"))
    found = urlmap.read(program(*BACKENDS, cached, mapped))
    assert backend(found, "/v1/x") == UnitBackend("catalog", cached=True, compressed=True)
