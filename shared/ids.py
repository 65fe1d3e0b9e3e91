"""Ids of tracks, albums, artists and uploads: 128 bits, written as 22 characters of base62."""

import hashlib
import secrets

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LENGTH = 22
BYTES = 16

_VALUE = {character: value for value, character in enumerate(ALPHABET)}


class InvalidId(ValueError):
    """The text is not 22 characters of base62 that stand for 128 bits."""


def from_bytes(raw: bytes) -> str:
    """The id of 16 bytes."""
    if len(raw) != BYTES:
        raise InvalidId(f"an id is {BYTES} bytes, not {len(raw)}")
    number = int.from_bytes(raw, "big")
    characters = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def to_bytes(text: str) -> bytes:
    """The 16 bytes of an id; raises `InvalidId`."""
    if len(text) != LENGTH:
        raise InvalidId(f"an id is {LENGTH} characters long, not {len(text)}")
    number = 0
    for character in text:
        try:
            number = number * len(ALPHABET) + _VALUE[character]
        except KeyError:
            raise InvalidId("an id is written in base62") from None
    try:
        return number.to_bytes(BYTES, "big")
    except OverflowError:
        raise InvalidId("an id is at most 128 bits") from None


def is_valid(text: str) -> bool:
    """Whether `to_bytes` would accept it."""
    try:
        to_bytes(text)
    except InvalidId:
        return False
    return True


def derive(kind: str, *parts: str) -> str:
    """The id that the same parts always give, so that doing a thing twice makes one thing.

    Parts are length-prefixed: ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in (kind, *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return from_bytes(digest.digest()[:BYTES])


def random() -> str:
    """A fresh id."""
    return from_bytes(secrets.token_bytes(BYTES))
