"""The one statement that ends a phase: head row, result, event and gate, all or nothing.

A worker's execution holds the row by the token of its claim; a flow that runs elsewhere is held by its phase index
alone. No row answered means that somebody else moved the flow: nothing was written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.rows import content_hash
from masterflow.orchestrator.states import Move, target
from masterflow.spec import FlowType

FLOWS = "crewai_flow_state_extensions"
SHORTEST_SECONDS = 0.0005  # times are kept in milliseconds; what rounds to none would only make the row grow
HELD = "run_token = $3"
ELSEWHERE = "NOT runs_here AND $3::uuid IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDone:
    """What one execution of a phase leaves behind. `output` is JSON text; `seconds` is measured, None if nobody did.
    `asks` opens the phase's gate. `memory` is JSON text of at most 4 KB, written when the segment ends."""

    client_account_id: UUID
    flow_id: UUID
    token: UUID | None
    phase_index: int
    output: str
    attempt: int
    started_at: datetime
    seconds: float | None
    actor: str
    asks: bool
    memory: str | None = None


async def commit_phase(connection: asyncpg.Connection, flow_type: FlowType, done: PhaseDone) -> FlowStatus | None:
    """Write the end of a phase; answers the status that the flow has then, or None if the row was not held any more."""
    phase = flow_type.phases[done.phase_index]
    arguments: list[Any] = [
        done.client_account_id,
        done.flow_id,
        done.token,
        done.phase_index,
        _next_status(flow_type, done),
        _next_phase(flow_type, done),
        phase.name,
        done.seconds,
        done.output,
        done.attempt,
        done.started_at,
        done.actor,
        done.memory,
    ]
    if done.asks and phase.gate is not None:
        gate = phase.gate
        arguments += [gate.asks, list(gate.approver_roles), gate.four_eyes, content_hash(done.output)]
        arguments += [gate.quorum, gate.due_in, gate.remind_every, gate.expires_in]
    statement = _STATEMENTS[(done.token is None, done.asks)]
    status = await connection.fetchval(statement, *arguments)
    return FlowStatus(status) if status else None


def _next_status(flow_type: FlowType, done: PhaseDone) -> FlowStatus:
    if done.asks:
        return target(Move.OPEN_GATE)
    return FlowStatus.RUNNING if done.phase_index + 1 < len(flow_type.phases) else target(Move.COMPLETE)


def _next_phase(flow_type: FlowType, done: PhaseDone) -> str | None:
    """What the row names as its phase: the gate's own while it waits, else the next, none at the end."""
    if done.asks:
        return flow_type.phases[done.phase_index].name
    following = flow_type.phases[done.phase_index + 1 :]
    return following[0].name if following else None


_STAYS = "$5 = 'running' AND NOT pause_requested"

_GATE = """, asked AS (
    INSERT INTO gates (client_account_id, engagement_id, flow_id, iteration, phase_index, phase, status, asks,
        approver_roles, approver_role, four_eyes, content_hash, quorum, opened_at, due_at, remind_at, remind_every,
        expires_at, next_at)
    SELECT client_account_id, engagement_id, flow_id, iteration, $4, $7, 'open', $14, $15::varchar[],
        ($15::varchar[])[1], $16, $17, $18, at, at + $19::interval, at + $20::interval, $20, at + $21::interval,
        least(at + $20, at + $21)
    FROM head, clock_timestamp() AS at
)"""


def _statement(*, fence: str, gated: bool) -> str:
    return f"""
WITH head AS (
    UPDATE {FLOWS} SET
        phase_index = phase_index + 1, version = version + 1, attempts = 0, losses = 0, current_phase = $6,
        last_error = NULL,
        flow_status = CASE WHEN $5 = 'running' AND pause_requested THEN 'paused' ELSE $5 END,
        status_changed_at = CASE WHEN {_STAYS} THEN status_changed_at ELSE clock_timestamp() END,
        run_token = CASE WHEN {_STAYS} THEN run_token END,
        run_owner = CASE WHEN {_STAYS} THEN run_owner END,
        pause_requested = pause_requested AND $5 = 'waiting_for_approval',
        phase_execution_times = CASE WHEN $8::float8 IS NULL OR $8 < {SHORTEST_SECONDS} THEN phase_execution_times
            ELSE coalesce(phase_execution_times, '{{}}') || jsonb_build_object($7::text, round($8::numeric, 3)) END,
        memory_usage_metrics = CASE WHEN {_STAYS} OR $13::text IS NULL THEN memory_usage_metrics
            ELSE coalesce(memory_usage_metrics, '{{}}') || $13::text::jsonb END,
        flow_persistence_data = flow_persistence_data - 'progress', updated_at = clock_timestamp()
    WHERE flow_id = $2 AND client_account_id = $1 AND flow_status = 'running' AND phase_index = $4 AND {fence}
    RETURNING flow_id, client_account_id, engagement_id, iteration, version, flow_status
), result AS (
    INSERT INTO phase_results (client_account_id, engagement_id, flow_id, iteration, phase_index, phase, output,
        attempt, started_at)
    SELECT client_account_id, engagement_id, flow_id, iteration, $4, $7, $9::text::jsonb, $10, $11 FROM head
), noted AS (
    INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, phase, actor, data)
    SELECT client_account_id, engagement_id, flow_id, version, 'phase_completed', $7, $12,
        CASE WHEN flow_status <> 'running' OR $8::float8 IS NULL THEN jsonb_strip_nulls(jsonb_build_object(
            'status', CASE WHEN flow_status <> 'running' THEN flow_status END,
            'measured', CASE WHEN $8 IS NULL THEN false END)) END
    FROM head
){_GATE if gated else ""}
SELECT flow_status FROM head"""


_STATEMENTS = {
    (elsewhere, gated): _statement(fence=ELSEWHERE if elsewhere else HELD, gated=gated)
    for elsewhere in (False, True)
    for gated in (False, True)
}
