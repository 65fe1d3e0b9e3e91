"""The front door: paths reach their backends, media only with a signature, and all over TLS."""

import base64

import pytest

from emulators.gather import Program
from tests.infra.programs import FUNCTION
from tests.infra.url_map import resolve

URL_MAP = "gcp:compute/uRLMap:URLMap"
BACKEND_SERVICE = "gcp:compute/backendService:BackendService"
BACKEND_BUCKET = "gcp:compute/backendBucket:BackendBucket"
ENDPOINT_GROUP = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
FORWARDING_RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
SIGNED_KEY = "gcp:compute/backendBucketSignedUrlKey:BackendBucketSignedUrlKey"

TRACK = "4uLU6hMCjMI75M1A2tKUQC"


@pytest.mark.parametrize(
    ("path", "backend"),
    [
        ("/v1/tracks", "backendServices/catalog-api"),
        (f"/v1/tracks/{TRACK}", "backendServices/catalog-api"),
        (f"/v1/albums/{TRACK}", "backendServices/catalog-api"),
        (f"/v1/albums/{TRACK}/tracks", "backendServices/catalog-api"),
        (f"/v1/artists/{TRACK}/albums", "backendServices/catalog-api"),
        ("/v1/unknown", "backendServices/catalog-api"),
        (f"/v1/tracks/{TRACK}/stream", "backendServices/playback-api"),
        (f"/v1/tracks/{TRACK}/stream/more", "backendServices/catalog-api"),
        ("/v1/tracks//stream", "backendServices/catalog-api"),
        ("/v1/licence", "backendServices/playback-api"),
        ("/v1/licences", "backendServices/catalog-api"),
        ("/v1/uploads", "backendServices/media-api"),
        (f"/v1/uploads/{TRACK}", "backendServices/media-api"),
        ("/v1/uploadsandmore", "backendServices/catalog-api"),
        (f"/media/{TRACK}/1/master.m3u8", "backendBuckets/media"),
        (f"/images/{TRACK}/640.jpg", "backendBuckets/images"),
        ("/authorize", "backendServices/accounts-api"),
        ("/api/token", "backendServices/accounts-api"),
        ("/api/tokens", "backendBuckets/images"),
        ("/oauth/revoke", "backendServices/accounts-api"),
        ("/.well-known/jwks.json", "backendServices/accounts-api"),
        ("/.well-known/oauth-authorization-server", "backendServices/accounts-api"),
        ("/signup", "backendServices/accounts-api"),
        ("/signin", "backendServices/accounts-api"),
        ("/signout", "backendServices/accounts-api"),
        ("/consent", "backendServices/accounts-api"),
        ("/device", "backendServices/accounts-api"),
        ("/account", "backendServices/accounts-api"),
        ("/account/apps", "backendServices/accounts-api"),
        ("/accounts", "backendBuckets/images"),
        ("/assets/accounts/site.css", "backendServices/accounts-api"),
        ("/assets/other.css", "backendBuckets/images"),
        ("/webhooks/stripe", "backendServices/accounts-api"),
        ("/webhooks/other", "backendBuckets/images"),
        ("/v1/me", "backendServices/accounts-api"),
        ("/v1/me/apps", "backendServices/accounts-api"),
        (f"/v1/me/apps/{TRACK}/secret", "backendServices/accounts-api"),
        ("/v1/me/plan", "backendServices/accounts-api"),
        ("/v1/me/plan/cancel", "backendServices/accounts-api"),
        ("/v1/me/family/members", "backendServices/accounts-api"),
        ("/v1/me/export", "backendServices/accounts-api"),
        ("/v1/me/roles", "backendServices/accounts-api"),
        ("/v1/me/tracks", "backendServices/library-api"),
        ("/v1/me/player/play", "backendServices/playback-api"),
        (f"/v1/users/{TRACK}", "backendServices/accounts-api"),
        (f"/v1/users/{TRACK}/playlists", "backendServices/library-api"),
        ("/v1/me/player", "backendServices/playback-api"),
        ("/v1/me/player/events", "backendServices/playback-push"),
        ("/v1/me/top/tracks", "backendServices/playback-api"),
        ("/v1/plays", "backendServices/playback-api"),
        ("/v1/me/library/contains", "backendServices/library-api"),
        ("/v1/me/others", "backendServices/catalog-api"),
        (f"/v1/playlists/{TRACK}/items", "backendServices/library-api"),
        ("/v1/browse/featured-playlists", "backendServices/library-api"),
        ("/v1/browse/categories/rock/playlists", "backendServices/library-api"),
        ("/v1/browse/categories/rock", "backendServices/catalog-api"),
        ("/v1/me/mixes", "backendServices/recommendations-api"),
        ("/v1/me/mixes/0", "backendServices/recommendations-api"),
        ("/v1/me/feedback", "backendServices/recommendations-api"),
        ("/v1/radio/artist/0", "backendServices/recommendations-api"),
        ("/v1/search", "backendServices/search-api"),
        ("/openapi.json", "backendBuckets/web"),
        ("/docs", "backendBuckets/docs"),
        ("/docs/docs.js", "backendBuckets/docs"),
        (f"/album/{TRACK}", "backendBuckets/web"),
        ("/assets/web/index.js", "backendBuckets/web"),
        ("/wp-admin", "backendBuckets/images"),
        ("/", "backendBuckets/web"),
        ("/wp-login.php", "backendBuckets/images"),
        ("/events/media-ready", "backendBuckets/images"),
        ("/events/person-erased-here", "backendBuckets/images"),
        ("/tasks/sweep", "backendBuckets/images"),
        ("/tasks/tick", "backendBuckets/images"),
    ],
)
def test_path_reaches_its_backend(program: Program, path: str, backend: str) -> None:
    url_map = program.one(URL_MAP, "cadenza").inputs
    assert resolve(url_map, path).endswith(f"/global/{backend}")


def test_each_match_rule_has_one_condition_and_each_rule_its_priority(program: Program) -> None:
    [matcher] = program.one(URL_MAP, "cadenza").inputs["pathMatchers"]
    priorities = [rule["priority"] for rule in matcher["routeRules"]]
    assert len(set(priorities)) == len(priorities)
    assert all(len(match) == 1 for rule in matcher["routeRules"] for match in rule["matchRules"])


def test_apis_are_served_from_every_region(program: Program, variant: tuple[str, str]) -> None:
    regions = {"europe-west1", "europe-west4"} if variant[1] == "global" else {"europe-west1"}
    groups = {group.id: group.inputs for group in program.all(ENDPOINT_GROUP)}
    services = program.all(BACKEND_SERVICE)
    assert {service.name for service in services} == {
        "accounts-api",
        "catalog-api",
        "library-api",
        "media-api",
        "playback-api",
        "playback-push",
        "recommendations-api",
        "search-api",
    }
    for service in services:
        assert service.inputs["loadBalancingScheme"] == "EXTERNAL_MANAGED"
        reached = [groups[backend["group"]] for backend in service.inputs["backends"]]
        assert {group["cloudRun"]["service"] for group in reached} == {service.name}
        assert {group["region"] for group in reached} == regions
        declared = {
            function.inputs["location"]
            for function in program.all(FUNCTION)
            if function.inputs["name"] == service.name
        }
        assert declared == regions


def test_only_global_has_armor_and_failover(program: Program, variant: tuple[str, str]) -> None:
    is_global = variant[1] == "global"
    policies = program.all("gcp:compute/securityPolicy:SecurityPolicy")
    assert len(policies) == (1 if is_global else 0)
    for service in program.all(BACKEND_SERVICE):
        assert service.inputs.get("securityPolicy") == (policies[0].id if is_global else None)
        assert ("outlierDetection" in service.inputs) is is_global


def test_media_needs_a_signature(program: Program) -> None:
    media = program.one(BACKEND_BUCKET, "media")
    [key] = program.all(SIGNED_KEY)
    assert key.inputs["backendBucket"] == media.inputs["name"]
    assert media.inputs["cdnPolicy"]["signedUrlCacheMaxAgeSec"] > 0
    images = program.one(BACKEND_BUCKET, "images")
    assert "signedUrlCacheMaxAgeSec" not in images.inputs["cdnPolicy"]


def test_playback_signs_with_the_cdns_key(program: Program) -> None:
    """The same 16 bytes, in base64url, and under the same name on both sides."""
    [key] = program.all(SIGNED_KEY)
    version = program.one("gcp:secretmanager/secretVersion:SecretVersion", "cdn-signing-key")
    value = key.inputs["keyValue"]
    assert value == version.inputs["secretData"]
    assert len(base64.urlsafe_b64decode(value)) == 16
    assert not set(value) & set("+/")
    for function in program.all(FUNCTION):
        if function.inputs["name"] == "playback-api":
            variables = function.inputs["serviceConfig"]["environmentVariables"]
            assert variables["CDN_KEY_NAME"] == key.inputs["name"]


def test_the_cdn_may_read_media(program: Program) -> None:
    member = program.one("gcp:storage/bucketIAMMember:BucketIAMMember", "cdn-reads-media")
    [key] = program.all(SIGNED_KEY)
    assert member.inputs["role"] == "roles/storage.objectViewer"
    assert member.inputs["member"].endswith("@cloud-cdn-fill.iam.gserviceaccount.com")
    assert key.urn in member.depends_on, "Google makes the agent with the first key"


def test_cached_answers_say_so_and_may_be_read_by_any_page(program: Program) -> None:
    for bucket in program.all(BACKEND_BUCKET):
        headers = dict(header.split(": ", 1) for header in bucket.inputs["customResponseHeaders"])
        assert headers["X-Cache-Status"] == "{cdn_cache_status}"
        # Pages are for people; covers and media are for any page's players.
        if bucket.name not in {"web", "docs"}:
            assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers
        assert bucket.inputs["enableCdn"] is True
        policy = bucket.inputs["cdnPolicy"]
        assert policy["cacheMode"] == "USE_ORIGIN_HEADERS"
        assert not {"defaultTtl", "clientTtl", "maxTtl"} & policy.keys()


@pytest.mark.parametrize("name", ["web", "docs"])
def test_pages_load_nothing_from_elsewhere_and_run_no_inline_code(
    program: Program, name: str
) -> None:
    policy = policy_of(program, name)
    trusted = (policy.pop("require-trusted-types-for", ""), policy.pop("trusted-types", ""))
    assert trusted == (("'script'", "cadenza") if name == "web" else ("", ""))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    for directive, sources in policy.items():
        elsewhere = {"https://storage.googleapis.com"} if directive == "connect-src" else set()
        own = {"'self'", "'none'", "blob:", "data:"}
        assert set(sources.split()) <= own | elsewhere, directive
    assert policy["script-src"] == policy["style-src"] == "'self'"


def test_texts_are_compressed_and_media_is_not_again(program: Program) -> None:
    modes = {
        bucket.name: bucket.inputs["compressionMode"] for bucket in program.all(BACKEND_BUCKET)
    }
    assert modes == {
        "web": "AUTOMATIC", "docs": "AUTOMATIC", "images": "DISABLED", "media": "DISABLED",
    }  # fmt: skip


def policy_of(program: Program, name: str) -> dict[str, str]:
    """The Content-Security-Policy of a bucket's pages, by directive."""
    [bucket] = [bucket for bucket in program.all(BACKEND_BUCKET) if bucket.name == name]
    headers = dict(header.split(": ", 1) for header in bucket.inputs["customResponseHeaders"])
    return dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )


def test_every_page_is_the_one_document(program: Program) -> None:
    [url_map] = [found for found in program.all(URL_MAP) if found.name == "cadenza"]
    rules = url_map.inputs["pathMatchers"][0]["routeRules"]
    rewritten = {
        rule["routeAction"]["urlRewrite"]["pathTemplateRewrite"]: rule["matchRules"]
        for rule in rules
        if rule.get("routeAction")
    }
    assert rewritten.keys() == {"/index.html", "/docs/index.html"}
    # Google rewrites templates only where the path was matched by a template.
    for matches in rewritten.values():
        assert all(match.keys() == {"pathTemplateMatch"} for match in matches)


def test_only_the_catalogue_is_cached_and_compressed_before_functions(program: Program) -> None:
    services = program.all(BACKEND_SERVICE)
    cached = {each.name for each in services if each.inputs.get("enableCdn")}
    packed = {each.name for each in services if each.inputs["compressionMode"] == "AUTOMATIC"}
    # Only where Cloud CDN is can anything be compressed.
    assert cached == packed == {"catalog-api"}


def test_one_address_serves_https_and_redirects_http(program: Program) -> None:
    address = program.one("gcp:compute/globalAddress:GlobalAddress", "cadenza")
    rules = {rule.inputs["portRange"]: rule.inputs for rule in program.all(FORWARDING_RULE)}
    assert rules.keys() == {"80", "443"}
    assert {rule["ipAddress"] for rule in rules.values()} == {address.id}
    assert {rule["loadBalancingScheme"] for rule in rules.values()} == {"EXTERNAL_MANAGED"}
    https = program.one("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "cadenza")
    http = program.one("gcp:compute/targetHttpProxy:TargetHttpProxy", "cadenza-redirect")
    assert rules["443"]["target"] == https.id
    assert rules["80"]["target"] == http.id
    assert https.inputs["urlMap"] == program.one(URL_MAP, "cadenza").id
    redirect = program.one(URL_MAP, "cadenza-redirect").inputs["defaultUrlRedirect"]
    assert redirect["httpsRedirect"] is True


def test_the_certificate_is_for_the_domain(program: Program) -> None:
    certificate = program.one("gcp:compute/managedSslCertificate:ManagedSslCertificate", "cadenza")
    [domain] = certificate.inputs["managed"]["domains"]
    assert program.exports["public_url"] == f"https://{domain}"
