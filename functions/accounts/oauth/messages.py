"""Requests and answers, between Starlette and Authlib."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from starlette.responses import Response

from shared.web import json_response

# RFC 7617 wants a realm; what went wrong is in the body.
_CHALLENGE = 'Basic realm="cadenza"'


class ParsedRequest(OAuth2Request):
    """A request whose parameters are read already, from its query or from its form."""

    headers: Mapping[str, str]

    def __init__(
        self, method: str, uri: str, parameters: dict[str, str], headers: Mapping[str, str]
    ) -> None:
        super().__init__(method, uri, headers=headers)
        self._parameters = parameters
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def args(self) -> dict[str, str | None]:
        return dict(self._parameters)

    @property
    def form(self) -> dict[str, str]:
        return self._parameters


@dataclass
class Answer:
    """What Authlib answers. `location` is where the browser goes, if it goes anywhere."""

    status: int
    body: Mapping[str, object] | str
    location: str | None

    def to_response(self) -> Response:
        """Never stored: every answer holds a code, a token, or somebody's mistake."""
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        if self.location is not None:
            return Response(status_code=self.status, headers={**headers, "Location": self.location})
        if self.status == 401:
            headers["WWW-Authenticate"] = _CHALLENGE
        return json_response(self.body, self.status, headers)


def answer_of(
    status: int,
    body: Mapping[str, object] | str,
    headers: Mapping[str, str] | Sequence[tuple[str, str]],
) -> Answer:
    return Answer(status, body, dict(headers).get("Location"))


def error_response(error: OAuth2Error) -> Response:
    """The error as RFC 6749 writes it."""
    return answer_of(*error()).to_response()
