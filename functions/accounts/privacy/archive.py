"""The archive of an export: a zip of JSON files, and a text that says what they are."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import msgspec

_ABOUT = """\
This is all that Cadenza holds about you, as of {at}.

Each file is a list of entries in JSON. Those under accounts/ are rows of the accounts database, by
table; what serves only to check a password, a code or a token is left out, for it would open doors
and tells nothing about you. Your password is kept by the sign-in service and cannot be read by
anybody.
{others}
The sound files that you uploaded are not included.
"""
_OTHERS = "The other folders are what other parts of the platform hold: {names}.\n"


def pack(files: Mapping[str, list[Any]], *, at: str) -> bytes:
    """`files` by their names without `.json`; `at` is when they were read."""
    others = sorted(name for name in files if not name.startswith("accounts/"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = _OTHERS.format(names=", ".join(others)) if others else ""
        archive.writestr("README.txt", _ABOUT.format(at=at, others=listed))
        for name, entries in sorted(files.items()):
            encoded = msgspec.json.format(msgspec.json.encode(entries), indent=2)
            archive.writestr(f"{name}.json", encoded)
    return packed.getvalue()
