"""Is it still you? Asked before what cannot be undone: a browser left open is not enough."""

from starlette.requests import Request

from functions.accounts.pages.site import Site
from functions.accounts.people.attempts import address_of
from functions.accounts.people.sign_in import SignIn
from functions.accounts.people.tables import User
from shared.errors import ApiError


class Proof:
    """The password; or, for whoever signs in with Google, having done so a moment ago."""

    def __init__(self, site: Site, people: SignIn) -> None:
        self._site = site
        self._people = people

    async def is_given(self, request: Request, user: User) -> bool:
        """Whether the browser has proved it already."""
        return user.google_linked_at is not None and await self._site.sessions.is_fresh(request)

    async def problem(
        self, request: Request, user: User, form: dict[str, str]
    ) -> tuple[str, ApiError] | None:
        """What is wrong, in words for the field and as it was raised; None if nothing is."""
        if await self.is_given(request, user):
            return None
        try:
            await self._people.sign_in(
                user.email or "", form.get("password", ""), address=address_of(request)
            )
        except ApiError as error:
            return ("The password is wrong" if error.status == 401 else error.message), error
        return None
