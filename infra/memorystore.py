"""Redis, where rate limits are counted: Memorystore, in the `global` profile only."""

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_gcp import redis

from infra.apis import Apis
from infra.network import Network
from infra.settings import Settings


class Memorystore(ComponentResource):
    """One instance a region: a counter is read at every call, and a caller stays in its region."""

    def __init__(self, settings: Settings, apis: Apis, network: Network) -> None:
        super().__init__("cadenza:infra:Memorystore", "memorystore")
        self._instances = {
            region: redis.Instance(
                f"limits-{region}",
                name="limits",
                region=region,
                # Counters of half a minute need no replica; without them limits fail open.
                tier="BASIC",
                memory_size_gb=1,
                redis_version="REDIS_7_2",
                redis_configs={"maxmemory-policy": "volatile-ttl"},
                authorized_network=network.network.id,
                connect_mode="PRIVATE_SERVICE_ACCESS",
                opts=ResourceOptions(parent=self, depends_on=[apis, network.peering]),
            )
            for region in (settings.regions if settings.is_global else ())
        }
        self.register_outputs({})

    def url(self, region: str) -> Input[str]:
        """The region's Redis, or "" where there is none."""
        if region not in self._instances:
            return ""
        instance = self._instances[region]
        return Output.format("redis://{0}:{1}/0", instance.host, instance.port)
