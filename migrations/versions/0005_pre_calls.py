"""Who commanded what, which nobody can change, and the answers that a repeated call gets again."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("DROP TABLE idempotency_keys, audit_log")
    connection.exec_driver_sql("DROP FUNCTION refuse_change()")
