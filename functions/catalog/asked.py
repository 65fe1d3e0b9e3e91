"""What requests ask for: ids and a market, in the Web API's words."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.requests import Request

from functions.catalog.markets import MARKETS
from shared import ids
from shared.audience import Audience, audience_of
from shared.errors import BadRequest
from shared.web import caller_of

_FROM_TOKEN = "from_token"  # noqa: S105  # not a password
_KNOWN_MARKETS = frozenset(MARKETS)

MarketCode = Annotated[
    str,
    msgspec.Meta(
        description="ISO 3166-1 alpha-2, or from_token; left out, the country of the caller"
    ),
]


class MarketQuery(msgspec.Struct, frozen=True):
    market: MarketCode = ""


class IdsQuery(msgspec.Struct, frozen=True):
    ids: Annotated[str, msgspec.Meta(description="Ids, separated by commas")]
    market: MarketCode = ""


@dataclass(frozen=True)
class Market:
    """For whom an answer is; `is_named`: where they are was asked for, not taken from the token."""

    audience: Audience
    is_named: bool

    @property
    def code(self) -> str:
        """ "" is no market in particular."""
        return self.audience.market

    @property
    def is_public(self) -> bool:
        """Whether everybody who asks for it by this address may be given the same answer."""
        return self.is_named and not self.audience.explicit_filter


def market_of(request: Request, asked: str) -> Market:
    """The market that a request is about; raises `BadRequest`."""
    audience = audience_of(caller_of(request))
    if asked in {"", _FROM_TOKEN}:
        return Market(audience, is_named=False)
    code = asked.upper()
    if code not in _KNOWN_MARKETS:
        raise BadRequest("Invalid market code")
    return Market(audience._replace(market=code), is_named=True)


def id_of(request: Request) -> str:
    """The id in the path; raises `BadRequest`."""
    return _checked(request.path_params["id"])


def ids_of(text: str, most: int) -> list[str]:
    """At least one id and at most so many, separated by commas; raises `BadRequest`."""
    wanted = [each for each in (part.strip() for part in text.split(",")) if each]
    if not wanted:
        raise BadRequest("Missing required field: ids")
    if len(wanted) > most:
        raise BadRequest(f"Too many ids: at most {most}")
    return [_checked(each) for each in wanted]


def _checked(text: str) -> str:
    if not ids.is_valid(text):
        raise BadRequest("Invalid base62 id")
    return text
