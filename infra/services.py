"""The gRPC servers, Cloud Run services in each region."""

from collections.abc import Callable, Sequence

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_gcp import cloudrunv2

from infra.identity import Accounts, Permissions, allow_invoking
from infra.settings import Settings
from infra.variables import Environment

_PORT = 8080
_MAX_INSTANCES = {"lite": 2, "global": 20}


class RpcService(ComponentResource):
    """`<folder>-rpc`: only the units named in `callers` may call it, with an ID token.

    `environment` is that of each region.
    """

    def __init__(
        self,
        unit: str,
        settings: Settings,
        accounts: Accounts,
        permissions: Permissions,
        *,
        image: Input[str],
        environment: Callable[[str], Environment],
        callers: Sequence[str],
    ) -> None:
        super().__init__("cadenza:infra:RpcService", unit)
        self._unit = unit
        self._settings = settings
        self._accounts = accounts
        self._permissions = permissions
        self._callers = callers
        self.by_region = {
            region: self._declare(region, image, environment(region)) for region in settings.regions
        }
        self.register_outputs({})

    def _declare(
        self, region: str, image: Input[str], environment: Environment
    ) -> cloudrunv2.Service:
        settings, unit = self._settings, self._unit
        name = unit if region == settings.region else f"{unit}-{region}"
        service = cloudrunv2.Service(
            name,
            name=unit,
            location=region,
            deletion_protection=settings.protect,
            # Functions reach it without a network of our own; the invoker's role guards it.
            ingress="INGRESS_TRAFFIC_ALL",
            template={
                "service_account": self._accounts.of(unit).email,
                "timeout": "30s",
                "max_instance_request_concurrency": 200,
                "scaling": {
                    "min_instance_count": 0,
                    "max_instance_count": _MAX_INSTANCES[settings.profile.value],
                },
                "containers": [
                    {
                        "image": image,
                        "commands": ["python", "-m", f"functions.{unit.partition('-')[0]}.rpc"],
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
        for caller in self._callers:
            allow_invoking(
                f"{name}-from-{caller}",
                location=region,
                service=service.name,
                member=self._accounts.of(caller).member,
                opts=ResourceOptions(parent=self),
            )
        return service
