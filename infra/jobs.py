"""The media job: encodes one upload, run on Cloud Run by media-events."""

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_gcp import cloudrunv2

from infra.identity import Accounts, Permissions
from infra.limits import JOB_RETRIES, JOB_TIMEOUT_S
from infra.settings import Settings
from infra.variables import Environment

COMMAND = ["python", "-m", "functions.media.job"]


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
        self.job = cloudrunv2.Job(
            "media-job",
            name="media-job",
            location=settings.region,
            deletion_protection=settings.protect,
            template={
                "task_count": 1,
                "parallelism": 1,
                "template": {
                    "service_account": accounts.of("media-job").email,
                    "timeout": f"{JOB_TIMEOUT_S}s",
                    "max_retries": JOB_RETRIES,
                    "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
                    "containers": [
                        {
                            "image": image,
                            "commands": COMMAND,
                            # A run is billed by size times time, so that more is not dearer; its
                            # files lie in memory.
                            "resources": {"limits": {"cpu": "4", "memory": "8Gi"}},
                            "envs": environment.for_container(),
                        }
                    ],
                },
            },
            opts=ResourceOptions(parent=self, depends_on=[permissions]),
        )
        cloudrunv2.JobIamMember(
            "media-events-runs-media-job",
            location=settings.region,
            name=self.job.name,
            role="roles/run.jobsExecutorWithOverrides",
            member=accounts.of("media-events").member,
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})
