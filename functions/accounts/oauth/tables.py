"""Apps, what people have granted them, and the codes and tokens that stand for a grant.

Codes, tokens and secrets are never stored: only their SHA-256.
"""

import datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from functions.accounts.database import Base


class App(Base):
    """A program that asks for tokens: OAuth's client. `id` is its client id.

    A confidential app has a secret. After a rotation the previous one holds for a while. An app in
    development may be used by its owner and by the people on its list (`AppUser`) only. `quota` is
    how many calls it may make in 30 seconds, 0 the usual number, -1 any. `first_party` apps are
    Cadenza's own, and nobody's.
    """

    __tablename__ = "apps"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    redirect_uris: Mapped[list[str]] = mapped_column(server_default="{}")
    confidential: Mapped[bool]
    first_party: Mapped[bool] = mapped_column(server_default="false")
    development: Mapped[bool] = mapped_column(server_default="true")
    quota: Mapped[int] = mapped_column(server_default="0")
    secret_hash: Mapped[str | None]
    previous_secret_hash: Mapped[str | None]
    previous_secret_until: Mapped[datetime.datetime | None]
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())


class AppUser(Base):
    """Somebody who may use an app that is in development."""

    __tablename__ = "app_users"

    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class AppUsage(Base):
    """Tokens that an app was given in a day (UTC): the sum over its slots.

    The count is spread over slots so that one busy app's requests do not wait for one row.
    """

    __tablename__ = "app_usage"

    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[datetime.date] = mapped_column(Date, primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    tokens: Mapped[int]


class Grant(Base):
    """What a person lets an app do, until one of them takes it back."""

    __tablename__ = "grants"

    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    scopes: Mapped[list[str]]
    given_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())


class PendingAuthorization(Base):
    """A valid request to `/authorize` that waits for its person's answer. `query` is its query."""

    __tablename__ = "pending_authorizations"

    id: Mapped[str] = mapped_column(primary_key=True)
    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    query: Mapped[str]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)


class TokenFamily(Base):
    """All refresh tokens that descend from one sign-in of a person to an app."""

    __tablename__ = "token_families"

    id: Mapped[str] = mapped_column(primary_key=True)
    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime.datetime | None]

    __table_args__ = (Index("token_families_by_user", "user_id", "app_id"),)


class RefreshToken(Base):
    """A refresh token. `replaced_at` is set, for good, once it has been traded for another.

    `successor_salt` and the token itself give the token that replaced it: see `refresh.py`.
    """

    __tablename__ = "refresh_tokens"

    hash: Mapped[str] = mapped_column(primary_key=True)
    family_id: Mapped[str] = mapped_column(
        ForeignKey("token_families.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    replaced_at: Mapped[datetime.datetime | None]
    successor_salt: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuthorizationCode(Base):
    """An authorization code. A used one is kept until it expires, to notice its reuse.

    `family_id` is what it was traded for.
    """

    __tablename__ = "authorization_codes"

    hash: Mapped[str] = mapped_column(primary_key=True)
    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]]
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str | None]
    code_challenge_method: Mapped[str | None]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    used_at: Mapped[datetime.datetime | None]
    family_id: Mapped[str | None] = mapped_column(
        ForeignKey("token_families.id", ondelete="SET NULL"), index=True
    )


class DeviceCode(Base):
    """A device that waits for its person. `approved` is None until the person has answered."""

    __tablename__ = "device_codes"

    hash: Mapped[str] = mapped_column(primary_key=True)
    user_code_hash: Mapped[str]
    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]]
    user_id: Mapped[str | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    approved: Mapped[bool | None]
    interval_s: Mapped[int]
    polled_at: Mapped[datetime.datetime | None]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    used_at: Mapped[datetime.datetime | None]

    __table_args__ = (UniqueConstraint("user_code_hash", name="device_codes_by_user_code"),)


class RevokedToken(Base):
    """An access token that was revoked, and belongs to no family. `jti` names it."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
