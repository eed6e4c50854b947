"""Queries on the audit: every page is a range of an index, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from masterflow.tenancy.audit.types import AuditEntry, AuditFilter, Outcome
from masterflow.tenancy.types import Tenant

_COLUMNS = """id, at, user_id, actor, through, action, request_id, outcome, code, message, flow_id,
    detail::text AS detail"""


async def audit_entries(
    connection: asyncpg.Connection,
    tenant: Tenant,
    asked: AuditFilter,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AuditEntry]:
    """Lines of the tenant's engagement after one of them, newest first."""
    values: list[Any] = [tenant.client_account_id, tenant.engagement_id]
    conditions = ["client_account_id = $1", "engagement_id = $2"]
    if asked.outcome is not None:  # written out, so that the planner sees that the partial index serves
        conditions.append(f"outcome = '{Outcome(asked.outcome).value}'")
    for condition, value in _given(asked, after):
        values += value
        places = [f"${number}" for number in range(len(values) - len(value) + 1, len(values) + 1)]
        conditions.append(condition.format(*places))
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM audit_log WHERE {' AND '.join(conditions)} ORDER BY at DESC, id DESC LIMIT {limit:d}",
        *values,
    )
    return [_entry(row) for row in rows]


def _given(asked: AuditFilter, after: tuple[datetime, UUID] | None) -> list[tuple[str, tuple[Any, ...]]]:
    single = {
        "actor = {}": asked.actor,
        "action = {}": asked.action,
        "flow_id = {}": asked.flow_id,
        "at >= {}": asked.since,
        "at < {}": asked.until,
    }
    given: list[tuple[str, tuple[Any, ...]]] = [(sql, (value,)) for sql, value in single.items() if value is not None]
    return [*given, ("(at, id) < ({}, {})", after)] if after else given


def _entry(row: asyncpg.Record) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=row["at"],
        user_id=row["user_id"],
        actor=row["actor"],
        through=row["through"],
        action=row["action"],
        request_id=row["request_id"],
        outcome=Outcome(row["outcome"]),
        code=row["code"],
        message=row["message"],
        flow_id=row["flow_id"],
        detail=orjson.loads(row["detail"]),
    )
