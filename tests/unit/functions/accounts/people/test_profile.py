import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.people import profile
from functions.accounts.people.profile import InvalidCountry, InvalidName, Profiles
from functions.accounts.people.tables import User
from shared import ids

ANNA = User(
    id=ids.derive("user", "anna"),
    email="anna@example.com",
    display_name="Anna",
    country="AT",
    explicit_content_allowed=False,
    roles=["listener"],
)
ALL = frozenset({"user-read-private", "user-read-email"})
PROFILES = Profiles("https://music.example")


def test_all_that_the_scopes_cover() -> None:
    shown = msgspec.to_builtins(PROFILES.private(ANNA, scopes=ALL, plan="family"))

    assert shown == {
        "account_id": ANNA.id,
        "country": "AT",
        "display_name": "Anna",
        "email": "anna@example.com",
        "explicit_content": {"filter_enabled": True, "filter_locked": False},
        "external_urls": {"spotify": f"https://music.example/user/{ANNA.id}"},
        "followers": {"href": None, "total": 0},
        "href": f"https://music.example/v1/users/{ANNA.id}",
        "id": ANNA.id,
        "images": [],
        "product": "premium",
        "type": "user",
        "uri": f"spotify:user:{ANNA.id}",
    }


def test_what_no_scope_covers_is_left_out() -> None:
    shown = msgspec.to_builtins(PROFILES.private(ANNA, scopes=frozenset(), plan="free"))

    assert not shown.keys() & {"country", "email", "explicit_content", "product"}
    assert shown["account_id"] == ANNA.id


def test_nobody_needs_a_name() -> None:
    nameless = User(id=ANNA.id, display_name="")

    assert PROFILES.public(nameless).display_name is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Anna", "Anna"),
        ("  Anna \n B. ", "Anna B."),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\U0001f469\u200d\U0001f3a4", "\U0001f469\u200d\U0001f3a4"),
        ("<b>'; DROP TABLE users; --", "<b>'; DROP TABLE users; --"),
    ],
)
def test_names_as_they_are_kept(text: str, kept: str) -> None:
    assert profile.check_name(text) == kept


@pytest.mark.parametrize(
    "text", ["", " ", "x" * 51, "a\0b", "a\u202eb", "a\u200bb", "\ue000", "\ud800", "a\u2066b"]
)
def test_names_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidName):
        profile.check_name(text)


@given(st.text(max_size=60))
def test_a_kept_name_stays_as_it_is(text: str) -> None:
    try:
        kept = profile.check_name(text)
    except InvalidName:
        return
    assert profile.check_name(kept) == kept
    assert kept.encode()


@pytest.mark.parametrize("text", ["", "at", "XX", "AUT", "A\0"])
def test_countries_are_codes(text: str) -> None:
    with pytest.raises(InvalidCountry):
        profile.check_country(text)
    assert profile.check_country("AT") == "AT"
