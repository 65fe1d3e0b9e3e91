import pytest

from functions.accounts.oauth import scopes


def test_every_scope_has_a_sentence() -> None:
    assert len(scopes.SUPPORTED) == 21
    assert all(sentence.endswith(".") for sentence in scopes.SENTENCES.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [(None, []), ("", []), ("  ", []), (" b  a b ", ["b", "a"])],
)
def test_split(text: str | None, found: list[str]) -> None:
    assert scopes.split(text) == found


@pytest.mark.parametrize(
    ("roles", "granted"),
    [
        (["listener"], ["streaming"]),
        (["listener", "artist"], ["streaming", "upload-modify", "upload-read"]),
        (["operator"], ["streaming", "upload-modify", "upload-read"]),
    ],
)
def test_uploads_are_for_those_who_may_upload(roles: list[str], granted: list[str]) -> None:
    asked = ["streaming", "upload-modify", "upload-read", "everything"]

    assert scopes.grantable(asked, roles) == granted
