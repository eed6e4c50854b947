"""Counters of flows, and indexes by which an engagement's lists read no rows of others."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
UNDO = (
    "DROP TABLE flow_days",
    "DROP TABLE flow_standings",
    "DROP STATISTICS st_flows_tenant",
    "ALTER TABLE crewai_flow_state_extensions ALTER COLUMN client_account_id RESET (n_distinct)",
    "DROP INDEX ix_flows_list, ix_flows_recent",
    (
        "CREATE INDEX ix_flows_list ON crewai_flow_state_extensions "
        "(client_account_id, flow_status, status_changed_at DESC, flow_id DESC)"
    ),
    "CREATE INDEX ix_flows_dashboard ON crewai_flow_state_extensions (client_account_id, flow_type, flow_status)",
    (
        "CREATE INDEX ix_flows_recent ON crewai_flow_state_extensions "
        "(client_account_id, status_changed_at DESC, flow_id DESC)"
    ),
    "ALTER TABLE crewai_flow_state_extensions ALTER COLUMN last_error SET STORAGE EXTENDED",
)


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SQL)


def downgrade() -> None:
    for statement in UNDO:
        op.get_bind().exec_driver_sql(statement)
