"""What people may say of themselves, and the objects that say it of them."""

import unicodedata

import msgspec

from functions.accounts.people import countries
from functions.accounts.people.tables import User
from shared.errors import BadRequest

MOST_NAME = 50

# Control, unassigned, private and surrogate characters; of format characters (which can turn a
# text's direction, or hide) only the joiner that emoji need.
_REFUSED = {"Cc", "Cf", "Cn", "Co", "Cs"}
_JOINER = "\u200d"


class InvalidName(BadRequest):
    """A display name that cannot be; the message says why."""


class InvalidCountry(BadRequest):
    """Not a country's code."""

    def __init__(self) -> None:
        super().__init__("Invalid country: choose one by its two-letter code (ISO 3166-1)")


class ExplicitContent(msgspec.Struct, frozen=True):
    """`filter_enabled` hides explicit content; `filter_locked` says that it cannot be changed."""

    filter_enabled: bool
    filter_locked: bool = False


class ProfileChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `PUT /v1/me`. What is left out stays as it is."""

    display_name: str | None = None
    country: str | None = None
    explicit_content: ExplicitContent | None = None


class ExternalUrls(msgspec.Struct, frozen=True):
    spotify: str


class Followers(msgspec.Struct, frozen=True):
    href: str | None = None
    total: int = 0


class PublicUserObject(msgspec.Struct, frozen=True, kw_only=True):
    """A person as everybody sees them."""

    display_name: str | None
    external_urls: ExternalUrls
    followers: Followers = Followers()
    href: str
    id: str
    images: list[str] = []
    type: str = "user"
    uri: str


class PrivateUserObject(PublicUserObject, frozen=True, kw_only=True):
    """A person as an app sees them that they let in. Unset is what its scopes do not cover."""

    account_id: str
    country: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    explicit_content: ExplicitContent | msgspec.UnsetType = msgspec.UNSET
    product: str | msgspec.UnsetType = msgspec.UNSET


class Profiles:
    """Makes the objects; their links lead to this deployment."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def public(self, user: User) -> PublicUserObject:
        return PublicUserObject(
            display_name=user.display_name or None,
            external_urls=ExternalUrls(f"{self._public_url}/user/{user.id}"),
            href=f"{self._public_url}/v1/users/{user.id}",
            id=user.id,
            uri=f"spotify:user:{user.id}",
        )

    def private(self, user: User, *, scopes: frozenset[str], plan: str) -> PrivateUserObject:
        public = msgspec.structs.asdict(self.public(user))
        is_private = "user-read-private" in scopes
        return PrivateUserObject(
            **public,
            account_id=user.id,
            country=user.country if is_private else msgspec.UNSET,
            email=(user.email or "") if "user-read-email" in scopes else msgspec.UNSET,
            explicit_content=(
                ExplicitContent(filter_enabled=not user.explicit_content_allowed)
                if is_private
                else msgspec.UNSET
            ),
            product=product_of(plan) if is_private else msgspec.UNSET,
        )


def product_of(plan: str) -> str:
    """The plan in the Web API's words, in which whoever pays has "premium"."""
    return "free" if plan == "free" else "premium"


def check_name(text: str) -> str:
    """A display name as it is kept; raises `InvalidName`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InvalidName("Enter a name")
    if len(name) > MOST_NAME:
        raise InvalidName(f"A name has at most {MOST_NAME} characters")
    if any(unicodedata.category(each) in _REFUSED and each != _JOINER for each in name):
        raise InvalidName("The name has characters that cannot be shown")
    return name


def name_of(text: str) -> str:
    """A name that somebody else gave a person, as far as it can be kept; else ""."""
    try:
        return check_name(text[:MOST_NAME])
    except InvalidName:
        return ""


def check_country(text: str) -> str:
    """A country's code; raises `InvalidCountry`."""
    if text not in countries.NAMES:
        raise InvalidCountry
    return text
