"""People, their sessions, and their attempts to sign in."""

import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from functions.accounts.database import Base


class User(Base):
    """A person. Firebase Auth holds the password; `firebase_uid` is the person's id there.

    `email` is stored as it was given and unique without regard to case. `google_linked_at` is when
    the person first signed in with Google. Once a person has been erased, only `id` and
    `erased_at` are left.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    firebase_uid: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None]
    display_name: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str] = mapped_column(server_default="")
    explicit_content_allowed: Mapped[bool] = mapped_column(server_default="true")
    roles: Mapped[list[str]] = mapped_column(server_default="{listener}")
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    erased_at: Mapped[datetime.datetime | None]
    google_linked_at: Mapped[datetime.datetime | None]

    __table_args__ = (Index("users_by_email", text("lower(email)"), unique=True),)


class SessionRow(Base):
    """A browser that is signed in. `id_hash` is the SHA-256 of the id in its cookie, in hex.

    A session that was rotated leaves its old row behind for a moment (`replaced`), for requests
    that were under way with the old cookie.
    """

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime.datetime]
    rotated_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    user_agent: Mapped[str]
    replaced: Mapped[bool] = mapped_column(server_default="false")


class SignInAttempt(Base):
    """One try at a door (sign-in, sign-up, a password's reset) that has not turned out well.

    `key` is what is counted: the hash of an e-mail address or of a network address.
    """

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime.datetime]

    __table_args__ = (Index("sign_in_attempts_by_key", "key", "at"),)


class ProfileChange(Base):
    """A sign-up or a new name that others have not been told of yet. Written with the change."""

    __tablename__ = "profile_changes"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    changed_at: Mapped[datetime.datetime] = mapped_column(index=True)
