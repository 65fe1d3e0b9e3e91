from functions.accounts.privacy import holdings
from functions.accounts.tables import metadata

# Tables that hold nothing about a person, or only through a row that goes with them.
IMPERSONAL = {
    "app_usage": "goes with the app",
    "payment_events": "the payment provider's event ids",
    "refresh_tokens": "go with their family",
    "revoked_tokens": "names of tokens, gone within two days",
    "sign_in_attempts": "hashes, gone within the day",
}


def test_every_table_is_either_about_people_or_known_not_to_be() -> None:
    for table in metadata.sorted_tables:
        is_personal = holdings._about(table, "anna") is not None
        assert is_personal != (table.name in IMPERSONAL), (
            f"{table.name}: is it about people? Give it a foreign key to users, or say why not"
        )


def test_what_is_kept_exists() -> None:
    assert holdings.KEPT.keys() <= metadata.tables.keys()


def test_secrets_are_not_exported() -> None:
    shown = {
        column.name
        for table in metadata.sorted_tables
        for column in table.columns
        if not holdings._is_secret(column)
    }
    assert not any("hash" in name or "secret" in name for name in shown)
