"""A first guess at the country of whoever asks."""

from starlette.requests import Request

from functions.accounts.people import countries


def country_of(request: Request) -> str:
    """The country in the browser's first language ("de-AT"), or ""."""
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0]
    country = first.strip().rpartition("-")[2].upper()
    return country if country in countries.NAMES and "-" in first else ""
