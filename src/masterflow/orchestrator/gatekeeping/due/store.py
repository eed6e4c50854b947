"""Gates whose time has come, as the engine's role sees them, across tenants; every statement names the tenant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.segments.store import ENGINE_ACTOR
from masterflow.orchestrator.store import BY_VERSION, move_statement
from masterflow.tenancy.types import Tenant

_MINE = "client_account_id = $1 AND engagement_id = $2 AND id = $3 AND status = 'open'"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueGate:
    """An open gate that a reminder is due for, or whose time is over: `expired`."""

    tenant: Tenant
    id: UUID
    flow_id: UUID
    phase: str
    phase_index: int
    due_at: datetime | None
    expires_at: datetime | None
    overdue: bool
    expired: bool


class DueStore:
    """The gates that a worker has to look after, on one transaction of the engine's role."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def claim(self, *, limit: int) -> list[DueGate]:
        """Gates whose next moment is past; those that somebody is just deciding are left for the next time."""
        rows = await self._connection.fetch(_CLAIM, limit)
        return [
            DueGate(
                tenant=Tenant(row["client_account_id"], row["engagement_id"]),
                id=row["id"],
                flow_id=row["flow_id"],
                phase=row["phase"],
                phase_index=row["phase_index"],
                due_at=row["due_at"],
                expires_at=row["expires_at"],
                overdue=bool(row["overdue"]),
                expired=bool(row["expired"]),
            )
            for row in rows
        ]

    async def expire(self, gate: DueGate) -> None:
        """Close a gate because its time is over."""
        await self._connection.execute(
            f"""UPDATE gates SET status = 'expired', decided_by = $4, decided_at = clock_timestamp(), next_at = NULL
                WHERE {_MINE}""",
            gate.tenant.client_account_id,
            gate.tenant.engagement_id,
            gate.id,
            ENGINE_ACTOR,
        )

    async def remind_later(self, gate: DueGate) -> None:
        """The next reminder comes one rest from now, however many were missed."""
        await self._connection.execute(
            f"""UPDATE gates SET remind_at = clock_timestamp() + remind_every,
                    next_at = least(clock_timestamp() + remind_every, expires_at) WHERE {_MINE}""",
            gate.tenant.client_account_id,
            gate.tenant.engagement_id,
            gate.id,
        )

    async def note(self, gate: DueGate, change: Change) -> None:
        """Do `change` to the gate's flow and write it into its history."""
        await self._connection.execute(
            move_statement(change.assignments, fence=BY_VERSION),
            gate.tenant.client_account_id,
            gate.tenant.engagement_id,
            gate.flow_id,
            [status.value for status in change.sources],
            None,
            change.kind,
            change.phase,
            ENGINE_ACTOR,
            None,
            json_text(change.data),
            *change.values,
        )


# Both rows: the flow's, because whoever decides holds it; the gate's, so that it is seen as it is now.
_CLAIM = f"""
SELECT g.client_account_id, g.engagement_id, g.id, g.flow_id, g.phase, g.phase_index, g.due_at, g.expires_at,
    g.due_at < clock_timestamp() AS overdue, g.expires_at <= clock_timestamp() AS expired
FROM gates g
JOIN {FLOWS} f ON f.flow_id = g.flow_id AND f.client_account_id = g.client_account_id
    AND f.engagement_id = g.engagement_id AND f.flow_status = 'waiting_for_approval'
WHERE g.status = 'open' AND g.next_at <= clock_timestamp()
ORDER BY g.next_at LIMIT $1
FOR NO KEY UPDATE OF f, g SKIP LOCKED"""
