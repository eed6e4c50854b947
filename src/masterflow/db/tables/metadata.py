"""The metadata that all tables share, and what each table declares about its tenant."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import DateTime, ForeignKey, MetaData, Table, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Scope(StrEnum):
    """Whom a row belongs to; row-level security follows from it."""

    ENGAGEMENT = "engagement"  # client_account_id and engagement_id
    CLIENT = "client"  # client_account_id
    NONE = "none"  # no tenant: said explicitly, with its own grants


def tenant_table(name: str, *items: SchemaItem, scope: Scope = Scope.ENGAGEMENT, engine: bool = False) -> Table:
    """A table whose rows belong to a tenant: adds the tenant's columns and declares the scope.

    `engine` opens the table to the engine's role across tenants.
    """
    tenant: list[SchemaItem] = [SqlColumn("client_account_id", UUID(as_uuid=True), nullable=False)]
    if scope is Scope.ENGAGEMENT:
        tenant.append(SqlColumn("engagement_id", UUID(as_uuid=True), nullable=False))
    return Table(name, metadata, *tenant, *items, info={"scope": scope, "engine": engine})


def moment(name: str, **kwargs: Any) -> SqlColumn[Any]:
    """A column that holds an aware UTC moment."""
    return SqlColumn(name, DateTime(timezone=True), **kwargs)


def created_at() -> SqlColumn[Any]:
    """The moment of insertion, by the database's clock."""
    return moment("created_at", nullable=False, server_default=text("now()"))


def uuid_key(name: str = "id") -> SqlColumn[Any]:
    """A primary key made by the server or by the caller."""
    return SqlColumn(name, UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()"))


def uuid_ref(name: str, target: str | None = None, **kwargs: Any) -> SqlColumn[Any]:
    """A column that points at a row's key; with `target` the database holds it to that."""
    extra = [ForeignKey(target)] if target else []
    return SqlColumn(name, UUID(as_uuid=True), *extra, **kwargs)
