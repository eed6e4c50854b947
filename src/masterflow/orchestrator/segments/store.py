"""Flows as the engine's role moves them, across tenants; every statement names the tenant and the token it holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from masterflow.db.session import Database
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Engine, Segment
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import FLOW_COLUMNS, flow_from, json_text
from masterflow.orchestrator.store import EFFECTIVE_RESULTS, move_statement
from masterflow.orchestrator.types import Flow, JsonObject, Progress
from masterflow.tenancy.types import Tenant

ENGINE_ACTOR = "engine"
BY_TOKEN = "run_token = $5::uuid"  # noqa: S105  a fence, not a secret
BY_TOKEN_UNLESS_PAUSED = f"{BY_TOKEN} AND NOT pause_requested"
BY_EPOCH = "run_epoch = $5::integer"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A flow that this execution holds as long as its row carries `token`."""

    flow: Flow
    epoch: int
    token: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """What a held row says now: whose token it carries, and whether somebody asked to pause."""

    token: UUID | None
    pause_requested: bool


@dataclass(frozen=True, slots=True)
class Stranded:
    """A running flow, as those see it who look for flows that nobody runs."""

    tenant: Tenant
    segment: Segment
    phase: str | None
    attempts: int


class SegmentStore:
    """The statements of claims, ends, watches and rescues."""

    def __init__(self, database: Database, registry: FlowTypeRegistry, engine: Engine) -> None:
        self._database = database
        self._registry = registry
        self._engine = engine

    async def claim(self, segments: Sequence[Segment], *, worker_id: UUID) -> dict[Segment, Claimed]:
        """Hold the flows whose epoch these segments still have, all in one transaction, each under a fresh token."""
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                _CLAIM,
                [segment.flow_id for segment in segments],
                [segment.epoch for segment in segments],
                [uuid4() for _ in segments],
                worker_id,
            )
        claimed = [Claimed(flow_from(row, self._registry), row["run_epoch"], row["run_token"]) for row in rows]
        return {Segment(found.flow.flow_id, found.epoch): found for found in claimed}

    async def outputs(self, flow: Flow) -> list[JsonObject]:
        """What the phases behind the flow computed, in their order."""
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                EFFECTIVE_RESULTS, flow.tenant.client_account_id, flow.tenant.engagement_id, flow.flow_id
            )
        return [orjson.loads(row["output"]) for row in rows]

    async def end(self, claimed: Claimed, change: Change) -> bool:
        """Let go of a flow with `change`; False if it was not held any more."""
        async with self._database.moving() as connection:
            statement = move_statement(change.assignments, fence=BY_TOKEN)
            return await connection.fetchrow(statement, *_held(claimed, change)) is not None

    async def run_again(self, claimed: Claimed, change: Change, *, delay: timedelta) -> bool:
        """Let go of a flow and queue its next segment; False if it was not held any more, or a pause was asked for."""
        async with self._database.moving_together() as connection:
            statement = move_statement(change.assignments, fence=BY_TOKEN_UNLESS_PAUSED)
            row = await connection.fetchrow(statement, *_held(claimed, change))
            if row is None:
                return False
            segment = Segment(row["flow_id"], row["run_epoch"])
            await self._engine.enqueue(connection, segment, delay=delay if delay > timedelta(0) else None)
        self._engine.committed(segment)
        return True

    async def watch(self, flow_ids: Collection[UUID]) -> dict[UUID, Held]:
        """What the rows of these flows say, in one query; a flow that runs no more is absent."""
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                f"""SELECT flow_id, run_token, pause_requested FROM {FLOWS}
                    WHERE flow_id = ANY($1::uuid[]) AND flow_status = 'running'""",
                list(flow_ids),
            )
        return {row["flow_id"]: Held(row["run_token"], row["pause_requested"]) for row in rows}

    async def note_progress(self, progress: Sequence[tuple[Claimed, Progress]]) -> None:
        """Write how far phases are, for people who watch: no event and no version, and only where the token holds."""
        async with self._database.moving() as connection:
            await connection.execute(
                _PROGRESS,
                [claimed.flow.flow_id for claimed, _ in progress],
                [claimed.token for claimed, _ in progress],
                [json_text(_progress_json(note)) for _, note in progress],
            )

    async def owned_by(self, worker_id: UUID) -> list[Stranded]:
        """Running flows that `worker_id` claimed last."""
        return await self._running("run_owner = $1", worker_id)

    async def of(self, segments: Collection[Segment]) -> list[Stranded]:
        """Running flows whose epoch one of `segments` has."""
        found = await self._running("flow_id = ANY($1::uuid[])", [segment.flow_id for segment in segments])
        return [stranded for stranded in found if stranded.segment in set(segments)]

    async def running(self) -> list[Stranded]:
        """Every flow that a worker has to run."""
        return await self._running("$1", True)

    async def rescue(self, stranded: Stranded, change: Change) -> bool:
        """Move a flow that nobody runs; False if somebody moved it meanwhile."""
        async with self._database.moving_together() as connection:
            tenant = stranded.tenant
            row = await connection.fetchrow(
                move_statement(change.assignments, fence=BY_EPOCH),
                tenant.client_account_id,
                tenant.engagement_id,
                stranded.segment.flow_id,
                [status.value for status in change.sources],
                stranded.segment.epoch,
                *_said(change),
            )
            if row is None:
                return False
            segment = Segment(row["flow_id"], row["run_epoch"])
            if row["flow_status"] == "running":
                await self._engine.enqueue(connection, segment)
        self._engine.committed(segment)
        return True

    async def _running(self, condition: str, value: object) -> list[Stranded]:
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                f"""SELECT client_account_id, engagement_id, flow_id, run_epoch, current_phase, attempts FROM {FLOWS}
                    WHERE flow_status = 'running' AND runs_here AND deleted_at IS NULL AND {condition}""",
                value,
            )
        return [
            Stranded(
                Tenant(row["client_account_id"], row["engagement_id"]),
                Segment(row["flow_id"], row["run_epoch"]),
                row["current_phase"],
                row["attempts"],
            )
            for row in rows
        ]


def _held(claimed: Claimed, change: Change) -> list[Any]:
    tenant = claimed.flow.tenant
    return [
        tenant.client_account_id,
        tenant.engagement_id,
        claimed.flow.flow_id,
        [status.value for status in change.sources],
        claimed.token,
        *_said(change),
    ]


def _said(change: Change) -> list[Any]:
    return [change.kind, change.phase, ENGINE_ACTOR, None, json_text(change.data), *change.values]


def _progress_json(note: Progress) -> dict[str, str | int]:
    return {"phase": note.phase, "done": note.done, "total": note.total, "what": note.what}


_CLAIM = f"""
UPDATE {FLOWS} SET run_token = asked.token, run_owner = $4
FROM unnest($1::uuid[], $2::integer[], $3::uuid[]) AS asked (id, epoch, token)
WHERE flow_id = asked.id AND run_epoch = asked.epoch AND flow_status = 'running' AND runs_here AND deleted_at IS NULL
RETURNING {FLOW_COLUMNS}, run_token"""

# One notification for every so many flows: its text has less than 8,000 bytes.
_PROGRESS = f"""
WITH written AS (
UPDATE {FLOWS} SET flow_persistence_data = jsonb_set(flow_persistence_data, '{{progress}}', noted.progress::jsonb),
    updated_at = clock_timestamp()
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS noted (id, token, progress)
WHERE flow_id = noted.id AND run_token = noted.token AND flow_status = 'running'
RETURNING flow_id
), numbered AS (SELECT flow_id, row_number() OVER () / 200 AS part FROM written)
SELECT pg_notify('masterflow_progress', string_agg(flow_id::text, ',')) FROM numbered GROUP BY part"""
