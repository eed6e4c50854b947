"""Gates that ask several people, are due and expire, and every decision on them."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("DROP TABLE gate_decisions")
    connection.exec_driver_sql("DROP INDEX ix_gates_recent, ix_gates_due")
    connection.exec_driver_sql("UPDATE gates SET status = 'withdrawn' WHERE status = 'expired'")
    connection.exec_driver_sql(
        "ALTER TABLE gates DROP COLUMN approver_roles, DROP COLUMN quorum, DROP COLUMN due_at, DROP COLUMN expires_at,"
        " DROP COLUMN remind_at, DROP COLUMN remind_every, DROP COLUMN next_at, DROP CONSTRAINT ck_gates_status,"
        " ADD CONSTRAINT ck_gates_status CHECK (status IN ('open', 'approved', 'rejected', 'withdrawn'))"
    )
