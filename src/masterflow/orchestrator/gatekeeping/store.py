"""Gates, the answers to them, and whose work they ask about, in the tenant's own transactions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

import asyncpg
import orjson

from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.gatekeeping.types import Authors, Decisions, Edit, Engaged, GateDecision, Person, Ruling
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import json_text, loads
from masterflow.orchestrator.store import MINE
from masterflow.orchestrator.types import GateStatus, GateSummary, OpenQuestion, Verdict
from masterflow.spec import FlowType
from masterflow.tenancy.types import Principal, Tenant, UserKind

STARTING = ("flow_created", "flow_registered", "flow_started")
# Commands by which a person decides what a gate asks about; `phase_completed` is a person's only for flows elsewhere.
SHAPING = (*STARTING, "flow_retried", "flow_rolled_back", "phase_skipped", "input_supplied", "phase_completed")


class GateStore:
    """The gates of one engagement on one transaction."""

    def __init__(self, connection: asyncpg.Connection, tenant: Tenant, registry: FlowTypeRegistry) -> None:
        self.connection = connection
        self._mine = (tenant.client_account_id, tenant.engagement_id)
        self._registry = registry

    async def questions(
        self, *, status: GateStatus | None, flow_id: UUID | None, gate_id: UUID | None = None, limit: int
    ) -> list[OpenQuestion]:
        """Gates with the outputs they ask about, newest first."""
        which, values = _which(status=status, flow_id=flow_id, gate_id=gate_id)
        statement = f"SELECT {_SUMMARY}, {_OUTPUT} {_OF_FLOWS} {_WITH_RESULTS} WHERE {which} {_NEWEST} LIMIT {limit:d}"
        return [self._question(row) for row in await self.connection.fetch(statement, *self._mine, *values)]

    async def summaries(self, *, status: GateStatus | None, flow_id: UUID | None, limit: int) -> list[GateSummary]:
        """Gates without the outputs they ask about, newest first."""
        which, values = _which(status=status, flow_id=flow_id)
        statement = f"SELECT {_SUMMARY} {_OF_FLOWS} WHERE {which} {_NEWEST} LIMIT {limit:d}"
        rows = await self.connection.fetch(statement, *self._mine, *values)
        return [GateSummary(**self._summary(row)) for row in rows]

    async def locked(self, gate_id: UUID) -> OpenQuestion | None:
        """One gate, whose flow nobody else moves until this transaction ends; None if there is none."""
        flow_id = await self.connection.fetchval(
            f"SELECT flow_id FROM gates WHERE {MINE} AND id = $3", *self._mine, gate_id
        )
        # The flow and not the gate: whoever cancels or moves a flow holds its row first and its gates after.
        await self.connection.execute(
            f"SELECT FROM {FLOWS} WHERE {MINE} AND flow_id = $3 FOR NO KEY UPDATE", *self._mine, flow_id
        )
        found = await self.questions(status=None, flow_id=None, gate_id=gate_id, limit=1)
        return found[0] if found else None

    async def open_gates(self, *, roles: Collection[str] | None, limit: int) -> list[tuple[GateSummary, timedelta]]:
        """Open gates with their age, those due first before those without a due time; of these roles, if named."""
        named = None if roles is None else sorted(roles)
        return [self._aged(row) for row in await self.connection.fetch(_OPEN, *self._mine, named, limit)]

    async def decided_by(self, user_id: UUID, *, limit: int) -> list[tuple[GateSummary, timedelta]]:
        """Gates that a person answered, with the time they were open, the newest answer first."""
        return [self._aged(row) for row in await self.connection.fetch(_DECIDED, *self._mine, user_id, limit)]

    async def decisions(self, gate_ids: Collection[UUID]) -> dict[UUID, Decisions]:
        """The answers to each of these gates, oldest first."""
        found: dict[UUID, Decisions] = defaultdict(list)
        for row in await self.connection.fetch(_DECISIONS, *self._mine, list(gate_ids)):
            found[row["gate_id"]].append(_decision(row))
        return found

    async def record(self, gate: GateSummary, actor: Principal, ruling: Ruling) -> bool:
        """Keep an answer while the gate is open, by the database's clock; False if it is no more, or the person has
        answered about this content."""
        done = await self.connection.fetchval(
            _RECORD,
            *self._mine,
            gate.id,
            actor.user_id,
            actor.email,
            ruling.answer.verdict,
            ruling.counts,
            ruling.answer.reason,
            bytes.fromhex(ruling.content_hash),
            bytes.fromhex(gate.content_hash) if ruling.edited is not None else None,
            json_text([_edit_json(edit) for edit in ruling.edits]) if ruling.edited is not None else None,
        )
        return bool(done)

    async def amend(self, gate_id: UUID, ruling: Ruling) -> None:
        """From now on an open gate asks about the content that an edit made."""
        await self.connection.execute(
            f"""UPDATE gates SET edited_output = $4::text::jsonb, content_hash = $5
                WHERE {MINE} AND id = $3 AND status = 'open'""",
            *self._mine,
            gate_id,
            ruling.edited,
            bytes.fromhex(ruling.content_hash),
        )

    async def close(self, gate_id: UUID, status: GateStatus, *, actor: str, reason: str | None) -> None:
        """End an open gate."""
        await self.connection.execute(
            f"""UPDATE gates SET status = $4, decided_by = $5, reason = $6, decided_at = clock_timestamp()
                WHERE {MINE} AND id = $3 AND status = 'open'""",
            *self._mine,
            gate_id,
            status,
            actor,
            reason,
        )

    async def engaged(self) -> Engaged:
        """The people who can act in the engagement, and its word on self-approval."""
        rows = await self.connection.fetch(_PEOPLE, *self._mine)
        word = await self.connection.fetchval(
            "SELECT self_approval FROM engagements WHERE client_account_id = $1 AND id = $2", *self._mine
        )
        return Engaged(tuple(_person(row) for row in rows), word)

    async def authors(self, flow_ids: Collection[UUID]) -> Mapping[UUID, Authors]:
        """Whose work each of these flows is, as their rows and histories name people."""
        started: dict[UUID, set[str]] = defaultdict(set)
        shaped: dict[UUID, set[str]] = defaultdict(set)
        for row in await self.connection.fetch(_AUTHORS, *self._mine, list(flow_ids), list(SHAPING)):
            people = {row["actor"], *loads(row["said"]).get("shaped_by", ())}
            shaped[row["flow_id"]] |= people
            if row["kind"] in STARTING:
                started[row["flow_id"]] |= people
        return {flow: Authors(frozenset(started[flow]), frozenset(shaped[flow])) for flow in flow_ids}

    def _question(self, row: asyncpg.Record) -> OpenQuestion:
        return OpenQuestion(**self._summary(row), output=loads(row["output"]))

    def _aged(self, row: asyncpg.Record) -> tuple[GateSummary, timedelta]:
        return GateSummary(**self._summary(row)), row["age"]

    def _summary(self, row: asyncpg.Record) -> "_Summary":
        return _summary(row, self._registry.find(row["flow_type"]))


class _Summary(TypedDict):
    id: UUID
    flow_id: UUID
    flow_type: str
    flow_type_title: str
    flow_name: str | None
    phase: str
    phase_title: str
    phase_index: int
    phase_count: int
    iteration: int
    status: GateStatus
    asks: str
    approver_roles: tuple[str, ...]
    quorum: int
    approvals: int
    four_eyes: bool
    content_hash: str
    opened_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    overdue: bool
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    has_table: bool


def _summary(row: asyncpg.Record, kind: FlowType | None) -> _Summary:
    """A type that this process does not know counts no more phases than the gate's flow has reached."""
    phase = next((phase for phase in kind.phases if phase.name == row["phase"]), None) if kind else None
    return _Summary(
        id=row["id"],
        flow_id=row["flow_id"],
        flow_type=row["flow_type"],
        flow_type_title=kind.title if kind else row["flow_type"],
        flow_name=row["flow_name"],
        phase=row["phase"],
        phase_title=phase.title if phase else row["phase"],
        phase_index=row["phase_index"],
        phase_count=len(kind.phases) if kind else row["phase_index"] + 1,
        iteration=row["iteration"],
        status=GateStatus(row["status"]),
        asks=row["asks"],
        approver_roles=tuple(row["approver_roles"]),
        quorum=row["quorum"],
        approvals=row["approvals"],
        four_eyes=row["four_eyes"],
        content_hash=row["content_hash"].hex(),
        opened_at=row["opened_at"],
        due_at=row["due_at"],
        expires_at=row["expires_at"],
        overdue=bool(row["overdue"]),
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        reason=row["reason"],
        has_table=phase is not None and phase.gate is not None and phase.gate.table is not None,
    )


def _decision(row: asyncpg.Record) -> GateDecision:
    edits = orjson.loads(row["edits"]) if row["edits"] else []
    return GateDecision(
        gate_id=row["gate_id"],
        user_id=row["user_id"],
        actor=row["actor"],
        verdict=Verdict(row["verdict"]),
        counts=row["counts"],
        superseded=row["superseded"],
        reason=row["reason"],
        content_hash=row["content_hash"].hex(),
        shown_hash=row["shown_hash"].hex() if row["shown_hash"] else None,
        edits=tuple(Edit(**edit) for edit in edits),
        expires_at=row["expires_at"],
        decided_at=row["decided_at"],
    )


def _edit_json(edit: Edit) -> dict[str, object]:
    return {"row": edit.row, "field": edit.field, "before": edit.before, "after": edit.after}


_OPEN_NOW = "g.status = 'open' AND (g.expires_at IS NULL OR g.expires_at > clock_timestamp())"
_STATUS = f"CASE WHEN g.status = 'open' AND NOT ({_OPEN_NOW}) THEN 'expired' ELSE g.status END"
_SUMMARY = f"""g.id, g.flow_id, f.flow_type, f.flow_name, g.phase, g.phase_index, g.iteration,
    {_STATUS} AS status, g.asks, coalesce(g.approver_roles, ARRAY[g.approver_role]) AS approver_roles, g.quorum,
    g.four_eyes, g.content_hash, g.opened_at, g.due_at, g.expires_at,
    {_OPEN_NOW} AND g.due_at < clock_timestamp() AS overdue, g.decided_at, g.decided_by, g.reason,
    (SELECT count(*) FROM gate_decisions d WHERE d.gate_id = g.id AND d.verdict = 'approve'
        AND d.counts AND d.content_hash = g.content_hash) AS approvals"""
_OF_FLOWS = f"FROM gates g JOIN {FLOWS} f ON f.flow_id = g.flow_id AND f.deleted_at IS NULL"
_THEIRS = "g.client_account_id = $1 AND g.engagement_id = $2"

_OUTPUT = "coalesce(g.edited_output, r.output)::text AS output"
_WITH_RESULTS = """JOIN phase_results r
    ON r.flow_id = g.flow_id AND r.iteration = g.iteration AND r.phase_index = g.phase_index"""
_NEWEST = "ORDER BY g.opened_at DESC, g.id DESC"


def _which(*, status: GateStatus | None, flow_id: UUID | None, gate_id: UUID | None = None) -> tuple[str, list[object]]:
    """The condition that chooses gates, and its values from $3 on: only what is asked, so that an index serves it."""
    conditions, values = [_THEIRS], list[object]()
    if status is GateStatus.OPEN:
        conditions.append(_OPEN_NOW)
    elif status is GateStatus.EXPIRED:
        conditions.append("(g.status = 'expired' OR (g.status = 'open' AND g.expires_at <= clock_timestamp()))")
    asked = {"g.status": None if status in _BY_THE_CLOCK else status, "g.flow_id": flow_id, "g.id": gate_id}
    for column, value in asked.items():
        if value is not None:
            values.append(value)
            conditions.append(f"{column} = ${len(values) + 2}")
    return " AND ".join(conditions), values


_BY_THE_CLOCK = frozenset({GateStatus.OPEN, GateStatus.EXPIRED})

_OPEN = f"""
SELECT {_SUMMARY}, clock_timestamp() - g.opened_at AS age {_OF_FLOWS}
WHERE {_THEIRS} AND {_OPEN_NOW}
    AND ($3::varchar[] IS NULL OR coalesce(g.approver_roles, ARRAY[g.approver_role]) && $3)
ORDER BY g.due_at, g.opened_at, g.id LIMIT $4"""

_DECIDED = f"""
SELECT {_SUMMARY}, coalesce(g.decided_at, clock_timestamp()) - g.opened_at AS age {_OF_FLOWS}
JOIN (SELECT gate_id, max(decided_at) AS at FROM gate_decisions
    WHERE {MINE} AND user_id = $3 GROUP BY gate_id ORDER BY at DESC LIMIT $4) mine ON mine.gate_id = g.id
WHERE {_THEIRS} ORDER BY mine.at DESC, g.id"""

_DECISIONS = """
SELECT d.gate_id, d.user_id, d.actor, d.verdict, d.counts, d.reason, d.content_hash, d.shown_hash,
    d.edits::text AS edits, d.expires_at, d.decided_at, d.content_hash <> g.content_hash AS superseded
FROM gate_decisions d JOIN gates g ON g.id = d.gate_id
WHERE d.client_account_id = $1 AND d.engagement_id = $2 AND d.gate_id = ANY($3::uuid[])
ORDER BY d.decided_at, d.id"""

_RECORD = f"""
INSERT INTO gate_decisions (client_account_id, engagement_id, gate_id, user_id, actor, verdict, counts, reason,
    content_hash, shown_hash, edits, expires_at)
SELECT $1, $2, g.id, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, g.expires_at FROM gates g
WHERE {_THEIRS} AND g.id = $3 AND {_OPEN_NOW}
ON CONFLICT (gate_id, user_id, content_hash) DO NOTHING
RETURNING true"""


def _person(row: asyncpg.Record) -> Person:
    return Person(row["id"], row["email"], frozenset(row["roles"]), is_service=row["kind"] == UserKind.SERVICE)


_PEOPLE = """
SELECT u.id, u.email, u.kind, ARRAY(
    SELECT m.role FROM memberships m WHERE m.user_id = u.id AND m.client_account_id = $1
        AND (m.engagement_id = $2 OR m.engagement_id IS NULL)) AS roles
FROM users u
WHERE u.disabled_at IS NULL AND u.id IN (SELECT m.user_id FROM memberships m WHERE m.client_account_id = $1
    AND (m.engagement_id = $2 OR m.engagement_id IS NULL))
    AND NOT EXISTS (SELECT FROM suspensions s WHERE s.client_account_id = $1 AND s.user_id = u.id)
ORDER BY u.email"""

# The row's own maker too: of a flow that a schedule made, the schedule's author.
_AUTHORS = f"""
SELECT e.flow_id, e.kind, e.actor, e.data::text AS said FROM flow_events e
WHERE e.client_account_id = $1 AND e.engagement_id = $2 AND e.flow_id = ANY($3::uuid[])
    AND (e.kind = ANY($4::varchar[]) OR e.data @> '{{"edited": true}}' OR e.data ? 'fields')
UNION ALL
SELECT f.flow_id, 'flow_created', u.email, NULL FROM {FLOWS} f JOIN users u ON u.id::text = f.user_id
WHERE f.client_account_id = $1 AND f.engagement_id = $2 AND f.flow_id = ANY($3::uuid[])"""
