"""What people decide of contradicting sources: which machine a conflict is about, and the decisions kept."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("DROP TABLE conflict_decisions")
    connection.exec_driver_sql(
        "ALTER TABLE conflicts DROP COLUMN asset_id, DROP COLUMN decided_by, DROP COLUMN decided_at"
    )
