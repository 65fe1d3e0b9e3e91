"""Which path goes to which backend: the platform's public surface, first match first."""

from dataclasses import dataclass
from typing import Any

IMAGES = "images"
MEDIA = "media"


@dataclass(frozen=True)
class Route:
    """A backend, which is a unit or a bucket, and the paths it answers."""

    backend: str
    exact: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()

    def match_rules(self) -> list[Any]:
        """As `match_rules` of a route rule: any one of them is enough."""
        return [
            *({"full_path_match": path} for path in self.exact),
            *({"prefix_match": path} for path in self.prefixes),
            *({"path_template_match": path} for path in self.templates),
        ]


ROUTES = (
    # Of /v1/me only these: what a person saved and listens to belongs to others.
    Route(
        "accounts-api",
        exact=(
            "/authorize",
            "/api/token",
            "/signup",
            "/signin",
            "/signout",
            "/consent",
            "/device",
            "/account",
            "/v1/me",
            # spotipy asks with the slash.
            "/v1/me/",
            "/v1/me/apps",
            "/v1/me/plan",
            "/v1/me/family",
            "/v1/me/export",
            "/v1/me/roles",
            "/webhooks/stripe",
        ),
        prefixes=(
            "/oauth/",
            "/.well-known/",
            "/account/",
            "/assets/accounts/",
            "/v1/me/apps/",
            "/v1/me/plan/",
            "/v1/me/family/",
            "/v1/me/export/",
        ),
        templates=("/v1/users/*",),
    ),
    Route("playback-api", exact=("/v1/licence",), templates=("/v1/tracks/*/stream",)),
    Route("media-api", exact=("/v1/uploads",), prefixes=("/v1/uploads/",)),
    # The catalogue, and what no unit knows: it answers 404 in the API's own form.
    Route("catalog-api", prefixes=("/v1/",)),
    Route(MEDIA, prefixes=("/media/",)),
    Route(IMAGES, prefixes=("/images/",)),
)

# Everything else is a stranger looking for a door: the images bucket holds nothing outside
# /images/ and answers 404 from the cache, without waking any code.
DEFAULT_BACKEND = IMAGES
