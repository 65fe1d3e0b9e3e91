"""What each unit of the library reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`library-api`."""

    firestore_database: str
    catalog_rpc_url: str
    recommendations_rpc_url: str
    images_bucket: str
    library_events_topic: str
    playlist_changed_topic: str


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`library-events`."""

    firestore_database: str
    images_bucket: str
    library_events_topic: str
    playlist_changed_topic: str
    person_erased_here_topic: str


class RpcSettings(UnitSettings, frozen=True, kw_only=True):
    """`library-rpc`."""

    firestore_database: str
    recommendations_rpc_url: str


UNITS = {
    "library-api": ApiSettings,
    "library-events": EventsSettings,
    "library-rpc": RpcSettings,
}
