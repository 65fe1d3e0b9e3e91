"""What happens to accounts when others have erased, and when time passes."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.accounts.oauth.clean_up import clean_up
from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.parts import Parts
from functions.accounts.people.attempts import Attempts
from functions.accounts.people.firebase import FirebaseAuth
from functions.accounts.people.sessions import Sessions
from functions.accounts.plans import store as plans_store
from functions.accounts.plans import tick as plans_tick
from functions.accounts.plans.providers import provider_of
from functions.accounts.privacy import handlers as privacy_handlers
from functions.accounts.privacy import tick as privacy_tick
from functions.accounts.settings import EventsSettings
from shared.clock import utc_now
from shared.web import create_app, json_response


def create(settings: EventsSettings) -> Starlette:
    """The event handlers on their real dependencies."""
    parts = Parts(
        settings,
        provider_of(stripe_secret_key=settings.stripe_secret_key),
        FirebaseAuth(
            project=settings.google_cloud_project,
            api_key="",  # deleting a user needs our own identity and no key
            public_url=settings.public_url,
            emulator_host=settings.firebase_auth_emulator_host,
        ),
    )
    return create_app(
        [
            *privacy_handlers.routes(parts.erasures),
            Route("/tasks/tick", Tick(parts, settings).post, methods=["POST"]),
        ]
    )


class Tick:
    """`POST /tasks/tick`, every ten minutes: doing it twice does no harm."""

    def __init__(self, parts: Parts, settings: EventsSettings) -> None:
        self._parts = parts
        self._public_url = settings.public_url
        oauth = Dependencies(
            database=parts.database,
            keys=parts.keys,
            public_url=settings.public_url,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            current_user=_nobody,
            plan_of=plans_store.plan_of,
        )
        self._exports = parts.exports(settings.public_url, oauth, "")

    async def post(self, _: Request) -> Response:
        """What was done, in numbers."""
        parts = self._parts
        renewed = await plans_tick.tick(parts.database, parts.billing, now=utc_now)
        erased = await privacy_tick.tick(
            parts.erasures, self._exports, parts.database, parts.archives, now=utc_now
        )
        async with parts.database.session() as session:
            await clean_up(session, utc_now())
        await Attempts(parts.database).forget_old()
        await Sessions(parts.database, public_url=self._public_url).forget_expired()
        told = await parts.announcements.tell_put_off()
        return json_response({**renewed, **erased, "profiles_told": told})


async def _nobody(_: Request) -> None:
    return None
