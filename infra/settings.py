"""The stack's settings, typed and validated: read once, before anything is declared."""

import re
from dataclasses import dataclass
from enum import Enum

import pulumi

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]{1,2}")
_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")

# Where a multi-region database and a dual-region bucket of a continent can lie.
_FIRESTORE_OF_CONTINENT = {"us": "nam5", "europe": "eur3"}
_BUCKETS_OF_CONTINENT = {"us": "US", "europe": "EU", "asia": "ASIA"}


class InvalidSettings(Exception):
    """A setting of the stack is missing or wrong; the message names it."""


class Profile(str, Enum):
    """How large the deployment is; see docs/decisions/0002."""

    lite = "lite"
    global_ = "global"


class Signing(str, Enum):
    """Where the keys lie that sign access tokens; see docs/decisions/0015."""

    secret_manager = "secret_manager"  # noqa: S105  # a place
    kms = "kms"


@dataclass(frozen=True)
class Settings:
    """What a stack is declared from.

    `regions` holds the primary region first; only the `global` profile has others. Tokens are
    signed with the key of `signing_key_generation`, and hold with the one before it, too. Models
    are trained on up to `model_slots` slots of BigQuery, which are paid for while they are in use;
    with 0 there are none, and recommendations go by sound and by popularity alone.
    """

    project: str
    regions: tuple[str, ...]
    profile: Profile
    domain: str
    public_url: str
    protect: bool
    firestore_location: str
    token_issuer: str
    token_audience: str
    jwks_url: str
    log_level: str
    storage_url: str = "https://storage.googleapis.com"
    signing: Signing = Signing.secret_manager
    signing_key_generation: int = 1
    google_client_id: str = ""
    google_client_secret: pulumi.Output[str] | None = None
    stripe_secret_key: pulumi.Output[str] | None = None
    stripe_webhook_secret: pulumi.Output[str] | None = None
    model_slots: int = 0

    def __post_init__(self) -> None:
        _match(_PROJECT, "gcp:project", self.project)
        _match(_DOMAIN, "domain", self.domain)
        _match(_URL, "public_url", self.public_url)
        _match(_URL, "storage_url", self.storage_url)
        for region in self.regions:
            _match(_REGION, "regions", region)
        if len(set(self.regions)) != len(self.regions):
            raise InvalidSettings("regions: each region only once")
        if self.is_global and len(self.regions) < 2:
            raise InvalidSettings("regions: the global profile needs two or more")
        if not self.is_global and len(self.regions) != 1:
            raise InvalidSettings("regions: the lite profile has one, gcp:region")
        if self.is_global and _continent(self.regions[0]) != _continent(self.regions[1]):
            raise InvalidSettings("regions: the first two hold the data, so one continent")
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise InvalidSettings(f"log_level: {self.log_level!r} is no level")
        if self.signing_key_generation < 1:
            raise InvalidSettings("signing_key_generation: 1 or more")
        if bool(self.google_client_id) != (self.google_client_secret is not None):
            raise InvalidSettings("google_client_id: goes with google_client_secret")
        if (self.stripe_secret_key is None) != (self.stripe_webhook_secret is None):
            raise InvalidSettings("stripe_secret_key: goes with stripe_webhook_secret")
        _check_slots(self.model_slots)

    @property
    def is_global(self) -> bool:
        return self.profile is Profile.global_

    @property
    def region(self) -> str:
        """The primary region: event handlers, jobs, images and function sources live here."""
        return self.regions[0]

    @property
    def bucket_location(self) -> str:
        """The region, or the continent within which `bucket_regions` names two."""
        if not self.is_global:
            return self.region
        return _of_continent(_BUCKETS_OF_CONTINENT, self.region, "regions")

    @property
    def warehouse_location(self) -> str:
        """BigQuery spreads over two continents as a whole; elsewhere it lies in a region."""
        return self.bucket_location if self.bucket_location in {"EU", "US"} else self.region

    @property
    def bucket_regions(self) -> tuple[str, ...]:
        """The two regions of a dual-region bucket, or none."""
        return self.regions[:2] if self.is_global else ()


def read_settings() -> Settings:
    """The settings of the stack that is being deployed."""
    gcp, own = pulumi.Config("gcp"), pulumi.Config()
    region = gcp.require("region")
    profile = _profile(own.get("profile", "lite"))
    domain = own.require("domain")
    public_url = own.get("public_url", f"https://{domain}")
    regions = own.get_object("regions") or [region]
    if not isinstance(regions, list) or regions[0] != region:
        raise InvalidSettings("regions: a list that begins with gcp:region")
    firestore = own.get("firestore_location") or _firestore_location(profile, region)
    return Settings(
        project=gcp.require("project"),
        regions=tuple(regions),
        profile=profile,
        domain=domain,
        public_url=public_url,
        protect=own.get_bool("protect", False),
        firestore_location=firestore,
        token_issuer=own.get("token_issuer", public_url),
        token_audience=own.get("token_audience", public_url),
        jwks_url=own.get("jwks_url", f"{public_url}/.well-known/jwks.json"),
        log_level=own.get("log_level", "INFO"),
        storage_url=own.get("storage_url", "https://storage.googleapis.com"),
        signing=_signing(own.get("signing", Signing.secret_manager.value)),
        signing_key_generation=own.get_int("signing_key_generation", 1),
        google_client_id=own.get("google_client_id", ""),
        google_client_secret=own.get_secret("google_client_secret"),
        stripe_secret_key=own.get_secret("stripe_secret_key"),
        stripe_webhook_secret=own.get_secret("stripe_webhook_secret"),
        model_slots=own.get_int("model_slots", 0),
    )


def _profile(name: str) -> Profile:
    try:
        return Profile(name)
    except ValueError:
        raise InvalidSettings(f"profile: {name!r} is neither lite nor global") from None


def _signing(name: str) -> Signing:
    try:
        return Signing(name)
    except ValueError:
        raise InvalidSettings(f"signing: {name!r} is neither secret_manager nor kms") from None


def _firestore_location(profile: Profile, region: str) -> str:
    if profile is Profile.lite:
        return region
    return _of_continent(_FIRESTORE_OF_CONTINENT, region, "firestore_location")


def _continent(region: str) -> str:
    return region.partition("-")[0]


def _of_continent(places: dict[str, str], region: str, setting: str) -> str:
    try:
        return places[_continent(region)]
    except KeyError:
        raise InvalidSettings(f"{setting}: nothing is known that fits {region}") from None


def _check_slots(slots: int) -> None:
    if slots < 0 or slots % 50:
        raise InvalidSettings("model_slots: a multiple of 50")


def _match(pattern: re.Pattern[str], setting: str, value: str) -> None:
    if not pattern.fullmatch(value):
        raise InvalidSettings(f"{setting}: {value!r} is not valid")
