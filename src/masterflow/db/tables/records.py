"""What flow types hand to each other: assessments and plans."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from masterflow.db.tables.metadata import created_at, tenant_table, uuid_key, uuid_ref

assessments = tenant_table(
    "assessments",
    uuid_key(),
    uuid_ref("flow_id", nullable=False),
    Column("assessed_on", Date, nullable=False),
    Column("move_date", Date, nullable=False),
    Column("target", String(60), nullable=False),
    Column("risks", JSONB, nullable=False),
    created_at(),
    Index("ix_assessments_latest", "client_account_id", "engagement_id", text("created_at DESC")),
)

assessment_servers = tenant_table(
    "assessment_servers",
    uuid_ref("assessment_id", "assessments.id", nullable=False),
    uuid_ref("asset_id", nullable=False),
    Column("name", Text, nullable=False),
    Column("support_today", String(20), nullable=False),
    Column("support_at_move", String(20), nullable=False),
    Column("readiness", String(30), nullable=False),
    Column("details", JSONB, nullable=False),
    PrimaryKeyConstraint("assessment_id", "asset_id"),
)

assessment_recommendations = tenant_table(
    "assessment_recommendations",
    uuid_ref("assessment_id", "assessments.id", nullable=False),
    uuid_ref("subject_id", nullable=False),
    Column("subject_name", Text, nullable=False),
    Column("is_application", Boolean, nullable=False),
    Column("strategy", String(20), nullable=False),
    Column("rule_strategy", String(20), nullable=False),
    Column("details", JSONB, nullable=False),
    PrimaryKeyConstraint("assessment_id", "subject_id"),
)

plans = tenant_table(
    "plans",
    uuid_key(),
    uuid_ref("flow_id", nullable=False),
    uuid_ref("assessment_id", nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("objective", Float),
    Column("bound", Float),
    Column("seconds", Float, nullable=False),
    Column("remarks", JSONB, nullable=False),
    created_at(),
    Index("uq_plans_version", "client_account_id", "engagement_id", "version", unique=True),
)

waves = tenant_table(
    "waves",
    uuid_ref("plan_id", "plans.id", nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("details", JSONB, nullable=False),
    PrimaryKeyConstraint("plan_id", "number"),
)

wave_items = tenant_table(
    "wave_items",
    uuid_ref("plan_id", "plans.id", nullable=False),
    uuid_ref("subject_id", nullable=False),
    Column("wave", SmallInteger, nullable=False),
    Column("subject_name", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    PrimaryKeyConstraint("plan_id", "subject_id"),
)
