"""What each unit of playback reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`playback-api`."""

    firestore_database: str
    catalog_rpc_url: str
    library_rpc_url: str
    plays_topic: str
    cdn_key_name: str
    cdn_signing_key: str
    content_key_secret: str
    stream_ttl_s: int


class PushSettings(TokenSettings, frozen=True, kw_only=True):
    """`playback-push`."""

    firestore_database: str


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`playback-events`. `plays_table` is `project.dataset.table`."""

    firestore_database: str
    catalog_rpc_url: str
    plays_table: str
    popularity_changed_topic: str
    person_erased_here_topic: str


UNITS = {
    "playback-api": ApiSettings,
    "playback-push": PushSettings,
    "playback-events": EventsSettings,
}
