"""Sign-in with Google, exports that are taken up again, names to tell of, tokens revoked alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("google_linked_at", _TIME, nullable=True))
    op.add_column("exports", sa.Column("taken_at", _TIME, nullable=True))
    op.add_column(
        "exports", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        "exports_to_make",
        "exports",
        ["created_at"],
        postgresql_where=sa.text("ready_at IS NULL"),
    )
    op.create_table(
        "profile_changes",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_index(op.f("ix_profile_changes_changed_at"), "profile_changes", ["changed_at"])
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("jti"),
    )
    op.create_index(op.f("ix_revoked_tokens_expires_at"), "revoked_tokens", ["expires_at"])
    # Those who are here already are told of, too.
    op.execute("INSERT INTO profile_changes SELECT id, now() FROM users WHERE erased_at IS NULL")


def downgrade() -> None:
    op.drop_table("revoked_tokens")
    op.drop_table("profile_changes")
    op.drop_index("exports_to_make", "exports")
    op.drop_column("exports", "attempts")
    op.drop_column("exports", "taken_at")
    op.drop_column("users", "google_linked_at")
