"""Each test that asks for `program` sees every stack in every profile."""

from collections.abc import Iterator

import pytest

from emulators.gather import Program
from tests.infra.programs import PROFILES, STACKS, gathered

VARIANTS = [(stack, profile) for stack in STACKS for profile in PROFILES]


@pytest.fixture(scope="session", autouse=True)
def _no_formatted_outputs() -> Iterator[None]:
    """An f-string over an Output raises instead of writing a warning into a resource."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_ERROR_OUTPUT_STRING", "1")
        yield


@pytest.fixture(scope="session", params=VARIANTS, ids="-".join)
def variant(request: pytest.FixtureRequest) -> tuple[str, str]:
    """(stack, profile)."""
    stack, profile = request.param
    return stack, profile


@pytest.fixture(scope="session")
def program(variant: tuple[str, str], _no_formatted_outputs: None) -> Program:
    """What the variant declares, deployed."""
    return gathered(*variant)


@pytest.fixture(scope="session")
def preview(variant: tuple[str, str], _no_formatted_outputs: None) -> Program:
    """What the variant declares in a preview, before anything exists."""
    return gathered(*variant, preview=True)


@pytest.fixture(scope="session")
def lite(_no_formatted_outputs: None) -> Program:
    return gathered("dev", "lite")


@pytest.fixture(scope="session")
def production(_no_formatted_outputs: None) -> Program:
    return gathered("prod", "global")
