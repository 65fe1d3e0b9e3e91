"""Programs made by hand, as gathering would have returned them."""

from typing import Any

from emulators.gather import Program, Resource


def declared(type_token: str, name: str, **inputs: Any) -> Resource:
    """A resource whose outputs are its inputs and its name."""
    return Resource(
        type=type_token,
        name=name,
        inputs=inputs,
        outputs={"name": name, **inputs},
        id=f"projects/p/things/{name}",
        urn=f"urn:pulumi:dev::cadenza::{type_token}::{name}",
        parent="",
        protect=False,
        depends_on=(),
        secret_paths=(),
    )


def program(*resources: Resource) -> Program:
    """What declares these resources and exports nothing."""
    return Program(resources=list(resources))
