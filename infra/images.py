"""Container images: built by Cloud Build from the repository, kept in Artifact Registry."""

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_command import local
from pulumi_gcp import artifactregistry

from infra.apis import Apis
from infra.data import Data
from infra.identity import BUILDER, Accounts, Permissions
from infra.settings import Settings
from infra.source import content_hash, image_files

# No Docker is needed where the operator runs this, only gcloud.
_SUBMIT = (
    "gcloud builds submit . --quiet"
    " --project=$PROJECT --region=$REGION"
    " --config=infra/cloudbuild.yaml --ignore-file=.gcloudignore"
    " --gcs-source-staging-dir=gs://$STAGING/builds"
    " --service-account=$SERVICE_ACCOUNT"
    " --substitutions=_IMAGE=$IMAGE,_DOCKERFILE=$DOCKERFILE"
)


class Images(ComponentResource):
    """The repository, and the images that are built into it."""

    def __init__(
        self,
        settings: Settings,
        apis: Apis,
        data: Data,
        accounts: Accounts,
        permissions: Permissions,
    ) -> None:
        super().__init__("cadenza:infra:Images", "images")
        self._settings = settings
        self._staging = data.source
        self._builder = accounts.of(BUILDER)
        self._permissions = permissions
        self.repository = artifactregistry.Repository(
            "cadenza",
            repository_id="cadenza",
            location=settings.region,
            format="DOCKER",
            cleanup_policies=[
                {"id": "keep-newest", "action": "KEEP", "most_recent_versions": {"keep_count": 10}},
                {"id": "delete-old", "action": "DELETE", "condition": {"older_than": "2592000s"}},
            ],
            opts=ResourceOptions(parent=self, depends_on=[apis]),
        )
        self.register_outputs({})

    def build(
        self,
        unit: str,
        requirements: str = "requirements.txt",
        dockerfile: str = "Dockerfile",
    ) -> Output[str]:
        """The image of a unit, tagged by its content, once it is built."""
        folder = unit.partition("-")[0]
        tag = content_hash(image_files(folder, requirements, dockerfile))
        image = Output.format(
            "{0}-docker.pkg.dev/{1}/{2}/{3}:{4}",
            self._settings.region,
            self._settings.project,
            self.repository.repository_id,
            unit,
            tag,
        )
        built = local.Command(
            f"{unit}-image",
            create=_SUBMIT,
            dir="..",
            triggers=[tag],
            environment={
                "PROJECT": self._settings.project,
                "REGION": self._settings.region,
                "STAGING": self._staging.name,
                "SERVICE_ACCOUNT": self._builder.name,
                "IMAGE": image,
                "DOCKERFILE": f"functions/{folder}/{dockerfile}",
            },
            opts=ResourceOptions(parent=self, depends_on=[self._permissions]),
        )
        return Output.all(image, built.id).apply(lambda known: str(known[0]))
