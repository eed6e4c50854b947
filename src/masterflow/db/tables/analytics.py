"""What is counted about flows; written by the relay alone."""

from sqlalchemy import Column, Date, PrimaryKeyConstraint, String
from sqlalchemy.dialects.postgresql import JSONB

from masterflow.db.tables.metadata import moment, tenant_table

# One row an engagement: how many flows there are, by type and status. `as_of` is the newest event that is counted in.
flow_standings = tenant_table(
    "flow_standings",
    Column("by_type", JSONB, nullable=False),
    moment("as_of", nullable=False),
    PrimaryKeyConstraint("client_account_id", "engagement_id"),
    engine=True,
)

# One row a day (UTC) and flow type: throughput, durations, waits, causes of failure.
flow_days = tenant_table(
    "flow_days",
    Column("day", Date, nullable=False),
    Column("flow_type", String(50), nullable=False),
    Column("facts", JSONB, nullable=False),
    PrimaryKeyConstraint("client_account_id", "engagement_id", "day", "flow_type"),
    engine=True,
)
