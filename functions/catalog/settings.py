"""What each unit of the catalogue reads from its environment."""

import msgspec

from shared.settings import TokenSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`catalog-api`."""

    firestore_database: str


class EventsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`catalog-events`."""

    google_cloud_project: str
    log_level: str
    firestore_database: str
    catalog_changed_topic: str


class RpcSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`catalog-rpc`. `cache_ttl_s`: how long a cached item is served if no event evicts it."""

    google_cloud_project: str
    log_level: str
    firestore_database: str
    catalog_changed_topic: str
    cache_ttl_s: float


UNITS = {
    "catalog-api": ApiSettings,
    "catalog-events": EventsSettings,
    "catalog-rpc": RpcSettings,
}
