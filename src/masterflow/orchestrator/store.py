"""Flows, their events, results and gates, as the tenant's own transactions see and move them.

A command is one statement: the row moves if its state and version still allow it, and the event is written beside it.
Its number is the row's new version, so a history has no holes and no two writers can take the same number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from masterflow.db.calls import call_concerns
from masterflow.db.keyset import DEFAULT_PAGE
from masterflow.db.status import FlowStatus
from masterflow.orchestrator import correlation
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import (
    FLOW_COLUMNS,
    LISTED_COLUMNS,
    event_from,
    flow_from,
    json_text,
    listed_from,
    result_from,
)
from masterflow.orchestrator.starters import STARTERS
from masterflow.orchestrator.types import Event, Flow, JsonObject, ListedFlow, PhaseResult
from masterflow.tenancy.types import Tenant

MINE = "client_account_id = $1 AND engagement_id = $2"
BY_VERSION = "($5::integer IS NULL OR version = $5)"

# The results that count today: of every phase behind the flow the newest iteration, as edited at its gate. What a later
# way back to a phase has superseded counts no more, even if that phase was skipped then.
EFFECTIVE_RESULTS = f"""
SELECT DISTINCT ON (r.phase_index) r.phase, r.phase_index, r.iteration, r.attempt, r.started_at, r.finished_at,
    coalesce(g.edited_output, r.output)::text AS output, g.edited_output IS NOT NULL AS edited
FROM {FLOWS} f
JOIN phase_results r ON r.flow_id = f.flow_id AND r.phase_index < f.phase_index
LEFT JOIN gates g ON g.flow_id = r.flow_id AND g.iteration = r.iteration AND g.phase_index = r.phase_index
    AND g.status = 'approved'
WHERE f.client_account_id = $1 AND f.engagement_id = $2 AND f.flow_id = $3
    AND (f.iteration = 1 OR NOT EXISTS (
        SELECT FROM flow_events e WHERE e.flow_id = r.flow_id AND (e.data ->> 'back_to')::int <= r.phase_index
            AND e.at > r.finished_at
            AND (e.data ->> 'iteration' IS NULL OR r.iteration < (e.data ->> 'iteration')::int)))
ORDER BY r.phase_index, r.iteration DESC"""


# Results that count, under the numbers that their phases have in a newer definition, in a new iteration.
_CARRY = f"""
INSERT INTO phase_results (client_account_id, engagement_id, flow_id, iteration, phase_index, phase, output, attempt,
    started_at, finished_at)
SELECT $1, $2, $3, $4, moved.new_index, moved.name, counted.output::jsonb, counted.attempt, counted.started_at,
    counted.finished_at
FROM ({EFFECTIVE_RESULTS}) counted
JOIN unnest($5::smallint[], $6::smallint[], $7::varchar[]) AS moved (old_index, new_index, name)
    ON moved.old_index = counted.phase_index"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A flow as a command left it, and the epoch that its row has now."""

    flow: Flow
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFlow:
    """A row to be: where it stands at first and what it starts with."""

    flow_id: UUID
    flow_type: str
    definition_version: int
    first_phase: str
    status: FlowStatus
    user_id: str
    configuration: JsonObject
    name: str | None
    runs_here: bool
    parent_flow_id: UUID | None
    shaped_by: tuple[str, ...] = ()  # whom it was made for, beside who makes it: of a schedule, its author


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which flows of the engagement, and after which one a page begins."""

    flow_types: tuple[str, ...] = ()  # none: of every type
    statuses: tuple[FlowStatus, ...] = ()  # none: in every status
    include_deleted: bool = False
    after: tuple[datetime, UUID] | None = None
    limit: int = DEFAULT_PAGE
    search: str | None = None  # a part of the name or of the type, whatever its case
    user_id: str | None = None


class FlowStore:
    """The orchestrator's tables on one transaction of one tenant."""

    def __init__(self, connection: asyncpg.Connection, tenant: Tenant, registry: FlowTypeRegistry) -> None:
        self.connection = connection
        self._mine = (tenant.client_account_id, tenant.engagement_id)
        self._registry = registry

    async def insert(self, new: NewFlow, *, kind: str, actor: str, reason: str | None = None) -> Moved | None:
        """Make the row and its first event; None if the id is taken, by whomever."""
        call_concerns(new.flow_id)
        row = await self.connection.fetchrow(
            _INSERT,
            *self._mine,
            new.flow_id,
            new.flow_type,
            new.user_id,
            new.status,
            json_text(new.configuration),
            new.name,
            new.first_phase,
            new.definition_version,
            1 if new.status is FlowStatus.RUNNING and new.runs_here else 0,
            new.runs_here,
            new.parent_flow_id,
            kind,
            actor,
            reason,
            json_text({"shaped_by": new.shaped_by} if new.shaped_by else {}),
            correlation.current(),
        )
        return await self._moved(row)

    async def move(
        self, flow_id: UUID, change: Change, *, actor: str, reason: str | None, expected_version: int | None
    ) -> Moved | None:
        """Do `change` if the row allows it; None if it does not (any more)."""
        call_concerns(flow_id)
        row = await self.connection.fetchrow(
            move_statement(change.assignments, fence=BY_VERSION, deleted=change.deleted),
            *self._mine,
            flow_id,
            [status.value for status in change.sources],
            expected_version,
            change.kind,
            change.phase,
            actor,
            reason,
            json_text(_with_correlation(change.data)),
            *change.values,
        )
        return await self._moved(row)

    async def find(self, flow_id: UUID, *, include_deleted: bool = False) -> Flow | None:
        """One flow, or None."""
        row = await self.connection.fetchrow(
            f"SELECT {FLOW_COLUMNS} FROM {FLOWS} WHERE {MINE} AND flow_id = $3 AND ($4 OR deleted_at IS NULL)",
            *self._mine,
            flow_id,
            include_deleted,
        )
        return flow_from(row, self._registry, await self._starters([row])) if row else None

    async def lock(self, flow: Flow) -> bool:
        """Keep everybody else from moving a flow until this transaction ends; False if it has moved already."""
        version = await self.connection.fetchval(
            f"SELECT version FROM {FLOWS} WHERE {MINE} AND flow_id = $3 FOR UPDATE", *self._mine, flow.flow_id
        )
        return bool(version == flow.version)

    async def page(self, query: ListQuery) -> list[ListedFlow]:
        """Flows, newest status change first; asks for one more than a page, which tells whether there is a next."""
        statement, values = page_statement(query, self._mine)
        rows = await self.connection.fetch(statement, *values)
        starters = await self._starters(rows)
        return [listed_from(row, self._registry, starters) for row in rows]

    async def events(self, flow_id: UUID, *, after: int, limit: int) -> list[Event]:
        """Events numbered above `after`."""
        rows = await self.connection.fetch(
            f"""SELECT flow_id, seq, kind, phase, actor, reason, data::text AS data, at FROM flow_events
                WHERE {MINE} AND flow_id = $3 AND seq > $4 ORDER BY seq LIMIT $5""",
            *self._mine,
            flow_id,
            after,
            limit,
        )
        return [event_from(row) for row in rows]

    async def results(self, flow_id: UUID) -> list[PhaseResult]:
        """What counts today of what the phases computed."""
        rows = await self.connection.fetch(EFFECTIVE_RESULTS, *self._mine, flow_id)
        return [result_from(row) for row in rows]

    async def withdraw_gates(self, flow_id: UUID, *, actor: str) -> None:
        """Close what a flow still asks, because it ended."""
        await self.connection.execute(
            f"""UPDATE gates SET status = 'withdrawn', decided_by = $4, decided_at = clock_timestamp()
                WHERE {MINE} AND flow_id = $3 AND status = 'open'""",
            *self._mine,
            flow_id,
            actor,
        )

    async def _moved(self, row: asyncpg.Record | None) -> Moved | None:
        if row is None:
            return None
        return Moved(flow_from(row, self._registry, await self._starters([row])), row["run_epoch"])

    async def _starters(self, rows: Sequence[asyncpg.Record]) -> Mapping[str, str]:
        return await STARTERS.names(self.connection, self._mine[0], (row["user_id"] for row in rows))


async def results_behind(connection: asyncpg.Connection, flow: Flow) -> list[tuple[str, int]]:
    """The phases whose results count for a flow today, and the numbers they are kept under."""
    tenant = flow.tenant
    rows = await connection.fetch(EFFECTIVE_RESULTS, tenant.client_account_id, tenant.engagement_id, flow.flow_id)
    return [(row["phase"], row["phase_index"]) for row in rows]


async def carry_results(
    connection: asyncpg.Connection, flow: Flow, carried: Sequence[tuple[int, int, str]], *, iteration: int
) -> None:
    """Write results that count under new numbers and names, in a new iteration; what was written stays."""
    old, new, names = zip(*carried, strict=True)
    tenant = flow.tenant
    await connection.execute(
        _CARRY,
        tenant.client_account_id,
        tenant.engagement_id,
        flow.flow_id,
        iteration,
        list(old),
        list(new),
        list(names),
    )


def _with_correlation(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event tells, with the id of the request that it belongs to, unless it names another."""
    known = correlation.current()
    return {correlation.KEY: known, **data} if known else data


def page_statement(query: ListQuery, mine: tuple[UUID, UUID]) -> tuple[str, list[object]]:
    """The statement of one page and its values.

    Each status and each type is read by itself, so that an index gives its rows in the order of the list: a page costs
    at most a page of each. A text or a person is looked for in that order among the engagement's own rows.
    """
    values: list[object] = [*mine]

    def bound(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    common = [MINE, *_common_conditions(query, bound)]
    statuses = [f"flow_status = {bound(status)}" for status in dict.fromkeys(query.statuses)] or [""]
    types = [f"flow_type = {bound(name)}" for name in dict.fromkeys(query.flow_types)] or [""]
    branches = [" AND ".join(filter(None, (*common, status, kind))) for status in statuses for kind in types]
    order = f"ORDER BY status_changed_at DESC, flow_id DESC LIMIT {query.limit + 1:d}"
    rows = f"{FLOWS} WHERE {branches[0]}"
    if len(branches) > 1:
        # Each by itself ends with the page: behind row-level security the database does not merge two indexes.
        rows = (
            f"({' UNION ALL '.join(f'(SELECT * FROM {FLOWS} WHERE {branch} {order})' for branch in branches)}) chosen"
        )
    return f"SELECT {LISTED_COLUMNS} FROM {rows} {order}", values


def _common_conditions(query: ListQuery, bound: Callable[[object], str]) -> list[str]:
    conditions = [] if query.include_deleted else ["deleted_at IS NULL"]
    if query.after is not None:
        moment, key = query.after
        conditions.append(f"(status_changed_at, flow_id) < ({bound(moment)}, {bound(key)})")
    if query.user_id is not None:
        conditions.append(f"user_id = {bound(query.user_id)}")
    if query.search:
        text = f"lower({bound(query.search)}::text)"
        conditions.append(f"(strpos(lower(flow_name), {text}) > 0 OR strpos(lower(flow_type), {text}) > 0)")
    return conditions


def move_statement(assignments: str, *, fence: str, deleted: bool = False) -> str:
    """The statement of a command; $5 is what `fence` compares. It moves flows that are deleted, or that are not."""
    return f"""
WITH moved AS (
    UPDATE {FLOWS} SET {assignments}, version = version + 1, updated_at = clock_timestamp()
    WHERE {MINE} AND flow_id = $3 AND flow_status = ANY($4::varchar[]) AND {fence}
        AND deleted_at IS {"NOT NULL" if deleted else "NULL"}
    RETURNING *
), noted AS (
    INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, phase, actor, reason, data)
    SELECT client_account_id, engagement_id, flow_id, version,
        CASE WHEN flow_status = 'paused' THEN 'flow_paused' ELSE $6 END, $7, $8, $9,
        jsonb_build_object('status', flow_status) || $10::text::jsonb
    FROM moved
)
SELECT {FLOW_COLUMNS} FROM moved"""


_INSERT = f"""
WITH made AS (
    INSERT INTO {FLOWS} (flow_id, client_account_id, engagement_id, flow_type, user_id, flow_status, flow_configuration,
        flow_persistence_data, flow_name, current_phase, definition_version, run_epoch, runs_here, parent_flow_id,
        correlation_id)
    VALUES ($3, $1, $2, $4, $5, $6, $7::text::jsonb, '{{}}', $8, $9, $10, $11, $12, $13, $18)
    ON CONFLICT (flow_id) DO NOTHING
    RETURNING *
), noted AS (
    INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, actor, reason, data)
    SELECT client_account_id, engagement_id, flow_id, version, $14, $15, $16,
        jsonb_strip_nulls(jsonb_build_object('status', flow_status, 'correlation_id', correlation_id))
            || $17::text::jsonb
    FROM made
)
SELECT {FLOW_COLUMNS} FROM made"""
