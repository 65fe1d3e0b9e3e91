"""Access tokens (RFC 9068): what they say, signed, for an hour."""

import datetime
from collections.abc import Sequence
from typing import Any

from functions.accounts.oauth.dependencies import Dependencies
from functions.accounts.oauth.subjects import Subject
from shared import ids

LIFETIME_S = 3600


async def make(
    dependencies: Dependencies,
    client_id: str,
    subject: Subject | None,
    scopes: Sequence[str],
    *,
    now: datetime.datetime,
    family_id: str | None = None,
    quota: int = 0,
    lifetime_s: int = LIFETIME_S,
) -> str:
    """A token for an app that acts for a person, or (`subject` is None) for itself.

    `family_id` says to which refresh tokens it belongs; `quota` is the app's own rate limit.
    """
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": dependencies.issuer,
        "aud": dependencies.audience,
        "sub": subject.id if subject else client_id,
        "client_id": client_id,
        "scope": " ".join(scopes),
        "plan": subject.plan.value if subject else "free",
        "country": subject.country if subject else "",
        "roles": list(subject.roles) if subject else [],
        "iat": issued_at,
        "exp": issued_at + lifetime_s,
        "jti": ids.random(),
    }
    if family_id is not None:
        claims["sid"] = family_id
    if quota:
        claims["quota"] = quota
    if subject and subject.explicit_filter:
        claims["explicit_filter"] = True
    return await dependencies.keys.sign(claims)
