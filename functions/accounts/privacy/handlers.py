"""`person-erased-here`: an owner has erased what it held."""

from starlette.routing import Route

from functions.accounts.privacy.erasures import Erasures
from shared.events import PersonErasedHere
from shared.messaging import on


def routes(erasures: Erasures) -> list[Route]:
    """The routes that Pub/Sub pushes to."""

    async def confirmed(event: PersonErasedHere) -> None:
        await erasures.confirm(event.user_id, event.service)

    return [on("person-erased-here", PersonErasedHere, confirmed)]
