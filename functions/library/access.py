"""Who may see and change a playlist: by whose it is, and by what the app was allowed."""

from functions.library.model import Playlist
from shared.errors import Forbidden, NotFound
from shared.tokens import Caller

MODIFY_PUBLIC = "playlist-modify-public"
MODIFY_PRIVATE = "playlist-modify-private"
READ_PRIVATE = "playlist-read-private"
READ_COLLABORATIVE = "playlist-read-collaborative"
MODIFY = (MODIFY_PUBLIC, MODIFY_PRIVATE)


def check_sees(caller: Caller, playlist: Playlist) -> None:
    """Raises `NotFound` for what is not for the caller, `Forbidden` for what is not for the app."""
    if not playlist.shows_to(caller.subject):
        raise NotFound("Resource not found")
    if playlist.public or READ_PRIVATE in caller.scopes:
        return
    if playlist.collaborative and READ_COLLABORATIVE in caller.scopes:
        return
    raise Forbidden(f"Insufficient client scope: needs {READ_PRIVATE}")


def check_edits(caller: Caller, playlist: Playlist) -> None:
    """Raises as `check_sees` does."""
    if not playlist.shows_to(caller.subject):
        raise NotFound("Resource not found")
    if not playlist.takes_items_of(caller.subject):
        raise Forbidden("You cannot change the items of a playlist that you do not own")
    check_modifies(caller, public=playlist.public)


def check_owns(caller: Caller, playlist: Playlist) -> None:
    """Raises as `check_sees` does."""
    if not playlist.shows_to(caller.subject):
        raise NotFound("Resource not found")
    if playlist.owner != caller.subject:
        raise Forbidden("You cannot change a playlist that you do not own")
    check_modifies(caller, public=playlist.public)


def check_modifies(caller: Caller, *, public: bool) -> None:
    needed = MODIFY_PUBLIC if public else MODIFY_PRIVATE
    if needed not in caller.scopes:
        raise Forbidden(f"Insufficient client scope: needs {needed}")
