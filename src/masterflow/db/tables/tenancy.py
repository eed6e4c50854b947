"""Clients, engagements, users, memberships and tokens."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, LargeBinary, String, Table, Text

from masterflow.db.tables.metadata import (
    Scope,
    created_at,
    metadata,
    moment,
    tenant_table,
    uuid_key,
    uuid_ref,
)

client_accounts = Table(
    "client_accounts",
    metadata,
    uuid_key(),
    Column("name", String(200), nullable=False, unique=True),
    created_at(),
    info={"scope": Scope.NONE, "engine": False},
)

engagements = tenant_table(
    "engagements",
    uuid_key(),
    Column("name", String(200), nullable=False),
    Column("self_approval", Boolean, nullable=True),
    created_at(),
    Index("uq_engagements_client_account_id_name", "client_account_id", "name", unique=True),
    scope=Scope.CLIENT,
)

users = Table(
    "users",
    metadata,
    uuid_key(),
    Column("email", String(255), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    created_at(),
    CheckConstraint("email = lower(email)", name="email_lower"),
    info={"scope": Scope.NONE, "engine": False},
)

memberships = tenant_table(
    "memberships",
    uuid_key(),
    uuid_ref("engagement_id", "engagements.id", nullable=True),
    uuid_ref("user_id", "users.id", nullable=False),
    Column("role", String(30), nullable=False),
    created_at(),
    Index(
        "uq_memberships_user_engagement_role",
        "client_account_id",
        "user_id",
        "engagement_id",
        "role",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
    scope=Scope.CLIENT,
)

api_tokens = tenant_table(
    "api_tokens",
    uuid_key(),
    uuid_ref("engagement_id", "engagements.id", nullable=True),
    uuid_ref("user_id", "users.id", nullable=False),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    created_at(),
    moment("expires_at", nullable=False),
    moment("revoked_at", nullable=True),
    moment("last_used_at", nullable=True),
    scope=Scope.CLIENT,
)
