"""What bounds and moves many flows at once: quotas, what has been created, commands on many flows."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from masterflow.db.tables.metadata import Scope, created_at, moment, tenant_table, uuid_key

# What the operator allows a client; NULL is the installation's default, 0 is no limit. All count by engagement.
client_quotas = tenant_table(
    "client_quotas",
    Column("running", Integer),
    Column("created_per_hour", Integer),
    Column("flows", Integer),
    moment("changed_at", nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("client_account_id"),
    scope=Scope.CLIENT,
    engine=True,
)

flow_counters = tenant_table(
    "flow_counters",
    Column("flows", BigInteger, nullable=False),
    moment("hour", nullable=False),
    Column("created_in_hour", Integer, nullable=False),
    PrimaryKeyConstraint("client_account_id", "engagement_id"),
    engine=True,
)

bulk_jobs = tenant_table(
    "bulk_jobs",
    uuid_key(),
    Column("command", String(20), nullable=False),
    Column("selection", JSONB, nullable=False),
    Column("reason", Text),
    Column("ordered_by", UUID(as_uuid=True), nullable=False),
    Column("ordered_by_email", String(255), nullable=False),
    Column("status", String(20), nullable=False, server_default=text("'running'")),
    Column("items", Integer, nullable=False),
    created_at(),
    moment("finished_at"),
    CheckConstraint("status IN ('running', 'done', 'cancelled')", name="status"),
    # Workers ask for jobs that have something left.
    Index("ix_bulk_jobs_running", "created_at", postgresql_where=text("status = 'running'")),
    Index("ix_bulk_jobs_over", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    Index("ix_bulk_jobs_list", "client_account_id", "engagement_id", text("created_at DESC"), text("id DESC")),
    engine=True,
)

bulk_job_items = tenant_table(
    "bulk_job_items",
    Column("job_id", UUID(as_uuid=True), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("outcome", String(20)),
    Column("detail", Text),
    moment("at"),
    PrimaryKeyConstraint("job_id", "position"),
    CheckConstraint("outcome IN ('done', 'refused', 'failed', 'cancelled')", name="outcome"),
    Index("ix_bulk_job_items_left", "job_id", "position", postgresql_where=text("outcome IS NULL")),
    engine=True,
)
