"""What is kept of calls: who commanded what, and the answers that a repeated call gets again."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from masterflow.db.tables.metadata import Scope, moment, tenant_table, uuid_key, uuid_ref

_NEWEST_FIRST = (text("at DESC"), text("id DESC"))

# Append-only: the roles may only insert, and a trigger refuses the owner too. `engagement_id` is null for what an
# operator did to the client as a whole.
audit_log = tenant_table(
    "audit_log",
    uuid_key(),
    uuid_ref("engagement_id", nullable=True),
    moment("at", nullable=False, server_default=text("clock_timestamp()")),
    uuid_ref("user_id", nullable=True),
    Column("actor", String(255), nullable=False),
    Column("through", String(80), nullable=False),
    Column("action", String(120), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("code", String(80)),
    Column("message", Text),
    Column("flow_id", UUID(as_uuid=True)),
    Column("detail", JSONB, nullable=False),
    CheckConstraint("outcome IN ('done', 'refused')", name="outcome"),
    CheckConstraint("(outcome = 'refused') = (code IS NOT NULL)", name="code"),
    Index("ix_audit_log_recent", "client_account_id", "engagement_id", *_NEWEST_FIRST),
    Index("ix_audit_log_actor", "client_account_id", "engagement_id", "actor", *_NEWEST_FIRST),
    Index("ix_audit_log_action", "client_account_id", "engagement_id", "action", *_NEWEST_FIRST),
    Index(
        "ix_audit_log_flow",
        "client_account_id",
        "engagement_id",
        "flow_id",
        *_NEWEST_FIRST,
        postgresql_where=text("flow_id IS NOT NULL"),
    ),
    Index(
        "ix_audit_log_refused",
        "client_account_id",
        "engagement_id",
        *_NEWEST_FIRST,
        postgresql_where=text("outcome = 'refused'"),
    ),
    scope=Scope.CLIENT,
)

# `key_hash` covers client, engagement, user and key; the key itself, which opens `body`, is not kept.
idempotency_keys = tenant_table(
    "idempotency_keys",
    Column("key_hash", LargeBinary(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    moment("created_at", nullable=False, server_default=text("clock_timestamp()")),
    moment("expires_at", nullable=False),
    Index("ix_idempotency_keys_expiry", "expires_at"),
    engine=True,
)
