"""Files that phases made; the bytes lie in the file store under their hash."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, SmallInteger, String
from sqlalchemy.dialects.postgresql import UUID

from masterflow.db.tables.metadata import created_at, tenant_table

artifacts = tenant_table(
    "artifacts",
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("iteration", SmallInteger, nullable=False),
    Column("phase", String(60), nullable=False),
    Column("name", String(255), nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    created_at(),
    PrimaryKeyConstraint("engagement_id", "id"),
    Index("ix_artifacts_flow", "engagement_id", "flow_id", "iteration", "phase", "name"),
)
