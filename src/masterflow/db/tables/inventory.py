"""Imports with their raw rows, and the estate that is built from them.

Keys of the estate begin with the engagement: ids are derived from what a machine is recognised by, so two tenants may
name the same machine and must not learn of each other through a unique key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from masterflow.db.tables.metadata import Scope, created_at, moment, tenant_table, uuid_key

imports = tenant_table(
    "imports",
    uuid_key(),
    Column("file_name", String(255), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("status", String(20), nullable=False),
    Column("format", String(60)),
    Column("profile", JSONB),
    Column("problem", JSONB),
    Column("mapping", JSONB),
    Column("uploaded_by", String(255), nullable=False),
    created_at(),
    moment("read_at"),
    moment("published_at"),
    Column("published_by_flow", UUID(as_uuid=True)),
    moment("replaced_at"),
    CheckConstraint("status IN ('uploaded', 'read', 'unreadable')", name="status"),
    Index("uq_imports_content", "engagement_id", "sha256", "file_name", unique=True),
    Index("ix_imports_list", "client_account_id", "engagement_id", text("created_at DESC"), text("id DESC")),
)

import_rows = tenant_table(
    "import_rows",
    Column("import_id", UUID(as_uuid=True), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("cells", JSONB, nullable=False),
    PrimaryKeyConstraint("import_id", "sheet", "position"),
)

import_rejects = tenant_table(
    "import_rejects",
    Column("import_id", UUID(as_uuid=True), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("sheet", Text),
    Column("row_number", Integer),
    Column("column_name", Text),
    Column("code", String(60), nullable=False),
    Column("message", Text, nullable=False),
    Column("value", Text),
    PrimaryKeyConstraint("import_id", "stage", "position"),
    CheckConstraint("stage IN ('reading', 'cleansing')", name="stage"),
)

# What people approved a header to mean, in any engagement of the client; `field` '' stands for an attribute.
# `layout` tells sheets of one name with other columns apart.
learned_headers = tenant_table(
    "learned_headers",
    Column("source_kind", String(60), nullable=False),
    Column("sheet", String(200), nullable=False),
    Column("layout", String(12), nullable=False),
    Column("header", String(200), nullable=False),
    Column("field", String(60), nullable=False),
    Column("unit", String(20)),
    Column("accepted", Integer, nullable=False),
    Column("overridden", Integer, nullable=False),
    moment("last_used", nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("client_account_id", "source_kind", "sheet", "layout", "header", "field"),
    Index("ix_learned_headers_header", "client_account_id", "header"),
    scope=Scope.CLIENT,
)

staged_chunks = tenant_table(
    "staged_chunks",
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("iteration", SmallInteger, nullable=False),
    Column("phase", String(60), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("payload", JSONB, nullable=False),
    moment("at", nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("flow_id", "iteration", "phase", "kind", "chunk"),
    engine=True,
)

assets = tenant_table(
    "assets",
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("name", Text, nullable=False),
    Column("asset_type", String(30), nullable=False),
    Column("vm_name", Text),
    Column("hostname", Text),
    Column("fqdn", Text),
    Column("ip_addresses", ARRAY(Text), nullable=False),
    Column("mac_addresses", ARRAY(Text), nullable=False),
    Column("operating_system", Text),
    Column("os_version", Text),
    Column("cpu_cores", BigInteger),
    Column("memory_mib", BigInteger),
    Column("storage_provisioned_mib", BigInteger),
    Column("storage_used_mib", BigInteger),
    Column("disk_capacity_mib", BigInteger),
    Column("disk_count", BigInteger),
    Column("power_state", Text),
    Column("environment", String(30)),
    Column("datacenter", Text),
    Column("cluster", Text),
    Column("host", Text),
    Column("folder", Text),
    Column("vcenter_id", Text),
    Column("business_owner", Text),
    Column("technical_owner", Text),
    Column("department", Text),
    Column("criticality", String(20)),
    Column("serial_number", Text),
    Column("vendor", Text),
    Column("model", Text),
    Column("virtual", Boolean),
    Column("hypervisor", Text),
    Column("cpu_p95_pct", Numeric),
    Column("cpu_max_pct", Numeric),
    Column("annual_cost", Numeric),
    Column("annual_cost_currency", Text),
    Column("attributes", JSONB, nullable=False),
    Column("concerns", ARRAY(Text), nullable=False),
    Column("completeness", Float),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    created_at(),
    moment("updated_at", nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("engagement_id", "id"),
    Index("ix_assets_list", "client_account_id", "engagement_id", "name", "id"),
    Index("ix_assets_type", "client_account_id", "engagement_id", "asset_type", "name", "id"),
    Index("ix_assets_environment", "client_account_id", "engagement_id", "environment", "name", "id"),
)

asset_identities = tenant_table(
    "asset_identities",
    Column("asset_id", UUID(as_uuid=True), nullable=False),
    Column("scheme", String(20), nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("engagement_id", "asset_id", "scheme", "value"),
    Index("ix_asset_identities_lookup", "engagement_id", "scheme", "value"),
)

asset_facts = tenant_table(
    "asset_facts",
    Column("asset_id", UUID(as_uuid=True), nullable=False),
    Column("position", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("unit", Text),
    Column("import_id", UUID(as_uuid=True)),
    Column("source_file", Text, nullable=False),
    Column("source_sheet", Text),
    Column("source_row", Integer),
    Column("source_column", Text),
    Column("rule", Text, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("confidence", Float, nullable=False),
    PrimaryKeyConstraint("engagement_id", "asset_id", "position"),
)

conflicts = tenant_table(
    "conflicts",
    Column("position", Integer, nullable=False),
    Column("asset_id", UUID(as_uuid=True)),
    Column("asset_name", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("preferred", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("needs_review", Boolean, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("decided_by", String(255)),
    moment("decided_at"),
    PrimaryKeyConstraint("engagement_id", "position"),
    Index("ix_conflicts_asset", "engagement_id", "asset_id", "field"),
)

# Which of the contradicting values a person called right, or what they set by hand, whatever the sources say; it
# outlives every rebuild of the estate.
conflict_decisions = tenant_table(
    "conflict_decisions",
    Column("asset_id", UUID(as_uuid=True), nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text),
    Column("decided_by", String(255), nullable=False),
    moment("decided_at", nullable=False, server_default=text("now()")),
    Column("by_hand", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("engagement_id", "asset_id", "field"),
)

applications = tenant_table(
    "applications",
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("name", Text, nullable=False),
    Column("variants", ARRAY(Text), nullable=False),
    Column("membership", String(20), nullable=False),
    Column("criticality", String(20)),
    Column("business_owner", Text),
    Column("environment", String(30)),
    Column("shared_service", Boolean, nullable=False),
    Column("evidence", ARRAY(Text), nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    created_at(),
    PrimaryKeyConstraint("engagement_id", "id"),
    Index("ix_applications_list", "client_account_id", "engagement_id", "name", "id"),
)

application_members = tenant_table(
    "application_members",
    Column("application_id", UUID(as_uuid=True), nullable=False),
    Column("asset_id", UUID(as_uuid=True), nullable=False),
    Column("membership", String(20), nullable=False),
    PrimaryKeyConstraint("engagement_id", "application_id", "asset_id"),
    Index("ix_application_members_asset", "engagement_id", "asset_id"),
)

# What a person said of a machine at the inventory gate; it outlives every rebuild of the estate.
estate_decisions = tenant_table(
    "estate_decisions",
    Column("asset_id", UUID(as_uuid=True), nullable=False),
    Column("applications", ARRAY(Text)),
    Column("environment", String(30)),
    Column("keep", Boolean, nullable=False),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    moment("decided_at", nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("engagement_id", "asset_id"),
)

dependencies = tenant_table(
    "dependencies",
    Column("position", Integer, nullable=False),
    Column("source_id", UUID(as_uuid=True), nullable=False),
    Column("target_id", UUID(as_uuid=True), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("port", Integer),
    Column("protocol", Text),
    Column("connections", BigInteger),
    Column("bytes_total", Numeric),
    moment("first_seen"),
    moment("last_seen"),
    Column("confidence", Float, nullable=False),
    Column("evidence", ARRAY(Text), nullable=False),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    PrimaryKeyConstraint("engagement_id", "position"),
    Index("ix_dependencies_source", "engagement_id", "source_id"),
    Index("ix_dependencies_target", "engagement_id", "target_id"),
)
