"""A request's query as a typed struct, which the API's document is written from too."""

from collections import Counter
from functools import cache
from typing import TypeVar

import msgspec
from starlette.requests import Request

from shared.errors import BadRequest

Q = TypeVar("Q", bound=msgspec.Struct)


def read_query(request: Request, into: type[Q]) -> Q:
    """Unknown parameters are passed over; raises `BadRequest` that names the bad one.

    A parameter that is given twice is refused: two readers could take a different one of them.
    """
    known = _names(into)
    given = [name for name, _ in request.query_params.multi_items() if name in known]
    for name, count in Counter(given).items():
        if count > 1:
            raise BadRequest(f"Invalid {name}: given more than once")
    values = {name: request.query_params[name] for name in given}
    try:
        return msgspec.convert(values, into, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(_message(str(error), into)) from error


@cache
def _names(of: type[msgspec.Struct]) -> frozenset[str]:
    """Read once: msgspec works them out from the annotations each time that it is asked."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(of))


def _message(text: str, into: type[msgspec.Struct]) -> str:
    """`Expected … - at `$.limit`` becomes `Invalid limit: expected …`."""
    reason, _, place = text.rpartition(" - at `$.")
    if reason:
        return f"Invalid {place.rstrip('`')}: {reason[:1].lower()}{reason[1:]}"
    missing = text.rpartition("missing required field `")[2].rstrip("`")
    if missing != text.rstrip("`"):
        return f"Missing required field: {missing}"
    return f"Invalid query: {text}"
