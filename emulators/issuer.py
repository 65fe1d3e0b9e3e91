"""Stands in for the accounts service: signs development tokens, and publishes the public key.

Services verify these tokens as they will verify real ones: ES256, by the keys at the JWKS address.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from emulators.state import write_private

JWKS_PATH = "/.well-known/jwks.json"
LIFETIME_S = 30 * 24 * 3600
SCOPES = ("streaming", "upload-modify", "upload-read")
USER = "demo"


@dataclass(frozen=True)
class DevIssuer:
    """Signs with a key that stays the same as long as the state folder lives."""

    key: ECKey
    issuer: str
    audience: str

    @classmethod
    def from_folder(cls, folder: Path, *, issuer: str, audience: str) -> "DevIssuer":
        path = folder / "dev-issuer-key.json"
        if not path.exists():
            fresh = ECKey.generate_key("P-256", auto_kid=True)
            write_private(path, json.dumps(fresh.as_dict(private=True)))
        return cls(ECKey.import_key(json.loads(path.read_text())), issuer, audience)

    def jwks(self) -> dict[str, Any]:
        public = {**self.key.as_dict(private=False), "use": "sig", "alg": "ES256"}
        return {"keys": [public]}

    def token(
        self,
        *,
        subject: str = USER,
        scopes: tuple[str, ...] = SCOPES,
        lifetime_s: int = LIFETIME_S,
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
                "iat": now,
                "exp": now + lifetime_s,
            },
            self.key,
        )
