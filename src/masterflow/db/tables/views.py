"""Filters of lists that people keep."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, String, Text

from masterflow.db.tables.metadata import created_at, tenant_table, uuid_key, uuid_ref

saved_views = tenant_table(
    "saved_views",
    uuid_key(),
    uuid_ref("user_id", "users.id", nullable=False),
    Column("made_by", String(255), nullable=False),
    Column("name", String(200), nullable=False),
    Column("page", String(60), nullable=False),
    Column("query", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    created_at(),
    CheckConstraint("length(query) <= 2000", name="query"),
    Index("uq_saved_views_name", "client_account_id", "engagement_id", "user_id", "page", "name", unique=True),
    Index("ix_saved_views_page", "client_account_id", "engagement_id", "page", "name", "id"),
)
