"""What a token may allow: the Web API's scopes and our own, each in a sentence for its person."""

from collections.abc import Collection, Iterable

SENTENCES = {
    "app-remote-control": "Control the Cadenza app on your device.",
    "playlist-read-private": "See your private playlists.",
    "playlist-read-collaborative": "See the playlists you make with others.",
    "playlist-modify-public": "Change your public playlists.",
    "playlist-modify-private": "Change your private playlists.",
    "user-library-read": "See what you have saved.",
    "user-library-modify": "Save and remove music in your library.",
    "user-read-private": "See your country and your plan.",
    "user-read-email": "See your e-mail address.",
    "user-follow-read": "See whom you follow.",
    "user-follow-modify": "Follow and unfollow for you.",
    "user-top-read": "See the artists and tracks you play most.",
    "user-read-playback-position": "See where you stopped listening.",
    "user-read-playback-state": "See what is playing, and on which of your devices.",
    "user-read-recently-played": "See what you played lately.",
    "user-read-currently-playing": "See what you are playing now.",
    "user-modify-playback-state": "Control what plays on your devices.",
    "ugc-image-upload": "Upload pictures for your playlists.",
    "streaming": "Play music as you.",
    "upload-modify": "Upload your music, and replace it.",
    "upload-read": "See your uploads.",
}
SUPPORTED = tuple(SENTENCES)

# Nobody but these may give away what only they may do.
_UPLOADERS = frozenset({"artist", "operator"})
_FOR_UPLOADERS = frozenset({"upload-modify", "upload-read"})


def split(text: str | None) -> list[str]:
    """The scopes in a space-separated text, each once, in its order."""
    return list(dict.fromkeys((text or "").split()))


def grantable(scopes: Iterable[str], roles: Collection[str]) -> list[str]:
    """Those of `scopes` that somebody with these roles can give to an app."""
    refused = frozenset() if _UPLOADERS.intersection(roles) else _FOR_UPLOADERS
    return [scope for scope in scopes if scope in SENTENCES and scope not in refused]


def described(scopes: Iterable[str]) -> dict[str, str]:
    """Each scope with its sentence."""
    return {scope: SENTENCES[scope] for scope in scopes}
