"""The accounts API on its real dependencies: pages, OAuth 2.0, profiles, plans and privacy."""

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

from functions.accounts.cross_origin import CrossOrigin
from functions.accounts.oauth import dependencies as oauth_dependencies
from functions.accounts.oauth import families, grants_given, seed
from functions.accounts.oauth import routes as oauth
from functions.accounts.oauth.consent import Consents
from functions.accounts.oauth.device_pages import Devices
from functions.accounts.oauth.own_pages import Apps, Grants
from functions.accounts.pages import routes as pages
from functions.accounts.pages.csrf import Csrf
from functions.accounts.pages.google import RETURN, Errands
from functions.accounts.pages.site import Site
from functions.accounts.pages.summaries import PersonalData, PlanSummaries
from functions.accounts.parts import Parts
from functions.accounts.people import routes as people
from functions.accounts.people import sessions as sessions_of_people
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.credentials import Credentials
from functions.accounts.people.firebase import FirebaseAuth
from functions.accounts.people.google import GoogleSignIn
from functions.accounts.people.sessions import Sessions
from functions.accounts.people.sign_in import SignIn
from functions.accounts.plans import routes as plans
from functions.accounts.plans import store as plans_store
from functions.accounts.plans.own_pages import FamilyDesks, PlanDesks
from functions.accounts.plans.providers import provider_of
from functions.accounts.privacy import routes as privacy
from functions.accounts.settings import ApiSettings
from shared.clock import utc_now
from shared.limits import RateLimits
from shared.tokens import KeyCache, Verifier
from shared.web import Api, create_app


def create(settings: ApiSettings) -> Starlette:
    """Everything of accounts that is public."""
    parts = Parts(
        settings,
        provider_of(
            stripe_secret_key=settings.stripe_secret_key,
            stripe_webhook_secret=settings.stripe_webhook_secret,
            public_url=settings.public_url,
        ),
        firebase := FirebaseAuth(
            project=settings.google_cloud_project,
            api_key=settings.firebase_api_key,
            public_url=settings.public_url,
            emulator_host=settings.firebase_auth_emulator_host,
        ),
    )
    verifier = Verifier(
        KeyCache(parts.keys.fetch), issuer=settings.token_issuer, audience=settings.token_audience
    )
    limits = RateLimits.at(settings.redis_url)
    api = Api(verifier, limits)
    sessions = Sessions(parts.database, public_url=settings.public_url)
    site = Site(sessions, Csrf(settings.session_secret, public_url=settings.public_url))
    oauth_parts = oauth_dependencies.Dependencies(
        database=parts.database,
        keys=parts.keys,
        public_url=settings.public_url,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        current_user=sessions.current_user,
        plan_of=plans_store.plan_of,
        limits=limits,
        show_problem=site.problem,
    )
    exports = parts.exports(settings.public_url, oauth_parts, settings.session_secret)
    attempts = Attempts(parts.database)
    app = create_app(
        [
            *oauth.routes(oauth_parts, api),
            *people.routes(
                people.Dependencies(
                    database=parts.database,
                    api=api,
                    public_url=settings.public_url,
                    plan_of=_PlanOf(parts),
                    first_party=seed.FIRST_PARTY,
                    announcements=parts.announcements,
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
                    people=SignIn(parts.database, firebase, attempts, end_access=_end_all_access),
                    credentials=Credentials(
                        parts.database, firebase, end_first_party=_end_first_party
                    ),
                    announcements=parts.announcements,
                    attempts=attempts,
                    consents=Consents(oauth_parts),
                    devices=Devices(oauth_parts),
                    apps=Apps(oauth_parts),
                    grants=Grants(oauth_parts),
                    plans=PlanSummaries(parts.database, utc_now),
                    plan_desks=PlanDesks(
                        parts.database, parts.billing, parts.provider, now=utc_now
                    ),
                    family_desks=FamilyDesks(parts.database, now=utc_now),
                    privacy=PersonalData(exports, parts.erasures),
                    google=_google(settings, firebase) if settings.google_sign_in else None,
                )
            ),
        ]
    )
    app.add_middleware(CrossOrigin)
    return app


def _google(settings: ApiSettings, firebase: FirebaseAuth) -> pages.Google:
    return pages.Google(
        GoogleSignIn(firebase, f"{settings.public_url}{RETURN}"),
        Errands(settings.session_secret, public_url=settings.public_url),
    )


async def _end_all_access(session: AsyncSession, user_id: str) -> None:
    """Nobody is signed in any more, and no app has anything."""
    await sessions_of_people.end_all(session, user_id)
    await grants_given.end_all(session, user_id, utc_now())


async def _end_first_party(session: AsyncSession, user_id: str) -> None:
    await families.end_of_person(session, user_id, utc_now(), apps=seed.FIRST_PARTY)


class _PlanOf:
    """The plan that a person has now, by name."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def __call__(self, user_id: str) -> str:
        async with self._database.session() as session:
            return (await plans_store.plan_of(session, user_id, utc_now())).value
