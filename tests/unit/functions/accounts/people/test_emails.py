import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.people.emails import InvalidEmail, normalise


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("anna@example.com", "anna@example.com"),
        ("  Anna.B+music@EXAMPLE.com ", "Anna.B+music@example.com"),
        ("\uff50aul@example.com", "paul@example.com"),  # full-width p
        ("jos\u00e9@m\u00fcller.de", "jos\u00e9@xn--mller-kva.de"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),  # e and a combining accent
        (
            "\u0430\u043b\u0435\u043a\u0441\u0435\u0439@\u043f\u043e\u0447\u0442\u0430.\u0440\u0444",
            "\u0430\u043b\u0435\u043a\u0441\u0435\u0439@xn--80a1acny.xn--p1ai",
        ),
        ("\u5c71\u7530\u305f\u308d\u3046@example.jp", "\u5c71\u7530\u305f\u308d\u3046@example.jp"),
    ],
)
def test_addresses_in_the_form_that_is_kept(text: str, kept: str) -> None:
    assert normalise(text) == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\u0440\u0430ul@example.com", "mixes alphabets"),  # Cyrillic er and a in "paul"
        ("adm\u0456n@example.com", "mixes alphabets"),  # Ukrainian i
        ("\u0440\u0430\u0443@example.com", "only look like"),  # all Cyrillic: "pay"
        ("\u0261oogle@example.com", "only look like"),  # script g
        ("anna@g\u043eogle.com", "mixes alphabets"),  # Cyrillic o
        ("anna@xn--ggle-55da.com", "mixes alphabets"),  # the same in punycode
        ("anna@xn--80ak6aa92e.com", "only look like"),  # "apple", all Cyrillic
    ],
)
def test_look_alikes_are_refused_and_told_why(text: str, message: str) -> None:
    with pytest.raises(InvalidEmail, match=message):
        normalise(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "anna", "@example.com", "anna@", "anna@localhost", "a b@example.com",
        "a@b@example.com", "anna@example..com", "anna@[127.0.0.1]", '"a b"@example.com',
        "<script>@example.com", "a'or'1'='1@example.com;--", "anna@example.com\r\nBcc: b@c.com",
        "an\0na@example.com", "an\u200bna@example.com", "an\u202ena@example.com",
        "\ud800@example.com", "anna@xn--zzzzzzzzz.com", "a" * 250 + "@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidEmail):
        normalise(text)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        kept = normalise(text + "@example.com")
    except InvalidEmail:
        return
    assert normalise(kept) == kept
