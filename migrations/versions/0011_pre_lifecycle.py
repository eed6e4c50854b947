"""Quotas, commands on many flows, workers lost in a phase, and the id that ties a failure to its request."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("DROP TABLE bulk_job_items, bulk_jobs, flow_counters, client_quotas")
    connection.exec_driver_sql(
        "ALTER TABLE crewai_flow_state_extensions DROP COLUMN losses, DROP COLUMN run_after, DROP COLUMN correlation_id"
    )
