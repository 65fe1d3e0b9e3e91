"""Text as the index holds it: words of plain ASCII, alike however they are written.

Width, case and accents are folded and every script is written in Latin letters, so that "Ｃａｆé",
"CAFE" and "café" are one word, and Кино is found as kino. Chinese characters are words of their
own: nothing says where one word of several ends.
"""

import hashlib
import re
import unicodedata

MOST_WORDS = 64
_LONGEST_WORD = 40
_LONGEST_TEXT = 2_000

_HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_INITIALS = re.compile(r"\b(?:[a-z0-9]\.){2,}")
_APOSTROPHES = re.compile("['`\u00b4\u2018\u2019\u02bc]")
_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """At most `MOST_WORDS`. Text of signs only ("!!!") is one word for each run of them."""
    plain = _plain(text[:_LONGEST_TEXT])
    found = [word[:_LONGEST_WORD] for word in _WORD.findall(plain)]
    if not found:
        found = ["x" + run.encode().hex()[: _LONGEST_WORD - 1] for run in plain.split()]
    return found[:MOST_WORDS]


def key(*parts: str) -> int:
    """A number of 31 bits that stands for the parts; others may share it, though few do."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=4)
    return int.from_bytes(digest.digest(), "big") >> 1


def _plain(text: str) -> str:
    """In ASCII and lower case; only the signs that part words are left."""
    folded = _APOSTROPHES.sub("", text).lower()
    if not folded.isascii():
        folded = _romanised(folded)
    folded = folded.replace("&", " and ").replace("\x00", " ")
    return _INITIALS.sub(lambda initials: initials[0].replace(".", ""), folded)


def _romanised(text: str) -> str:
    from anyascii import anyascii

    # Without lone surrogates, which no text has but a hostile one.
    text = text.encode("utf-8", "ignore").decode()
    alike = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _APOSTROPHES.sub("", anyascii(_HAN.sub(r" \1 ", alike)).lower())
