"""Clients, engagements, users, memberships, tokens, sessions and the links that open them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

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
    Column("kind", String(10), nullable=False, server_default="person"),
    moment("disabled_at", nullable=True),  # by the operator of this installation, for every client
    uuid_ref("service_of", "client_accounts.id", nullable=True),
    CheckConstraint("email = lower(email)", name="email_lower"),
    CheckConstraint("kind IN ('person', 'service')", name="kind"),
    CheckConstraint("(kind = 'service') = (service_of IS NOT NULL)", name="service_of"),
    CheckConstraint("(kind = 'service') = (right(email, 16) = '.service.invalid')", name="service_email"),
    Index(
        "uq_users_service_of_name", "service_of", "name", unique=True, postgresql_where=text("service_of IS NOT NULL")
    ),
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
    uuid_ref("made_by", "users.id", nullable=True),
    Column("scopes", ARRAY(String(40)), nullable=True),
    Index("ix_api_tokens_created", "client_account_id", "created_at", "id"),
    Index("ix_api_tokens_owner", "client_account_id", "user_id", "created_at", "id"),
    scope=Scope.CLIENT,
)

# Who is disabled in one client; the operator's `users.disabled_at` is for all.
suspensions = tenant_table(
    "suspensions",
    uuid_ref("user_id", "users.id", nullable=False),
    moment("since", nullable=False, server_default=text("now()")),
    Column("made_by", String(255), nullable=False),
    PrimaryKeyConstraint("client_account_id", "user_id"),
    scope=Scope.CLIENT,
)

sessions = tenant_table(
    "sessions",
    uuid_key(),
    uuid_ref("user_id", "users.id", nullable=False),
    uuid_ref("engagement_id", "engagements.id", nullable=False),  # the one used last
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("browser", String(200), nullable=True),
    Column("made_by", String(255), nullable=True),  # of the link that opened it
    created_at(),
    moment("last_seen_at", nullable=False, server_default=text("now()")),
    moment("idle_until", nullable=False),
    moment("expires_at", nullable=False),
    moment("revoked_at", nullable=True),
    Index("ix_sessions_owner", "client_account_id", "user_id", "created_at", "id"),
    Index("ix_sessions_over", "expires_at"),
    scope=Scope.CLIENT,
    engine=True,
)

sign_in_links = tenant_table(
    "sign_in_links",
    uuid_key(),
    uuid_ref("user_id", "users.id", nullable=False),
    uuid_ref("engagement_id", "engagements.id", nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("made_by", String(255), nullable=True),  # None: by the operator at the machine
    created_at(),
    moment("expires_at", nullable=False),
    moment("used_at", nullable=True),
    Index("ix_sign_in_links_expires", "client_account_id", "expires_at"),
    Index("ix_sign_in_links_over", "expires_at"),
    scope=Scope.CLIENT,
    engine=True,
)
