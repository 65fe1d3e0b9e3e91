"""Short-lived tokens with which accounts reads what other owners hold about a person."""

from functions.accounts.oauth import access_tokens, seed, subjects
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.privacy.sources import SCOPES
from shared.clock import utc_now
from shared.errors import NotFound

# Long enough to read it all, and no longer.
_LIFETIME_S = 300


class ExportTokens:
    """Signs them; `dependencies` are the authorization server's."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies

    async def __call__(self, user_id: str) -> str:
        now = utc_now()
        async with self._dependencies.database.session() as session:
            subject = await subjects.find(session, user_id, self._dependencies.plan_of, now)
        if subject is None:
            raise NotFound("There is no such person")
        return await access_tokens.make(
            self._dependencies, seed.WEB, subject, SCOPES, now=now, lifetime_s=_LIFETIME_S
        )
