"""The audit trail only grows, whoever asks."""

from collections.abc import Sequence

from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_to_change_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit_events only grows' USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_events_only_grows
        BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_events()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_events_only_grows ON audit_events")
    op.execute("DROP FUNCTION refuse_to_change_audit_events")
