"""What each unit of the recommendations reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`recommendations-api`."""

    firestore_database: str
    catalog_rpc_url: str


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`recommendations-events`. `warehouse` is `project.dataset`."""

    firestore_database: str
    catalog_rpc_url: str
    media_bucket: str
    warehouse: str
    person_erased_here_topic: str


class RpcSettings(UnitSettings, frozen=True, kw_only=True):
    """`recommendations-rpc`."""

    firestore_database: str


UNITS = {
    "recommendations-api": ApiSettings,
    "recommendations-events": EventsSettings,
    "recommendations-rpc": RpcSettings,
}
