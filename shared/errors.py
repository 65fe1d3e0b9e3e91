"""The errors that a caller may see. `shared.web` turns them into the contract's error object."""


class ApiError(Exception):
    """An answer that is not a success: an HTTP status and a message for the caller.

    `reason` is a word that programs act on, where the contract has one.
    """

    status = 500
    reason = ""

    def __init__(self, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers = headers or {}


class BadRequest(ApiError):
    """The request is malformed; the message names the parameter."""

    status = 400


class Unauthorized(ApiError):
    """No token, or one that does not hold. Answered with `WWW-Authenticate` (RFC 6750)."""

    status = 401

    def __init__(self, message: str) -> None:
        challenge = f'Bearer realm="cadenza", error="invalid_token", error_description="{message}"'
        super().__init__(message, headers={"WWW-Authenticate": challenge})


class Forbidden(ApiError):
    """The token holds but does not allow this."""

    status = 403


class NotFound(ApiError):
    """There is no such thing, or not for this caller."""

    status = 404


class PayloadTooLarge(ApiError):
    """The body is larger than this route takes."""

    status = 413


class TooManyRequests(ApiError):
    """The caller has used up what it may do for now."""

    status = 429

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, headers={"Retry-After": str(max(1, retry_after_s))})


class Unavailable(ApiError):
    """Something this answer needs is away for now; the caller may try again."""

    status = 503

    def __init__(self, message: str, *, retry_after_s: int = 2) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after_s)})
