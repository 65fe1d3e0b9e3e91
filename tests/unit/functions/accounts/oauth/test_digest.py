from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.oauth import digest, user_codes


def test_fresh_texts_differ() -> None:
    assert len({digest.fresh() for _ in range(100)}) == 100
    assert len(digest.fresh()) == 43


@given(st.text(), st.text())
def test_matches_its_own_digest_only(one: str, other: str) -> None:
    assert digest.matches(one, digest.digest(one))
    assert digest.matches(one, digest.digest(other)) == (one == other)
    assert not digest.matches(one, None)


def test_user_codes_are_read_as_people_type_them() -> None:
    stored = user_codes.digest_of("BCDF-GHJK")

    assert user_codes.digest_of(" bcdf ghjk ") == stored
    assert user_codes.digest_of("BCDF-GHJL") != stored
