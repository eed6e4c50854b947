"""Schedules, their runs, and the calendars of times in which nothing may start."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from masterflow.db.tables.metadata import created_at, moment, tenant_table, uuid_key, uuid_ref

blackout_calendars = tenant_table(
    "blackout_calendars",
    uuid_key(),
    Column("name", String(200), nullable=False),
    Column("periods", JSONB, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("changed_by", String(255), nullable=False),
    created_at(),
    Index("uq_blackout_calendars_name", "client_account_id", "engagement_id", "name", unique=True),
)

schedules = tenant_table(
    "schedules",
    uuid_key(),
    Column("name", String(200), nullable=False),
    Column("flow_type", String(50), nullable=False),
    Column("configuration", JSONB, nullable=False),
    Column("cron", String(100), nullable=False),
    Column("time_zone", String(60), nullable=False),
    Column("catch_up", String(10), nullable=False),
    Column("in_blackout", String(10), nullable=False),
    Column("may_overlap", Boolean, nullable=False),
    uuid_ref("calendar_id", "blackout_calendars.id", nullable=True),
    Column("paused_because", Text),
    Column("runs_as", UUID(as_uuid=True), nullable=False),
    Column("runs_as_email", String(255), nullable=False),
    moment("next_run_at"),
    moment("last_run_at"),
    Column("last_flow_id", UUID(as_uuid=True)),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_at(),
    CheckConstraint("catch_up IN ('skip', 'once', 'all')", name="catch_up"),
    CheckConstraint("in_blackout IN ('skip', 'defer')", name="in_blackout"),
    Index("uq_schedules_name", "client_account_id", "engagement_id", "name", unique=True),
    Index("ix_schedules_due", "next_run_at", postgresql_where=text("paused_because IS NULL")),
    engine=True,
)

schedule_runs = tenant_table(
    "schedule_runs",
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("schedule_id", UUID(as_uuid=True), nullable=False),
    moment("due_at", nullable=False),
    moment("at", nullable=False, server_default=text("clock_timestamp()")),
    Column("outcome", String(10), nullable=False),
    Column("flow_id", UUID(as_uuid=True)),
    Column("says", Text),
    PrimaryKeyConstraint("schedule_id", "id"),
    CheckConstraint("outcome IN ('started', 'passed', 'refused')", name="outcome"),
    Index("ix_schedule_runs_over", "at"),
    engine=True,
)
