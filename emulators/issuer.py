"""Signs tokens for tests and for first steps, with the key that the accounts service signs with."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

LIFETIME_S = 30 * 24 * 3600
SCOPES = (
    "playlist-modify-private",
    "playlist-modify-public",
    "playlist-read-collaborative",
    "playlist-read-private",
    "streaming",
    "ugc-image-upload",
    "upload-modify",
    "upload-read",
    "user-follow-modify",
    "user-follow-read",
    "user-library-modify",
    "user-library-read",
    "user-modify-playback-state",
    "user-read-currently-playing",
    "user-read-playback-position",
    "user-read-playback-state",
    "user-read-recently-played",
    "user-top-read",
)
ROLES = ("listener", "artist")
USER = "demo"


@dataclass(frozen=True)
class DevIssuer:
    """Nobody signed in for its tokens; otherwise they are as the accounts service's own."""

    key: ECKey
    issuer: str
    audience: str

    @classmethod
    def from_file(cls, path: Path, *, issuer: str, audience: str) -> "DevIssuer":
        """`path` holds what the accounts service is given: the first key signs."""
        signing, *_ = json.loads(path.read_text())["keys"]
        key = ECKey.import_key(signing["pem"], {"kid": signing["kid"]})
        return cls(key, issuer, audience)

    def token(
        self,
        *,
        subject: str = USER,
        scopes: tuple[str, ...] = SCOPES,
        lifetime_s: int = LIFETIME_S,
        roles: tuple[str, ...] = ROLES,
        plan: str = "premium",
        country: str = "",
    ) -> str:
        """A signed access token."""
        now = int(time.time())
        return jwt.encode(
            {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid},
            {
                "iss": self.issuer,
                "aud": self.audience,
                "sub": subject,
                "client_id": "cadenza-dev",
                "scope": " ".join(scopes),
                "plan": plan,
                "country": country,
                "roles": list(roles),
                "iat": now,
                "exp": now + lifetime_s,
            },
            self.key,
        )
