"""The platform's program, gathered once a test session for each stack, profile and mode."""

import functools
from pathlib import Path
from typing import Any

from emulators.gather import Compute, Program, Resource, gather, stack_config

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod")
PROFILES = ("lite", "global")

FUNCTION = "gcp:cloudfunctionsv2/function:Function"
SERVICE = "gcp:cloudrunv2/service:Service"
JOB = "gcp:cloudrunv2/job:Job"

# Functions behind the load balancer.
PUBLIC_APIS = {
    "accounts-api",
    "catalog-api",
    "library-api",
    "media-api",
    "playback-api",
    "playback-push",
    "recommendations-api",
    "search-api",
}


def configuration(stack: str, profile: str) -> tuple[str, dict[str, object]]:
    """The stack's configuration as committed, made to fit a profile."""
    name, config = stack_config(ROOT, stack)
    config["cadenza:profile"] = profile
    if profile == "global":
        config["cadenza:regions"] = ["europe-west1", "europe-west4"]
    else:
        config.pop("cadenza:regions", None)
    return name, config


@functools.cache
def gathered(
    stack: str, profile: str, *, preview: bool = False, compute: Compute | None = None
) -> Program:
    name, config = configuration(stack, profile)
    return gather(
        ROOT / "infra",
        project=name,
        stack=stack,
        config=config,
        preview=preview,
        compute=compute,
    )


def units(program: Program) -> list[Resource]:
    """Every function, service and job, in every region."""
    return [*program.all(FUNCTION), *program.all(SERVICE), *program.all(JOB)]


def environment(unit: Resource) -> dict[str, Any]:
    """What a unit is started with, by name; a secret is given as `secret:NAME`."""
    if unit.type == FUNCTION:
        service = unit.inputs["serviceConfig"]
        secrets = service.get("secretEnvironmentVariables", [])
        return {
            **service["environmentVariables"],
            **{variable["key"]: f"secret:{variable['secret']}" for variable in secrets},
        }
    return {
        variable["name"]: variable["value"]
        if "value" in variable
        else f"secret:{variable['valueSource']['secretKeyRef']['secret']}"
        for variable in container(unit)["envs"]
    }


def container(unit: Resource) -> dict[str, Any]:
    """The one container of a service or a job."""
    template = unit.inputs["template"]
    if unit.type == JOB:
        template = template["template"]
    [only] = template["containers"]
    assert isinstance(only, dict)
    return only


def texts(value: object, path: str = "") -> list[tuple[str, str]]:
    """Every string within a value, with its dotted path."""
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in texts(item, f"{path}.{key}")]
    if isinstance(value, list):
        items = enumerate(value)
        return [found for index, item in items for found in texts(item, f"{path}.{index}")]
    return []
