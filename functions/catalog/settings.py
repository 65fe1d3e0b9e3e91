"""What each unit of the catalogue reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`catalog-api`. The media bucket holds what was measured of each track."""

    firestore_database: str
    catalog_changed_topic: str
    media_bucket: str
    recommendations_rpc_url: str


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`catalog-events`."""

    firestore_database: str
    catalog_changed_topic: str
    person_erased_here_topic: str


class RpcSettings(UnitSettings, frozen=True, kw_only=True):
    """`catalog-rpc`. `cache_ttl_s`: how long a cached item is served if no event evicts it."""

    firestore_database: str
    catalog_changed_topic: str
    cache_ttl_s: float
    public_url: str


UNITS = {
    "catalog-api": ApiSettings,
    "catalog-events": EventsSettings,
    "catalog-rpc": RpcSettings,
}
