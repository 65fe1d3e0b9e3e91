"""Which path goes to which backend: the platform's public surface, first match first."""

from dataclasses import dataclass
from typing import Any

IMAGES = "images"
MEDIA = "media"
WEB = "web"
DOCS = "docs"

# The player's pages: one document, which then shows what the address names.
PAGE = "/index.html"
PAGES = (
    "/",
    "/callback",
    "/search",
    "/search/**",
    "/album/*",
    "/artist/*",
    "/track/*",
    "/playlist/*",
    "/mix/*",
    "/user/*",
    "/collection",
    "/collection/**",
    "/queue",
    "/now-playing",
    "/devices",
    "/downloads",
    "/settings",
    "/studio",
    "/studio/**",
)


@dataclass(frozen=True)
class Route:
    """A backend, which is a unit or a bucket, and the paths it answers.

    With `rewrite` the backend is asked for that path, whichever of `templates` it was.
    """

    backend: str
    exact: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    rewrite: str = ""

    def match_rules(self) -> list[Any]:
        """As `match_rules` of a route rule: any one of them is enough."""
        return [
            *({"full_path_match": path} for path in self.exact),
            *({"prefix_match": path} for path in self.prefixes),
            *({"path_template_match": path} for path in self.templates),
        ]


# What a person may save or follow.
_SAVED = (
    "tracks", "albums", "following", "playlists", "library", "shows", "episodes", "audiobooks",
)  # fmt: skip

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
    Route("playback-push", exact=("/v1/me/player/events",)),
    Route(
        "playback-api",
        exact=("/v1/licence", "/v1/plays", "/v1/me/player", "/v1/me/devices"),
        prefixes=("/v1/plays/", "/v1/me/player/", "/v1/me/top/", "/v1/me/devices/"),
        templates=("/v1/tracks/*/stream",),
    ),
    Route(
        "library-api",
        exact=(
            *(f"/v1/me/{kind}" for kind in _SAVED),
            "/v1/playlists",
            "/v1/browse/featured-playlists",
        ),
        prefixes=(
            *(f"/v1/me/{kind}/" for kind in _SAVED),
            "/v1/playlists/",
            "/v1/browse/featured-playlists/",
        ),
        templates=("/v1/users/*/playlists", "/v1/browse/categories/*/playlists"),
    ),
    Route(
        "recommendations-api",
        exact=("/v1/me/mixes", "/v1/me/feedback"),
        prefixes=("/v1/me/mixes/", "/v1/radio/"),
    ),
    Route("search-api", exact=("/v1/search",)),
    Route("media-api", exact=("/v1/uploads",), prefixes=("/v1/uploads/",)),
    # The catalogue, and what no unit knows: it answers 404 in the API's own form.
    Route("catalog-api", prefixes=("/v1/",)),
    Route(MEDIA, prefixes=("/media/",)),
    Route(IMAGES, prefixes=("/images/",)),
    Route(
        WEB,
        exact=(
            "/openapi.json",
            "/manifest.webmanifest",
            "/sw.js",
            "/icon.svg",
            "/icon-192.png",
            "/icon-512.png",
            "/icon-maskable-512.png",
        ),
        prefixes=("/assets/web/",),
    ),
    Route(DOCS, prefixes=("/docs/",)),
    Route(DOCS, templates=("/docs",), rewrite="/docs/index.html"),
    Route(WEB, templates=PAGES, rewrite=PAGE),
)

# Everything else is a stranger looking for a door: the images bucket holds nothing outside
# /images/ and answers 404 from the cache, without waking any code.
DEFAULT_BACKEND = IMAGES
