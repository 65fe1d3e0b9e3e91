"""What BigQuery says of a statement that it cannot carry out."""

from typing import Any

_STATUS = {
    "accessDenied": 403,
    "backendError": 503,
    "duplicate": 409,
    "internalError": 500,
    "notFound": 404,
    "notImplemented": 501,
}
_NAMES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """A statement is not carried out; `reason` is one of BigQuery's."""

    def __init__(self, message: str, reason: str = "invalidQuery") -> None:
        super().__init__(message)
        self.reason = reason

    @property
    def status(self) -> int:
        return _STATUS.get(self.reason, 400)

    def result(self) -> dict[str, str]:
        """As a job's `errorResult`."""
        return {"reason": self.reason, "message": str(self), "location": "query"}

    def body(self) -> dict[str, Any]:
        """As the answer to a request."""
        error = {"domain": "global", **self.result()}
        return {
            "error": {
                "code": self.status,
                "message": str(self),
                "errors": [error],
                "status": _NAMES[self.status],
            }
        }
