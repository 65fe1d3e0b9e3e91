"""For whom something of the catalogue is shown."""

from typing import NamedTuple

from shared.tokens import Caller


class Audience(NamedTuple):
    """`market`: an ISO 3166-1 alpha-2 code, or "" for none in particular.

    With `explicit_filter` nothing explicit may be played.
    """

    market: str = ""
    explicit_filter: bool = False


ANYBODY = Audience()


def audience_of(caller: Caller) -> Audience:
    """The caller where they are."""
    return Audience(caller.country, caller.explicit_filter)
