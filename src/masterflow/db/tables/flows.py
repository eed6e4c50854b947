"""The master table and what grows beside it: events, phase results, phase items, gates and their decisions, workers."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from masterflow.db.status import FlowStatus
from masterflow.db.tables.metadata import Scope, metadata, moment, tenant_table, uuid_key, uuid_ref

_STATUS_LIST = ", ".join(f"'{status}'" for status in FlowStatus)

flows = Table(
    "crewai_flow_state_extensions",
    metadata,
    # The columns of ADR-006.
    Column("flow_id", UUID(as_uuid=True), primary_key=True),
    Column("flow_type", String(50), nullable=False),
    Column("client_account_id", UUID(as_uuid=True), nullable=False),
    Column("engagement_id", UUID(as_uuid=True), nullable=False),
    Column("user_id", String(255), nullable=False),
    Column("flow_status", String(50), nullable=False),
    Column("flow_configuration", JSONB, nullable=False),
    Column("flow_persistence_data", JSONB, nullable=False),
    Column("agent_collaboration_log", JSONB),
    Column("memory_usage_metrics", JSONB),
    Column("phase_execution_times", JSONB),
    Column("learning_patterns", JSONB),
    moment("created_at", nullable=False, server_default=text("now()")),
    moment("updated_at", nullable=False, server_default=text("now()")),
    # What the orchestrator needs.
    Column("flow_name", String(200)),
    Column("current_phase", String(60)),
    Column("phase_index", SmallInteger, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("definition_version", SmallInteger, nullable=False, server_default=text("1")),
    Column("iteration", SmallInteger, nullable=False, server_default=text("1")),
    Column("run_epoch", Integer, nullable=False, server_default=text("0")),
    Column("run_token", UUID(as_uuid=True)),
    Column("run_owner", UUID(as_uuid=True)),
    Column("runs_here", Boolean, nullable=False, server_default=text("true")),
    Column("pause_requested", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("losses", SmallInteger, nullable=False, server_default=text("0")),
    moment("run_after"),
    Column("last_error", JSONB),
    Column("correlation_id", String(64)),
    Column("parent_flow_id", UUID(as_uuid=True)),
    moment("status_changed_at", nullable=False, server_default=text("now()")),
    moment("deleted_at", nullable=True),
    CheckConstraint(f"flow_status IN ({_STATUS_LIST})", name="flow_status"),
    # The engagement: a small one's list must not read through the rows of its large neighbours. The type, behind the
    # order: a list of one type passes over the others without reading their rows.
    Index(
        "ix_flows_list",
        "client_account_id",
        "flow_status",
        "engagement_id",
        text("status_changed_at DESC"),
        text("flow_id DESC"),
        "flow_type",
    ),
    Index(
        "ix_flows_recent",
        "client_account_id",
        "engagement_id",
        text("status_changed_at DESC"),
        text("flow_id DESC"),
        "flow_type",
    ),
    # On the key and not on run_owner: a claim keeps the status, so it must touch no indexed column (HOT).
    Index("ix_flows_running", "flow_id", postgresql_where=text("flow_status = 'running'")),
    info={"scope": Scope.ENGAGEMENT, "engine": True},
)

# Also the outbox: `id` rises with every event of every flow, and the relay passes on what it has not seen.
flow_events = tenant_table(
    "flow_events",
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("phase", String(60)),
    Column("actor", String(255), nullable=False),
    Column("reason", Text),
    Column("data", JSONB),
    moment("at", nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("flow_id", "seq"),
    Index("uq_flow_events_id", "id", unique=True),
    engine=True,
)

phase_results = tenant_table(
    "phase_results",
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("iteration", SmallInteger, nullable=False),
    Column("phase_index", SmallInteger, nullable=False),
    Column("phase", String(60), nullable=False),
    Column("output", JSONB, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    moment("started_at", nullable=False),
    moment("finished_at", nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("flow_id", "iteration", "phase_index"),
    engine=True,
)

phase_items = tenant_table(
    "phase_items",
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("iteration", SmallInteger, nullable=False),
    Column("phase", String(60), nullable=False),
    Column("item", String(200), nullable=False),
    Column("payload", JSONB, nullable=False),
    moment("at", nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("flow_id", "iteration", "phase", "item"),
    engine=True,
)

gates = tenant_table(
    "gates",
    uuid_key(),
    Column("flow_id", UUID(as_uuid=True), nullable=False),
    Column("iteration", SmallInteger, nullable=False),
    Column("phase_index", SmallInteger, nullable=False),
    Column("phase", String(60), nullable=False),
    Column("status", String(20), nullable=False),
    Column("asks", Text, nullable=False),
    Column("approver_role", String(30), nullable=False),  # the first of the roles, for versions that know but one
    Column("approver_roles", ARRAY(String(30))),  # NULL: written by such a version
    Column("quorum", SmallInteger, nullable=False, server_default=text("1")),
    Column("four_eyes", Boolean, nullable=False),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("edited_output", JSONB),
    Column("decided_by", String(255)),
    Column("reason", Text),
    moment("opened_at", nullable=False, server_default=text("clock_timestamp()")),
    moment("decided_at"),
    moment("due_at"),
    moment("expires_at"),
    moment("remind_at"),
    Column("remind_every", Interval),
    moment("next_at"),  # the earlier of the next reminder and the expiry
    CheckConstraint("status IN ('open', 'approved', 'rejected', 'withdrawn', 'expired')", name="status"),
    Index("uq_gates_flow", "flow_id", "iteration", "phase_index", unique=True),
    Index("ix_gates_inbox", "client_account_id", "engagement_id", "status", text("opened_at DESC")),
    Index("ix_gates_recent", "client_account_id", "engagement_id", text("opened_at DESC"), text("id DESC")),
    Index(
        "ix_gates_due",
        "client_account_id",
        "engagement_id",
        "due_at",
        "opened_at",
        "id",
        postgresql_where=text("status = 'open'"),
    ),
    Index("ix_gates_next", "next_at", postgresql_where=text("status = 'open'")),
    engine=True,
)

# Who said what about which content. A person answers a content once; what is superseded stays.
gate_decisions = tenant_table(
    "gate_decisions",
    uuid_key(),
    uuid_ref("gate_id", "gates.id", nullable=False),
    Column("user_id", UUID(as_uuid=True), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("counts", Boolean, nullable=False),  # False: an approval of a four-eyes gate by who edited it
    Column("reason", Text),
    Column("content_hash", LargeBinary(32), nullable=False),  # of what was decided on: the edited output, if edited
    Column("shown_hash", LargeBinary(32)),  # of what was edited
    Column("edits", JSONB),
    moment("expires_at"),
    moment("decided_at", nullable=False, server_default=text("clock_timestamp()")),
    CheckConstraint("verdict IN ('approve', 'reject')", name="verdict"),
    Index("uq_gate_decisions_once", "gate_id", "user_id", "content_hash", unique=True),
    Index("ix_gate_decisions_history", "client_account_id", "engagement_id", "user_id", text("decided_at DESC")),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", UUID(as_uuid=True), primary_key=True),
    Column("lock_key", BigInteger, nullable=False),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String(50), nullable=False),
    moment("started_at", nullable=False, server_default=text("now()")),
    moment("beat_at", nullable=False, server_default=text("now()")),
    info={"scope": Scope.NONE, "engine": True},
)
