"""How far the relay has passed events on, and what it could not."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, String, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from masterflow.db.tables.metadata import Scope, metadata, moment

relay_positions = Table(
    "relay_positions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("holes", JSONB, nullable=False),
    moment("updated_at", nullable=False, server_default=text("now()")),
    info={"scope": Scope.NONE, "engine": True},
)

relay_failures = Table(
    "relay_failures",
    metadata,
    Column("event_id", BigInteger, nullable=False),
    Column("fold", String(100), nullable=False),
    Column("error", Text, nullable=False),
    moment("at", nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("event_id", "fold"),
    Index("ix_relay_failures_over", "at"),
    info={"scope": Scope.NONE, "engine": True},
)
