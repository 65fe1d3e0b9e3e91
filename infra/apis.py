"""The Google Cloud APIs that the platform uses."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_gcp import projects

from infra.settings import Settings, Signing

APIS = (
    "artifactregistry",
    "bigquery",
    "cloudbuild",
    "cloudfunctions",
    "cloudresourcemanager",
    "cloudscheduler",
    "compute",
    "firestore",
    "iam",
    "identitytoolkit",
    "pubsub",
    "redis",
    "run",
    "secretmanager",
    "servicenetworking",
    "sqladmin",
    "storage",
)


class Apis(ComponentResource):
    """Enables them. Everything else depends on this component."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("cadenza:infra:Apis", "apis")
        wanted = [
            *APIS,
            *(["cloudkms"] if settings.signing is Signing.kms else []),
            *(["bigqueryreservation"] if settings.model_slots else []),
        ]
        for api in wanted:
            projects.Service(
                api,
                project=settings.project,
                service=f"{api}.googleapis.com",
                # Others in the project may use it.
                disable_on_destroy=False,
                opts=ResourceOptions(parent=self),
            )
        self.register_outputs({})
