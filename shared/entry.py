"""How a function comes to life: at its first request, and not when its module is imported."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from starlette.types import ASGIApp

from shared import telemetry
from shared.settings import UnitSettings, load

S = TypeVar("S", bound=UnitSettings)


def application(settings: type[S], create: Callable[[S], ASGIApp]) -> Callable[[], ASGIApp]:
    """A function that gives the same application each time, made when it is first asked for.

    It raises `InvalidSettings` when the environment does not hold what `settings` declares.
    """

    @cache
    def made() -> ASGIApp:
        configured = load(settings)
        telemetry.configure(configured.google_cloud_project, configured.log_level)
        return create(configured)

    return made
