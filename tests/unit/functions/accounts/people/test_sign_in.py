import pytest

from functions.accounts.people.firebase import WeakPassword
from functions.accounts.people.sign_in import check_password


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 257, "aaaaaaaa", "abababab", "anna.bach", "Anna.Bach@x.com"]
)
def test_passwords_that_are_easily_guessed(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, "anna.bach@x.com")


@pytest.mark.parametrize(
    "password", ["correct horse", "12345678", "\u043f\u0430\u0440\u043e\u043b\u044c-42"]
)
def test_length_counts_not_kinds_of_characters(password: str) -> None:
    check_password(password, "anna.bach@x.com")
