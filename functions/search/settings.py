"""What each unit of search reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`search-api`."""

    search_index_bucket: str
    catalog_rpc_url: str


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`search-events`."""

    search_index_bucket: str
    catalog_rpc_url: str
    person_erased_here_topic: str


UNITS = {"search-api": ApiSettings, "search-events": EventsSettings}
