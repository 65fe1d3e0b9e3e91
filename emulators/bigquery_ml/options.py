"""The options of CREATE MODEL: known ones of the right kind, or a refusal that names the option."""

from collections.abc import Mapping
from typing import Any

from emulators.bigquery_ml.errors import Refused

# What says how BigQuery is to go about it, and changes nothing of what is asked for.
_LEFT_TO_BIGQUERY = {"early_stop", "min_rel_progress", "model_registry", "vertex_ai_model_id"}


class Options:
    """Reads options one by one; `finish` refuses those that nobody asked for."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._read = set(_LEFT_TO_BIGQUERY)

    def text(self, name: str, default: str = "") -> str:
        value = self._take(name, default)
        if not isinstance(value, str):
            raise Refused(f"CREATE MODEL: {name} is to be a string")
        return value

    def choice(self, name: str, known: tuple[str, ...], default: str) -> str:
        """One of `known`, which are in capitals."""
        value = self.text(name, default).upper()
        if value not in known:
            raise Refused(f"CREATE MODEL: {name}={value!r} is not known here; {', '.join(known)}")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(f"CREATE MODEL: {name} is to be a number from {least} to {most}")
        return value

    def number(self, name: str, default: float, least: float) -> float:
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
            raise Refused(f"CREATE MODEL: {name} is to be a number of at least {least}")
        return float(value)

    def truth(self, name: str, default: bool) -> bool:
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise Refused(f"CREATE MODEL: {name} is to be TRUE or FALSE")
        return value

    def finish(self) -> None:
        """Raises `Refused` for an option that has not been read."""
        if unknown := sorted(set(self._given) - self._read):
            raise Refused(f"CREATE MODEL: the option {unknown[0]} is not known here")

    def _take(self, name: str, default: Any) -> Any:
        self._read.add(name)
        return self._given.get(name, default)
