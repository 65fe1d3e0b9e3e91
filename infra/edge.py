"""The front door: one address, one certificate, the URL map, and the CDN behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import cloudfunctionsv2, compute, organizations, storage

from infra.apis import Apis
from infra.data import Data
from infra.keys import CDN_KEY_NAME, Keys
from infra.routes import DEFAULT_BACKEND, DOCS, IMAGES, MEDIA, ROUTES, WEB
from infra.settings import Settings

_SCHEME = "EXTERNAL_MANAGED"
# Objects are immutable; what was fetched with a signature stays cached this long for the next one.
_SIGNED_CACHE_S = 7 * 24 * 3600
# Any page may play what it holds a signature for; signatures, not origins, guard the media.
_CDN_HEADERS = [
    "X-Cache-Status: {cdn_cache_status}",
    "Access-Control-Allow-Origin: *",
    "Access-Control-Expose-Headers: Content-Length, Content-Range, X-Cache-Status",
    "Timing-Allow-Origin: *",
    "Cross-Origin-Resource-Policy: cross-origin",
    "X-Content-Type-Options: nosniff",
]
# A page loads from this origin and nowhere else, runs no inline code, and is framed by nobody. Its
# uploads go straight to Cloud Storage.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self' {storage}; font-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The player makes no markup or script out of text but the address of its own service worker. The
# viewer of the API's document, which is not ours, does.
_TRUSTED_TYPES = "; require-trusted-types-for 'script'; trusted-types cadenza"
# Answers of these may be public: see docs/decisions/0026.
_CACHED_UNITS = {"catalog-api"}
_API_CDN_POLICY = compute.BackendServiceCdnPolicyArgs(
    cache_mode="USE_ORIGIN_HEADERS",
    negative_caching=False,
    cache_key_policy=compute.BackendServiceCdnPolicyCacheKeyPolicyArgs(
        include_host=True, include_protocol=True, include_query_string=True
    ),
)
# Requests a minute from one address: a busy player makes a handful.
_REQUESTS_PER_MINUTE = 600


class Edge(ComponentResource):
    """`apis` are the functions behind the load balancer, by unit and region."""

    def __init__(
        self,
        settings: Settings,
        enabled: Apis,
        data: Data,
        keys: Keys,
        apis: Mapping[str, Mapping[str, cloudfunctionsv2.Function]],
    ) -> None:
        super().__init__("cadenza:infra:Edge", "edge")
        self._settings = settings
        self._keys = keys
        self._options = ResourceOptions(parent=self, depends_on=[enabled])
        self._armor = self._security_policy() if settings.is_global else None
        backends = {
            MEDIA: self._signed_bucket(MEDIA, data.media),
            IMAGES: self._bucket(IMAGES, data.images),
            WEB: self._pages(
                WEB, data.web, _page_headers(settings.storage_url, also=_TRUSTED_TYPES)
            ),
            DOCS: self._pages(DOCS, data.web, _page_headers(settings.storage_url)),
            **{unit: self._api(unit, functions) for unit, functions in apis.items()},
        }
        self.address = compute.GlobalAddress("cadenza", name="cadenza", opts=self._options)
        self._serve_https(self._url_map(backends))
        self._redirect_http()
        self.register_outputs({})

    def _bucket(self, name: str, bucket: storage.Bucket) -> Output[str]:
        return self._backend_bucket(name, bucket, {}).self_link

    def _pages(self, name: str, bucket: storage.Bucket, headers: Sequence[str]) -> Output[str]:
        """A bucket of texts, which are compressed on their way."""
        return self._backend_bucket(name, bucket, {}, headers, compression="AUTOMATIC").self_link

    def _signed_bucket(self, name: str, bucket: storage.Bucket) -> Output[str]:
        """A bucket that answers only requests with a signed URL or cookie."""
        backend = self._backend_bucket(
            name, bucket, {"signed_url_cache_max_age_sec": _SIGNED_CACHE_S}
        )
        key = compute.BackendBucketSignedUrlKey(
            CDN_KEY_NAME,
            name=CDN_KEY_NAME,
            backend_bucket=backend.name,
            key_value=self._keys.cdn_signing_key_value,
            opts=self._options,
        )
        # The CDN reads the private bucket as this agent, which exists once there is a key.
        number = organizations.get_project_output(project_id=self._settings.project).number
        storage.BucketIAMMember(
            f"cdn-reads-{name}",
            bucket=bucket.name,
            role="roles/storage.objectViewer",
            member=Output.format(
                "serviceAccount:service-{0}@cloud-cdn-fill.iam.gserviceaccount.com", number
            ),
            opts=ResourceOptions(parent=self, depends_on=[key]),
        )
        return backend.self_link

    def _backend_bucket(
        self,
        name: str,
        bucket: storage.Bucket,
        cdn_policy: compute.BackendBucketCdnPolicyArgsDict,
        headers: Sequence[str] = _CDN_HEADERS,
        compression: str = "DISABLED",
    ) -> compute.BackendBucket:
        return compute.BackendBucket(
            name,
            name=name,
            bucket_name=bucket.name,
            enable_cdn=True,
            compression_mode=compression,
            # The objects say themselves how long they keep.
            cdn_policy={
                "cache_mode": "USE_ORIGIN_HEADERS",
                "negative_caching": True,
                "request_coalescing": True,
                **cdn_policy,
            },
            custom_response_headers=[*headers],
            opts=self._options,
        )

    def _api(self, unit: str, functions: Mapping[str, cloudfunctionsv2.Function]) -> Output[str]:
        """A unit's functions in all regions behind one backend: callers get the nearest."""
        groups = [
            compute.RegionNetworkEndpointGroup(
                f"{unit}-{region}",
                name=f"{unit}-{region}",
                region=region,
                network_endpoint_type="SERVERLESS",
                cloud_run={"service": function.name},
                opts=self._options,
            )
            for region, function in functions.items()
        ]
        service = compute.BackendService(
            unit,
            name=unit,
            load_balancing_scheme=_SCHEME,
            protocol="HTTPS",
            backends=[{"group": group.id} for group in groups],
            security_policy=self._armor.id if self._armor else None,
            # Answers that are the same for everybody say so; all others pass through.
            enable_cdn=unit in _CACHED_UNITS,
            cdn_policy=_API_CDN_POLICY if unit in _CACHED_UNITS else None,
            compression_mode="AUTOMATIC" if unit in _CACHED_UNITS else "DISABLED",
            outlier_detection=_OUTLIERS if self._settings.is_global else None,
            opts=self._options,
        )
        return service.self_link

    def _url_map(self, backends: Mapping[str, Output[str]]) -> compute.URLMap:
        return compute.URLMap(
            "cadenza",
            name="cadenza",
            default_service=backends[DEFAULT_BACKEND],
            host_rules=[{"hosts": ["*"], "path_matcher": "platform"}],
            path_matchers=[
                {
                    "name": "platform",
                    "default_service": backends[DEFAULT_BACKEND],
                    "route_rules": [
                        {
                            "priority": priority,
                            "match_rules": route.match_rules(),
                            "service": backends[route.backend],
                            "route_action": _rewriting(route.rewrite),
                        }
                        for priority, route in enumerate(ROUTES, start=1)
                    ],
                }
            ],
            opts=self._options,
        )

    def _serve_https(self, url_map: compute.URLMap) -> None:
        certificate = compute.ManagedSslCertificate(
            # No name: another domain is another certificate, made before this one is deleted.
            "cadenza",
            managed={"domains": [self._settings.domain]},
            opts=self._options,
        )
        policy = compute.SSLPolicy(
            "cadenza",
            name="cadenza",
            profile="MODERN",
            min_tls_version="TLS_1_2",
            opts=self._options,
        )
        proxy = compute.TargetHttpsProxy(
            "cadenza",
            name="cadenza",
            url_map=url_map.id,
            ssl_certificates=[certificate.id],
            ssl_policy=policy.id,
            opts=self._options,
        )
        self._forward("cadenza-https", "443", proxy.id)

    def _redirect_http(self) -> None:
        redirect = compute.URLMap(
            "cadenza-redirect",
            name="cadenza-redirect",
            default_url_redirect={
                "https_redirect": True,
                "redirect_response_code": "MOVED_PERMANENTLY_DEFAULT",
                "strip_query": False,
            },
            opts=self._options,
        )
        proxy = compute.TargetHttpProxy(
            "cadenza-redirect", name="cadenza-redirect", url_map=redirect.id, opts=self._options
        )
        self._forward("cadenza-http", "80", proxy.id)

    def _forward(self, name: str, port: str, target: Output[str]) -> None:
        compute.GlobalForwardingRule(
            name,
            name=name,
            target=target,
            ip_address=self.address.id,
            port_range=port,
            load_balancing_scheme=_SCHEME,
            opts=self._options,
        )

    def _security_policy(self) -> compute.SecurityPolicy:
        everyone: compute.SecurityPolicyRuleMatchArgsDict = {
            "versioned_expr": "SRC_IPS_V1",
            "config": {"src_ip_ranges": ["*"]},
        }
        return compute.SecurityPolicy(
            "cadenza",
            name="cadenza",
            type="CLOUD_ARMOR",
            rules=[
                {
                    "description": "No address may flood the functions.",
                    "priority": 1000,
                    "action": "throttle",
                    "match": everyone,
                    "rate_limit_options": {
                        "conform_action": "allow",
                        "exceed_action": "deny(429)",
                        "enforce_on_key": "IP",
                        "rate_limit_threshold": {
                            "count": _REQUESTS_PER_MINUTE,
                            "interval_sec": 60,
                        },
                    },
                },
                {
                    "description": "Everyone else is welcome.",
                    "priority": 2147483647,
                    "action": "allow",
                    "match": everyone,
                },
            ],
            opts=self._options,
        )


def _page_headers(storage_url: str, also: str = "") -> list[str]:
    policy = _CONTENT_SECURITY_POLICY.format(storage=storage_url) + also
    return [
        "X-Cache-Status: {cdn_cache_status}",
        f"Content-Security-Policy: {policy}",
        "Cross-Origin-Opener-Policy: same-origin",
        "Referrer-Policy: strict-origin-when-cross-origin",
        "X-Content-Type-Options: nosniff",
        "Strict-Transport-Security: max-age=31536000",
    ]


def _rewriting(path: str) -> Any:
    """The action that asks the backend for `path` instead; None where there is none."""
    return {"url_rewrite": {"path_template_rewrite": path}} if path else None


# A region that fails is left out for half a minute: failover without instances kept warm.
_OUTLIERS = compute.BackendServiceOutlierDetectionArgs(
    consecutive_errors=5,
    enforcing_consecutive_errors=100,
    interval=compute.BackendServiceOutlierDetectionIntervalArgs(seconds=1),
    base_ejection_time=compute.BackendServiceOutlierDetectionBaseEjectionTimeArgs(seconds=30),
    max_ejection_percent=50,
)
