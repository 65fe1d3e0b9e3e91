"""How an app says who it is: with a secret (Basic or in the form), or without having one."""

import base64
import binascii
from collections.abc import Callable, Collection
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, InvalidRequestError

from functions.accounts.oauth.clients import Client
from functions.accounts.oauth.messages import ParsedRequest

METHODS = ("client_secret_basic", "client_secret_post", "none")
SECRET_METHODS = ("client_secret_basic", "client_secret_post")

QueryClient = Callable[[str], ClientMixin | None]


def check_one_way(request: ParsedRequest) -> None:
    """Raises `InvalidRequestError` for credentials given twice (RFC 6749, 2.3)."""
    header = _basic_credentials(request)
    if header is None:
        return
    named = request.form.get("client_id")
    if "client_secret" in request.form or (named is not None and named != header[0]):
        raise InvalidRequestError("The app says in two ways who it is")


def by_basic(query_client: QueryClient, request: ParsedRequest) -> ClientMixin | None:
    """Replaces Authlib's, which fails on credentials that are not UTF-8."""
    credentials = _basic_credentials(request)
    if credentials is None:
        return None
    client = query_client(credentials[0])
    if isinstance(client, Client) and client.check_client_secret(credentials[1]):
        return client
    return None


def refusal(request: ParsedRequest, methods: Collection[str]) -> InvalidClientError:
    """401 if the app tried the header, 400 otherwise (RFC 6749, 5.2)."""
    tried_header = "Authorization" in request.headers and "client_secret_basic" in methods
    return InvalidClientError("Invalid client", status_code=401 if tried_header else 400)


def _basic_credentials(request: ParsedRequest) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ("", "")
    client_id, _, secret = text.partition(":")
    # No id holds a zero character, and the database cannot be asked about one.
    return unquote_plus(client_id).replace("\0", ""), unquote_plus(secret)
