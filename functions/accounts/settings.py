"""What each unit of accounts reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`accounts-api`. `firebase_auth_emulator_host` is set by the local runner only.

    Tokens are signed with the first of `signing_key_versions` (Cloud KMS, full names, with commas)
    or, where that is "", of `signing_keys`.
    """

    database_url: str
    cloud_sql_instance: str
    database_user: str
    signing_keys: str
    signing_key_versions: str
    session_secret: str
    firebase_api_key: str
    google_sign_in: bool
    person_erased_topic: str
    profile_changed_topic: str
    exports_bucket: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    erasure_services: str
    firebase_auth_emulator_host: str = ""


class DatabaseSettings(UnitSettings, frozen=True, kw_only=True):
    """What every unit behind the API needs to reach the database."""

    public_url: str
    database_url: str
    cloud_sql_instance: str
    database_user: str


class EventsSettings(DatabaseSettings, frozen=True, kw_only=True):
    """`accounts-events`, which reads what others hold about a person with tokens of its own.

    `firebase_auth_emulator_host` is set by the local runner only.
    """

    token_issuer: str
    token_audience: str
    signing_keys: str
    signing_key_versions: str
    person_erased_topic: str
    profile_changed_topic: str
    exports_bucket: str
    erasure_services: str
    stripe_secret_key: str
    firebase_auth_emulator_host: str = ""


class MigrateSettings(DatabaseSettings, frozen=True, kw_only=True):
    """`accounts-migrate`. `database_users` are those who get to read and write, with commas."""

    database_users: str


UNITS = {
    "accounts-api": ApiSettings,
    "accounts-events": EventsSettings,
    "accounts-migrate": MigrateSettings,
}
