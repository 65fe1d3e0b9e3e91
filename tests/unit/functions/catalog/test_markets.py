from functions.catalog.markets import MARKETS


def test_markets_are_sorted_codes_of_two_letters() -> None:
    assert sorted(set(MARKETS)) == MARKETS
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in MARKETS)
    assert len(MARKETS) == 249 + 1
