"""Guards a public API as its settings say."""

from shared.limits import RateLimits
from shared.settings import TokenSettings
from shared.tokens import KeyCache, Verifier, fetch_from
from shared.web import Api


def api_for(settings: TokenSettings) -> Api:
    """Routes guarded by the tokens of the configured issuer, and by rate limits."""
    keys = KeyCache(fetch_from(settings.jwks_url))
    verifier = Verifier(keys, issuer=settings.token_issuer, audience=settings.token_audience)
    return Api(verifier, RateLimits.at(settings.redis_url))
