"""What each unit of accounts reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`accounts-api`. `firebase_auth_emulator_host` is set by the local runner only."""

    database_url: str
    cloud_sql_instance: str
    database_user: str
    signing_keys: str
    session_secret: str
    firebase_api_key: str
    person_erased_topic: str
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
    """`accounts-events`. `firebase_auth_emulator_host` is set by the local runner only."""

    person_erased_topic: str
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
