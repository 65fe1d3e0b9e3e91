"""The catalogue's gRPC server, a Cloud Run service in each region."""

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_gcp import cloudrunv2

from infra.environment import Environment
from infra.identity import Accounts, Permissions, allow_invoking
from infra.settings import Settings

COMMAND = ["python", "-m", "functions.catalog.rpc"]
_PORT = 8080
_MAX_INSTANCES = {"lite": 2, "global": 20}


class CatalogRpc(ComponentResource):
    """`catalog-rpc`: only playback-api may call it, with an ID token."""

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        permissions: Permissions,
        image: Input[str],
        environment: Environment,
    ) -> None:
        super().__init__("cadenza:infra:CatalogRpc", "catalog-rpc")
        self._settings = settings
        self._accounts = accounts
        self._permissions = permissions
        self.by_region = {
            region: self._declare(region, image, environment) for region in settings.regions
        }
        self.register_outputs({})

    def _declare(
        self, region: str, image: Input[str], environment: Environment
    ) -> cloudrunv2.Service:
        settings = self._settings
        name = "catalog-rpc" if region == settings.region else f"catalog-rpc-{region}"
        service = cloudrunv2.Service(
            name,
            name="catalog-rpc",
            location=region,
            deletion_protection=settings.protect,
            # Functions reach it without a network of our own; the invoker's role guards it.
            ingress="INGRESS_TRAFFIC_ALL",
            template={
                "service_account": self._accounts.of("catalog-rpc").email,
                "timeout": "30s",
                "max_instance_request_concurrency": 200,
                "scaling": {
                    "min_instance_count": 0,
                    "max_instance_count": _MAX_INSTANCES[settings.profile.value],
                },
                "containers": [
                    {
                        "image": image,
                        "commands": COMMAND,
                        # gRPC needs HTTP/2 up to the container, in the clear.
                        "ports": {"name": "h2c", "container_port": _PORT},
                        "resources": {
                            "limits": {"cpu": "1", "memory": "512Mi"},
                            # Hearing of changes between calls needs CPU all the time; lite goes
                            # without and relies on the cache's age.
                            "cpu_idle": not settings.is_global,
                            "startup_cpu_boost": True,
                        },
                        "startup_probe": {
                            "grpc": {"port": _PORT},
                            "period_seconds": 2,
                            "timeout_seconds": 2,
                            "failure_threshold": 30,
                        },
                        "envs": environment.for_container(),
                    }
                ],
            },
            opts=ResourceOptions(parent=self, depends_on=[self._permissions]),
        )
        allow_invoking(
            f"{name}-from-playback-api",
            location=region,
            service=service.name,
            member=self._accounts.of("playback-api").member,
            opts=ResourceOptions(parent=self),
        )
        return service
