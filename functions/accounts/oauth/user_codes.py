"""User codes of the device flow, as people type them."""

import re

from functions.accounts.oauth.digest import digest

_NOT_A_LETTER = re.compile(r"[^A-Z]")


def digest_of(user_code: str) -> str:
    """What is stored for a code; case, dashes and spaces do not matter."""
    return digest(_NOT_A_LETTER.sub("", user_code.upper()))
