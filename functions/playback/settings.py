"""What each unit of playback reads from its environment."""

from shared.settings import TokenSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`playback-api`."""

    catalog_rpc_url: str
    cdn_key_name: str
    cdn_signing_key: str
    content_key_secret: str
    stream_ttl_s: int


UNITS = {"playback-api": ApiSettings}
