"""What a unit is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi import Input
from pulumi_gcp import secretmanager

from infra.keys import secret_id


@dataclass(frozen=True)
class Environment:
    """Plain values and secrets, by the variable's name."""

    values: Mapping[str, Input[str]]
    secrets: Mapping[str, secretmanager.SecretVersion] = field(default_factory=dict)

    def for_container(self) -> list[Any]:
        """As `envs` of a Cloud Run container."""
        values = [{"name": name, "value": value} for name, value in self.values.items()]
        secrets = [
            {
                "name": name,
                "value_source": {
                    "secret_key_ref": {"secret": secret_id(version), "version": version.version}
                },
            }
            for name, version in self.secrets.items()
        ]
        return [*values, *secrets]
