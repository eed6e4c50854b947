"""Who is told of events over HTTP, and what became of each telling."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from masterflow.db.tables.metadata import created_at, moment, tenant_table, uuid_key

webhooks = tenant_table(
    "webhooks",
    uuid_key(),
    Column("url", Text, nullable=False),
    Column("description", String(200), nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("flow_types", ARRAY(Text), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    moment("previous_until"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("paused_because", Text),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("created_by", String(255), nullable=False),
    created_at(),
    Index("ix_webhooks_active", "id", postgresql_where=text("active")),
    Index("ix_webhooks_tenant", "client_account_id", "engagement_id"),
    engine=True,
)

webhook_deliveries = tenant_table(
    "webhook_deliveries",
    uuid_key(),
    Column("webhook_id", UUID(as_uuid=True), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", BigInteger),
    Column("kind", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(20), nullable=False, server_default=text("'pending'")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    moment("next_at", nullable=False, server_default=text("clock_timestamp()")),
    Column("status_code", Integer),
    Column("error", Text),
    Column("response", Text),
    Column("duration_ms", Integer),
    moment("created_at", nullable=False, server_default=text("clock_timestamp()")),
    moment("ended_at"),
    CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
    Index("uq_webhook_deliveries_event", "webhook_id", "event_id", unique=True),
    # One range for each webhook: what waits for one that is paused, or for a slow one, is not read for the others.
    Index("ix_webhook_deliveries_due", "webhook_id", "next_at", "event_id", postgresql_where=text("state = 'pending'")),
    Index("ix_webhook_deliveries_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    Index("ix_webhook_deliveries_list", "webhook_id", text("created_at DESC"), text("id DESC")),
    engine=True,
)
