"""The private network: units reach the accounts database and Redis through it, nobody else does."""

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import compute, servicenetworking

from infra.apis import Apis
from infra.settings import Settings

# Each instance of a unit takes an address, and while a new version comes up, two.
_SUBNET = "10.8.{0}.0/22"
_SUBNET_SIZE = 4


class Network(ComponentResource):
    """A subnet in each region, and a peering with the network of Google's own services."""

    def __init__(self, settings: Settings, apis: Apis) -> None:
        super().__init__("cadenza:infra:Network", "network")
        options = ResourceOptions(parent=self, depends_on=[apis])
        self.network = compute.Network(
            "cadenza", name="cadenza", auto_create_subnetworks=False, opts=options
        )
        self._subnets = {
            region: compute.Subnetwork(
                f"cadenza-{region}",
                name="cadenza",
                region=region,
                network=self.network.id,
                ip_cidr_range=_SUBNET.format(position * _SUBNET_SIZE),
                private_ip_google_access=True,
                opts=options,
            )
            for position, region in enumerate(settings.regions)
        }
        reserved = compute.GlobalAddress(
            "google-services",
            name="google-services",
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            prefix_length=20,
            network=self.network.id,
            opts=options,
        )
        self.peering = servicenetworking.Connection(
            "google-services",
            network=self.network.id,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[reserved.name],
            opts=options,
        )
        self.register_outputs({})

    def subnet(self, region: str) -> Output[str]:
        """Where a unit of the region joins the network (Direct VPC egress)."""
        return self._subnets[region].name
