"""Cloud Functions: their source, their service and who may call them."""

from collections.abc import Sequence

from pulumi import ComponentResource, Resource, ResourceOptions
from pulumi_gcp import cloudfunctionsv2, storage

from infra.apis import Apis
from infra.data import Data
from infra.identity import (
    BUILDER,
    DATABASE_UNITS,
    INDEXING_UNIT,
    Accounts,
    Permissions,
    allow_invoking,
)
from infra.keys import secret_id
from infra.limits import (
    API_TIMEOUT_S,
    EVENTS_TIMEOUT_S,
    INDEXING_MEMORY,
    INDEXING_TIMEOUT_S,
    PUSH_TIMEOUT_S,
)
from infra.network import Network
from infra.settings import Settings
from infra.source import archive, content_hash, function_files
from infra.variables import Environment

# The version that the tests run on.
RUNTIME = "python311"
# Async handlers mostly wait; one instance serves many requests, which takes a whole CPU.
_CONCURRENCY = 80
# A connection that waits for something to happen costs next to nothing.
_PUSH_CONCURRENCY = 1000
_MAX_INSTANCES = {"lite": 10, "global": 100}
_MEMORY = "512Mi"
# Each instance of these holds connections to the database, which has only so many.
_MAX_CONNECTED = {
    "accounts-api": {"lite": 3, "global": 15},
    "accounts-events": {"lite": 1, "global": 2},
}


class Functions(ComponentResource):
    """Declares functions from the folders in functions/; one archive a folder."""

    def __init__(
        self,
        settings: Settings,
        apis: Apis,
        data: Data,
        accounts: Accounts,
        permissions: Permissions,
        *,
        network: Network,
    ) -> None:
        super().__init__("cadenza:infra:Functions", "functions")
        self._settings = settings
        self._accounts = accounts
        self._network = network
        self._source_bucket = data.source
        self._sources: dict[str, storage.BucketObject] = {}
        self._options = ResourceOptions(parent=self, depends_on=[apis, permissions])
        self.register_outputs({})

    def api(
        self, unit: str, environment: Environment, region: str, *, after: Sequence[Resource] = ()
    ) -> cloudfunctionsv2.Function:
        """A function that the load balancer, and only it, reaches; it verifies tokens itself."""
        return self._public(
            unit, environment, region, entry_point="api", timeout_s=API_TIMEOUT_S, after=after
        )

    def push(self, unit: str, environment: Environment, region: str) -> cloudfunctionsv2.Function:
        """Like an API; its answers go on for as long as a function may take."""
        return self._public(
            unit, environment, region, entry_point="push", timeout_s=PUSH_TIMEOUT_S, after=()
        )

    def _public(
        self,
        unit: str,
        environment: Environment,
        region: str,
        *,
        entry_point: str,
        timeout_s: int,
        after: Sequence[Resource],
    ) -> cloudfunctionsv2.Function:
        function = self._declare(
            unit,
            environment,
            region,
            entry_point=entry_point,
            ingress="ALLOW_INTERNAL_AND_GCLB",
            timeout_s=timeout_s,
            after=after,
        )
        allow_invoking(
            f"{self._logical_name(unit, region)}-public",
            location=region,
            service=function.name,
            member="allUsers",
            opts=ResourceOptions(parent=self),
        )
        return function

    def events(
        self, unit: str, environment: Environment, *, after: Sequence[Resource] = ()
    ) -> cloudfunctionsv2.Function:
        """A function that only Pub/Sub and Cloud Scheduler reach, as the unit's invoker."""
        region = self._settings.region
        function = self._declare(
            unit,
            environment,
            region,
            entry_point="events",
            ingress="ALLOW_INTERNAL_ONLY",
            timeout_s=INDEXING_TIMEOUT_S if unit == INDEXING_UNIT else EVENTS_TIMEOUT_S,
            after=after,
        )
        allow_invoking(
            f"{self._logical_name(unit, region)}-invoker",
            location=region,
            service=function.name,
            member=self._accounts.invoker_of(unit).member,
            opts=ResourceOptions(parent=self),
        )
        return function

    def _declare(
        self,
        unit: str,
        environment: Environment,
        region: str,
        *,
        entry_point: str,
        ingress: str,
        timeout_s: int,
        after: Sequence[Resource],
    ) -> cloudfunctionsv2.Function:
        profile = self._settings.profile.value
        private = self._joins_network(unit)
        source = self._source(unit.partition("-")[0])
        return cloudfunctionsv2.Function(
            self._logical_name(unit, region),
            name=unit,
            location=region,
            build_config={
                "runtime": RUNTIME,
                "entry_point": entry_point,
                "service_account": self._accounts.of(BUILDER).name,
                "source": {
                    "storage_source": {"bucket": source.bucket, "object": source.output_name}
                },
            },
            service_config={
                "available_cpu": "1",
                "available_memory": INDEXING_MEMORY if unit == INDEXING_UNIT else _MEMORY,
                "max_instance_request_concurrency": (
                    _PUSH_CONCURRENCY if entry_point == "push" else _CONCURRENCY
                ),
                "max_instance_count": _MAX_CONNECTED.get(unit, _MAX_INSTANCES)[profile],
                "min_instance_count": 0,
                "timeout_seconds": timeout_s,
                "ingress_settings": ingress,
                "all_traffic_on_latest_revision": True,
                "service_account_email": self._accounts.of(unit).email,
                "environment_variables": {**environment.values},
                "direct_vpc_network_interfaces": [
                    {
                        "network": self._network.network.name,
                        "subnetwork": self._network.subnet(region),
                    }
                ]
                if private
                else None,
                # Only private addresses go that way; everything else leaves as before.
                "direct_vpc_egress": "VPC_EGRESS_PRIVATE_RANGES_ONLY" if private else None,
                "secret_environment_variables": [
                    {
                        "key": name,
                        "project_id": self._settings.project,
                        "secret": secret_id(version),
                        "version": version.version,
                    }
                    for name, version in environment.secrets.items()
                ],
            },
            opts=ResourceOptions.merge(self._options, ResourceOptions(depends_on=[*after])),
        )

    def _joins_network(self, unit: str) -> bool:
        """Those that use the database, and where there is Redis, every API, which counts calls."""
        return unit in DATABASE_UNITS or (
            self._settings.is_global and unit.endswith(("-api", "-push"))
        )

    def _source(self, folder: str) -> storage.BucketObject:
        """The folder's archive, named by its content, so that a change is seen."""
        if folder not in self._sources:
            files = function_files(folder)
            self._sources[folder] = storage.BucketObject(
                f"{folder}-source",
                bucket=self._source_bucket.name,
                name=f"functions/{folder}-{content_hash(files)}.zip",
                source=archive(files),
                content_type="application/zip",
                opts=ResourceOptions(parent=self),
            )
        return self._sources[folder]

    def _logical_name(self, unit: str, region: str) -> str:
        return unit if region == self._settings.region else f"{unit}-{region}"
