"""The journal of payments only grows, whoever asks."""

from collections.abc import Sequence

from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_to_change_payments() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'payments only grow' USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER payments_only_grow
        BEFORE UPDATE OR DELETE OR TRUNCATE ON payments
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_payments()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER payments_only_grow ON payments")
    op.execute("DROP FUNCTION refuse_to_change_payments")
