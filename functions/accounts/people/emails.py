"""E-mail addresses: what is accepted, and in which form it is kept."""

import unicodedata

from shared.errors import BadRequest

MOST_CHARACTERS = 254

# Scripts that are written together: Japanese, Korean, Chinese (UTS 39, "highly restrictive").
_TOGETHER = (
    {"HAN", "HIRAGANA", "KATAKANA"},
    {"HAN", "HANGUL"},
    {"HAN", "BOPOMOFO"},
)
_NO_SCRIPT = {"COMMON", "INHERITED"}


class InvalidEmail(BadRequest):
    """The text is no e-mail address, or one made to look like another; the message says why."""


def normalise(text: str) -> str:
    """The address in the form in which it is kept; raises `InvalidEmail`.

    Compatibility forms (full-width letters) are folded (NFKC) and the domain is in its ASCII
    form, so that addresses that look alike and mean the same are the same text but for case.
    """
    from email_validator import EmailNotValidError, validate_email

    folded = unicodedata.normalize("NFKC", text.strip())
    if len(folded) > MOST_CHARACTERS:
        raise InvalidEmail("This e-mail address is too long")
    try:
        valid = validate_email(folded, check_deliverability=False)
    except EmailNotValidError as error:
        raise InvalidEmail("Enter an e-mail address, such as name@example.com") from error
    for part in (valid.local_part, *valid.domain.split(".")):
        _refuse_look_alikes(part)
    return f"{valid.local_part}@{valid.ascii_domain}"


def _refuse_look_alikes(part: str) -> None:
    if part.isascii():
        return
    if _mixes_scripts(part):
        raise InvalidEmail("This e-mail address mixes alphabets; write it in one of them")
    if _passes_for_ascii(part):
        raise InvalidEmail(
            "This e-mail address has letters that only look like a to z; write it with plain ones"
        )


def _mixes_scripts(part: str) -> bool:
    from confusable_homoglyphs import categories

    scripts = set(categories.unique_aliases(part)) - _NO_SCRIPT
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


def _passes_for_ascii(part: str) -> bool:
    """Whether each of its letters could be taken for one of ASCII's."""
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(part, greedy=True, preferred_aliases=[]) or []
    look_alikes = {
        each["character"]
        for each in found
        if any(len(twin["c"]) == 1 and twin["c"].isascii() for twin in each["homoglyphs"])
    }
    return all(character.isascii() or character in look_alikes for character in part)
