"""The accounts API on its real dependencies: pages, OAuth 2.0, profiles, plans and privacy."""

from starlette.applications import Starlette

from functions.accounts.oauth import access_tokens, seed, subjects
from functions.accounts.oauth import dependencies as oauth_dependencies
from functions.accounts.oauth import routes as oauth
from functions.accounts.oauth.consent import Consents
from functions.accounts.oauth.device_pages import Devices
from functions.accounts.oauth.keys import SigningKeys
from functions.accounts.oauth.own_pages import Apps, Grants
from functions.accounts.pages import routes as pages
from functions.accounts.pages.csrf import Csrf
from functions.accounts.pages.site import Site
from functions.accounts.pages.summaries import PersonalData, PlanSummaries
from functions.accounts.parts import Parts
from functions.accounts.people import routes as people
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.firebase import FirebaseAuth
from functions.accounts.people.sessions import Sessions
from functions.accounts.people.sign_in import SignIn
from functions.accounts.plans import routes as plans
from functions.accounts.plans import store as plans_store
from functions.accounts.plans.providers import provider_of
from functions.accounts.privacy import routes as privacy
from functions.accounts.privacy.exports import Exports
from functions.accounts.privacy.links import DownloadLinks
from functions.accounts.privacy.sources import SCOPES, OwnerApis
from functions.accounts.settings import ApiSettings
from shared.clock import utc_now
from shared.errors import NotFound
from shared.limits import RateLimits
from shared.tokens import KeyCache, Verifier
from shared.web import Api, create_app

# Long enough to read what the owners hold, and no longer.
_EXPORT_TOKEN_S = 60


def create(settings: ApiSettings) -> Starlette:
    """Everything of accounts that is public."""
    keys = SigningKeys.from_json(settings.signing_keys)
    verifier = Verifier(
        KeyCache(keys.fetch), issuer=settings.token_issuer, audience=settings.token_audience
    )
    api = Api(verifier, RateLimits.at(settings.redis_url))
    parts = Parts(
        settings,
        provider_of(
            stripe_secret_key=settings.stripe_secret_key,
            stripe_webhook_secret=settings.stripe_webhook_secret,
            public_url=settings.public_url,
        ),
        FirebaseAuth(
            project=settings.google_cloud_project,
            api_key=settings.firebase_api_key,
            public_url=settings.public_url,
            emulator_host=settings.firebase_auth_emulator_host,
        ),
    )
    sessions = Sessions(parts.database, public_url=settings.public_url)
    site = Site(sessions, Csrf(settings.session_secret, public_url=settings.public_url))
    oauth_parts = oauth_dependencies.Dependencies(
        database=parts.database,
        keys=keys,
        public_url=settings.public_url,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        current_user=sessions.current_user,
        plan_of=plans_store.plan_of,
        show_problem=site.problem,
    )
    exports = Exports(
        parts.database,
        parts.archives,
        DownloadLinks(settings.session_secret, public_url=settings.public_url, now=utc_now),
        sources=[OwnerApis(settings.public_url, _ExportTokens(oauth_parts))],
        now=utc_now,
    )
    attempts = Attempts(parts.database)
    return create_app(
        [
            *oauth.routes(oauth_parts, api),
            *people.routes(
                people.Dependencies(
                    database=parts.database,
                    api=api,
                    public_url=settings.public_url,
                    plan_of=_PlanOf(parts),
                    first_party=seed.FIRST_PARTY,
                )
            ),
            *plans.routes(
                plans.Dependencies(
                    api=api,
                    database=parts.database,
                    billing=parts.billing,
                    provider=parts.provider,
                    public_url=settings.public_url,
                    first_party=seed.FIRST_PARTY,
                    now=utc_now,
                )
            ),
            *privacy.routes(
                privacy.Dependencies(
                    api=api,
                    database=parts.database,
                    exports=exports,
                    erasures=parts.erasures,
                    first_party=seed.FIRST_PARTY,
                    now=utc_now,
                )
            ),
            *pages.routes(
                pages.Dependencies(
                    site=site,
                    database=parts.database,
                    people=SignIn(parts.database, parts.firebase, attempts),
                    attempts=attempts,
                    consents=Consents(oauth_parts),
                    devices=Devices(oauth_parts),
                    apps=Apps(oauth_parts),
                    grants=Grants(oauth_parts),
                    plans=PlanSummaries(parts.database, utc_now),
                    privacy=PersonalData(exports, parts.erasures),
                )
            ),
        ]
    )


class _PlanOf:
    """The plan that a person has now, by name."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def __call__(self, user_id: str) -> str:
        async with self._database.session() as session:
            return (await plans_store.plan_of(session, user_id, utc_now())).value


class _ExportTokens:
    """Short-lived tokens with which accounts reads what other owners hold about a person."""

    def __init__(self, dependencies: oauth_dependencies.Dependencies) -> None:
        self._dependencies = dependencies

    async def __call__(self, user_id: str) -> str:
        now = utc_now()
        async with self._dependencies.database.session() as session:
            subject = await subjects.find(session, user_id, self._dependencies.plan_of, now)
        if subject is None:
            raise NotFound("There is no such person")
        return access_tokens.make(
            self._dependencies, seed.WEB, subject, SCOPES, now=now, lifetime_s=_EXPORT_TOKEN_S
        )
