"""The accounts database's migrations: a job, run at a deployment before what needs its tables."""

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_command import local
from pulumi_gcp import cloudrunv2

from infra.database import Database
from infra.identity import MIGRATING_UNIT, Accounts, Permissions
from infra.limits import MIGRATION_TIMEOUT_S
from infra.network import Network
from infra.settings import Settings
from infra.variables import Environment

# Apart, so that an execution may be given other arguments: another module of the same image.
COMMAND = ["python"]
ARGUMENTS = ["-m", "functions.accounts.migrate"]

_EXECUTE = "gcloud run jobs execute $JOB --wait --quiet --project=$PROJECT --region=$REGION"


class Migration(ComponentResource):
    """`accounts-migrate`, executed once for each version of its image."""

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        permissions: Permissions,
        *,
        network: Network,
        database: Database,
        image: Output[str],
        environment: Environment,
    ) -> None:
        super().__init__("cadenza:infra:Migration", "migration")
        self.job = cloudrunv2.Job(
            MIGRATING_UNIT,
            name=MIGRATING_UNIT,
            location=settings.region,
            deletion_protection=settings.protect,
            template={
                "task_count": 1,
                "parallelism": 1,
                "template": {
                    "service_account": accounts.of(MIGRATING_UNIT).email,
                    "timeout": f"{MIGRATION_TIMEOUT_S}s",
                    "max_retries": 1,
                    "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
                    "vpc_access": {
                        "network_interfaces": [
                            {
                                "network": network.network.name,
                                "subnetwork": network.subnet(settings.region),
                            }
                        ],
                        "egress": "PRIVATE_RANGES_ONLY",
                    },
                    "containers": [
                        {
                            "image": image,
                            "commands": COMMAND,
                            "args": ARGUMENTS,
                            "resources": {"limits": {"cpu": "1", "memory": "512Mi"}},
                            "envs": environment.for_container(),
                        }
                    ],
                },
            },
            opts=ResourceOptions(parent=self, depends_on=[permissions, database]),
        )
        self.executed = local.Command(
            "accounts-migration",
            create=_EXECUTE,
            triggers=[image, database.database.id],
            environment={
                "JOB": self.job.name,
                "PROJECT": settings.project,
                "REGION": settings.region,
            },
            opts=ResourceOptions(parent=self, depends_on=[self.job]),
        )
        self.register_outputs({})
