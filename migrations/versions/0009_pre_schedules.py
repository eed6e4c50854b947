"""Schedules, their runs, and calendars of blackouts."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    for table in ("schedule_runs", "schedules", "blackout_calendars"):
        connection.exec_driver_sql(f"DROP TABLE {table}")
