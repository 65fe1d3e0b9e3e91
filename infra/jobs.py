"""Jobs on Cloud Run that units start: encoding an upload, training the deep model."""

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_gcp import cloudrunv2

from infra.identity import Accounts, Permissions
from infra.limits import JOB_RETRIES, JOB_TIMEOUT_S, TRAINING_TIMEOUT_S
from infra.settings import Settings
from infra.variables import Environment

COMMAND = ["python", "-m", "functions.media.job"]
TRAINING_COMMAND = ["python", "-m", "functions.recommendations.training"]


class MediaJob(ComponentResource):
    """`media-job`, and media-events' right to run it with an upload's id."""

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        permissions: Permissions,
        image: Input[str],
        environment: Environment,
    ) -> None:
        super().__init__("cadenza:infra:MediaJob", "media-job")
        self.job = _job(
            "media-job",
            settings,
            accounts,
            image=image,
            command=COMMAND,
            # A run is billed by size times time, so that more is not dearer; its files lie in
            # memory.
            limits={"cpu": "4", "memory": "8Gi"},
            timeout_s=JOB_TIMEOUT_S,
            environment=environment,
            options=ResourceOptions(parent=self, depends_on=[permissions]),
        )
        _may_run("media-events", "media-job", self.job, settings, accounts, parent=self)
        self.register_outputs({})


class TrainingJob(ComponentResource):
    """`recommendations-training`, and recommendations-events' right to run it."""

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        permissions: Permissions,
        image: Input[str],
        environment: Environment,
    ) -> None:
        super().__init__("cadenza:infra:TrainingJob", "recommendations-training")
        self.job = _job(
            "recommendations-training",
            settings,
            accounts,
            image=image,
            command=TRAINING_COMMAND,
            # The plays of a year lie in memory.
            limits={"cpu": "4", "memory": "16Gi"},
            timeout_s=TRAINING_TIMEOUT_S,
            environment=environment,
            options=ResourceOptions(parent=self, depends_on=[permissions]),
        )
        unit = "recommendations-events"
        _may_run(unit, "recommendations-training", self.job, settings, accounts, parent=self)
        self.register_outputs({})


def _job(
    name: str,
    settings: Settings,
    accounts: Accounts,
    *,
    image: Input[str],
    command: list[str],
    limits: dict[str, str],
    timeout_s: int,
    environment: Environment,
    options: ResourceOptions,
) -> cloudrunv2.Job:
    """One task at a time, as the account of this name."""
    return cloudrunv2.Job(
        name,
        name=name,
        location=settings.region,
        deletion_protection=settings.protect,
        template={
            "task_count": 1,
            "parallelism": 1,
            "template": {
                "service_account": accounts.of(name).email,
                "timeout": f"{timeout_s}s",
                "max_retries": JOB_RETRIES,
                "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
                "containers": [
                    {
                        "image": image,
                        "commands": command,
                        "resources": {"limits": limits},
                        "envs": environment.for_container(),
                    }
                ],
            },
        },
        opts=options,
    )


def _may_run(
    unit: str,
    name: str,
    job: cloudrunv2.Job,
    settings: Settings,
    accounts: Accounts,
    *,
    parent: ComponentResource,
) -> None:
    """With variables of the run's own."""
    cloudrunv2.JobIamMember(
        f"{unit}-runs-{name}",
        location=settings.region,
        name=job.name,
        role="roles/run.jobsExecutorWithOverrides",
        member=accounts.of(unit).member,
        opts=ResourceOptions(parent=parent),
    )
