"""Flows as the engine's role moves them, across tenants; every statement names the tenant and the token it holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from pydantic import JsonValue

from masterflow.db.session import Database
from masterflow.errors import InvalidInput, ResultNotStorable
from masterflow.orchestrator import changes, correlation
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Engine, Segment
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import FLOW_COLUMNS, flow_from, json_text
from masterflow.orchestrator.segments.patience import patient
from masterflow.orchestrator.store import EFFECTIVE_RESULTS, move_statement
from masterflow.orchestrator.types import Failure, Flow, JsonObject, Progress
from masterflow.orchestrator.upgrades import Landing
from masterflow.orchestrator.upgrading import land
from masterflow.tenancy.types import Tenant

ENGINE_ACTOR = "engine"
PROGRESS_CHANNEL = "masterflow_progress"
LONGEST_ITEM_KEY = 200  # characters
LARGEST_ITEM = 1_000_000  # characters of JSON
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
    losses: int = 0
    begun: bool = True  # somebody claimed it: a segment that was only taken from the queue is not to blame
    correlation_id: str | None = None


class SegmentStore:
    """The statements of claims, ends, watches and rescues."""

    def __init__(self, database: Database, registry: FlowTypeRegistry, engine: Engine) -> None:
        self._database = database
        self._registry = registry
        self._engine = engine

    @patient
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
        claimed = [await self._read(row) for row in rows]
        return {Segment(found.flow.flow_id, found.epoch): found for found in claimed if found is not None}

    async def outputs(self, flow: Flow) -> list[JsonObject]:
        """What the phases behind the flow computed, in their order."""
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                EFFECTIVE_RESULTS, flow.tenant.client_account_id, flow.tenant.engagement_id, flow.flow_id
            )
        return [orjson.loads(row["output"]) for row in rows]

    async def _read(self, row: asyncpg.Record) -> Claimed | None:
        """A claimed row as a flow. One that cannot be read ends here, alone: the other claims of its batch go on."""
        try:
            if not row["flow_configuration"].startswith("{"):
                raise ValueError("its configuration is no JSON object")
            return Claimed(flow_from(row, self._registry), row["run_epoch"], row["run_token"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            change = changes.fail(_unreadable(row, error))
            async with self._database.moving() as connection:
                await connection.execute(
                    move_statement(change.assignments, fence=BY_TOKEN),
                    row["client_account_id"],
                    row["engagement_id"],
                    row["flow_id"],
                    [status.value for status in change.sources],
                    row["run_token"],
                    *_said(change),
                )
            return None

    @patient
    async def end(self, claimed: Claimed, change: Change) -> Flow | None:
        """Let go of a flow with `change`; None if it was not held any more."""
        async with self._database.moving() as connection:
            statement = move_statement(change.assignments, fence=BY_TOKEN)
            row = await connection.fetchrow(statement, *_held(claimed, change))
        return flow_from(row, self._registry) if row else None

    async def land(self, claimed: Claimed, found: Landing) -> Flow | None:
        """Let a held flow go on under the present version of its type; None if it was not held any more."""
        async with self._database.moving_together() as connection:

            async def move(change: Change) -> Flow | None:
                statement = move_statement(change.assignments, fence=BY_TOKEN)
                row = await connection.fetchrow(statement, *_held(claimed, change))
                return flow_from(row, self._registry) if row else None

            if not await connection.fetchval(_LOCK, claimed.flow.flow_id, claimed.token):
                return None
            return await land(connection, claimed.flow, found, move)

    @patient
    async def defer(self, claimed: Claimed, *, delay: timedelta) -> None:
        """Give a flow back to the queue as if it had not been taken, to come again after `delay`: no event tells."""
        async with self._database.moving_together() as connection:
            epoch = await connection.fetchval(
                _DEFER, claimed.flow.tenant.client_account_id, claimed.flow.flow_id, claimed.token
            )
            if epoch is None:
                return
            segment = Segment(claimed.flow.flow_id, epoch)
            await self._engine.enqueue(connection, segment, delay=delay)
        self._engine.committed(segment)

    async def others_wait(self, client_account_id: UUID) -> bool:
        """Whether a flow of another client could run now and nobody runs it; one that rests does not count."""
        async with self._database.moving() as connection:
            return bool(await connection.fetchval(_OTHERS, client_account_id))

    @patient
    async def run_again(self, claimed: Claimed, change: Change, *, delay: timedelta) -> Flow | None:
        """Let go of a flow and queue its next segment; None if it was not held any more, or a pause was asked for."""
        async with self._database.moving_together() as connection:
            statement = move_statement(change.assignments, fence=BY_TOKEN_UNLESS_PAUSED)
            row = await connection.fetchrow(statement, *_held(claimed, change))
            if row is None:
                return None
            segment = Segment(row["flow_id"], row["run_epoch"])
            await self._engine.enqueue(connection, segment, delay=delay if delay > timedelta(0) else None)
        self._engine.committed(segment)
        return flow_from(row, self._registry)

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

    async def rescue(self, stranded: Stranded, change: Change, *, delay: timedelta | None = None) -> Flow | None:
        """Move a flow that nobody runs; None if somebody moved it meanwhile."""
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
                return None
            segment = Segment(row["flow_id"], row["run_epoch"])
            if row["flow_status"] == "running":
                await self._engine.enqueue(connection, segment, delay=delay)
        self._engine.committed(segment)
        return flow_from(row, self._registry)

    async def _running(self, condition: str, value: object) -> list[Stranded]:
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                f"""SELECT client_account_id, engagement_id, flow_id, run_epoch, current_phase, attempts, losses,
                        run_token IS NOT NULL AS begun, correlation_id
                    FROM {FLOWS}
                    WHERE flow_status = 'running' AND runs_here AND deleted_at IS NULL AND {condition}""",
                value,
            )
        return [
            Stranded(
                Tenant(row["client_account_id"], row["engagement_id"]),
                Segment(row["flow_id"], row["run_epoch"]),
                row["current_phase"],
                row["attempts"],
                row["losses"],
                row["begun"],
                row["correlation_id"],
            )
            for row in rows
        ]


class ItemStore:
    """What one phase has recorded of its outside calls, as the tenant's own transactions see and write it."""

    def __init__(self, database: Database, tenant: Tenant, flow_id: UUID, iteration: int, phase: str) -> None:
        self._database = database
        self._tenant = tenant
        self._key = (tenant.client_account_id, tenant.engagement_id, flow_id, iteration, phase)

    def full_key(self, item: str) -> str:
        """The name of one call, the same in every execution of this phase in this iteration.

        Raises:
            InvalidInput: the key is empty or too long.
        """
        if not 1 <= len(item) <= LONGEST_ITEM_KEY:
            raise InvalidInput(
                f"The key of an item has {len(item)} characters.", hint=f"Use 1 to {LONGEST_ITEM_KEY} of them."
            )
        _, _, flow_id, iteration, phase = self._key
        return f"{flow_id}:{iteration}:{phase}:{item}"

    async def recorded(self) -> dict[str, JsonValue]:
        """Every item with what was answered."""
        async with self._database.reading(self._tenant) as connection:
            rows = await connection.fetch(_ITEMS, *self._key)
        return {row["item"]: orjson.loads(row["payload"]) for row in rows}

    async def record(self, item: str, answer: JsonValue) -> JsonValue:
        """Keep an answer, and answer with the one that is kept: a twin of this execution may have been faster.

        Raises:
            ResultNotStorable: it is no JSON, or too large.
        """
        try:
            text = json_text(answer)
        except InvalidInput as error:
            raise ResultNotStorable(f"The answer of item '{item}' cannot be kept: {error.message}") from error
        if len(text) > LARGEST_ITEM:
            raise ResultNotStorable(
                f"The answer of item '{item}' has {len(text):,} characters; at most {LARGEST_ITEM:,} are kept."
            )
        async with self._database.commanding(self._tenant) as connection:
            await connection.execute(_RECORD, *self._key, item, text)
            kept = await connection.fetchval(f"{_ITEMS} AND item = $6", *self._key, item, column=1)
        answered: JsonValue = orjson.loads(kept)
        return answered


def _unreadable(row: asyncpg.Record, error: Exception) -> Failure:
    return Failure(
        code="flow.unreadable",
        message=f"The flow's row cannot be read: {type(error).__name__}: {error}.",
        hint="Somebody wrote to the table past Masterflow; correct the row, then retry the flow.",
        phase=row["current_phase"],
        correlation_id=row["correlation_id"] or correlation.fresh(),
    )


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

_ITEMS = """SELECT item, payload::text AS payload FROM phase_items WHERE client_account_id = $1 AND engagement_id = $2
    AND flow_id = $3 AND iteration = $4 AND phase = $5"""
_RECORD = """INSERT INTO phase_items (client_account_id, engagement_id, flow_id, iteration, phase, item, payload)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb) ON CONFLICT DO NOTHING"""

_LOCK = f"""SELECT true FROM {FLOWS} WHERE flow_id = $1 AND run_token = $2 AND flow_status = 'running' FOR UPDATE"""

_DEFER = f"""
UPDATE {FLOWS} SET run_epoch = run_epoch + 1, run_token = NULL, run_owner = NULL
WHERE client_account_id = $1 AND flow_id = $2 AND run_token = $3 AND flow_status = 'running'
RETURNING run_epoch"""

_WAITING = f"""SELECT FROM {FLOWS} WHERE flow_status = 'running' AND run_token IS NULL AND runs_here
    AND deleted_at IS NULL AND (run_after IS NULL OR run_after <= clock_timestamp()) AND client_account_id"""
_OTHERS = f"SELECT EXISTS ({_WAITING} <> $1)"

# One notification for every so many flows: its text has less than 8,000 bytes.
_PROGRESS = f"""
WITH written AS (
UPDATE {FLOWS} SET flow_persistence_data = jsonb_set(flow_persistence_data, '{{progress}}', noted.progress::jsonb),
    updated_at = clock_timestamp()
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS noted (id, token, progress)
WHERE flow_id = noted.id AND run_token = noted.token AND flow_status = 'running'
RETURNING flow_id
), numbered AS (SELECT flow_id, row_number() OVER () / 200 AS part FROM written)
SELECT pg_notify('{PROGRESS_CHANNEL}', string_agg(flow_id::text, ',')) FROM numbered GROUP BY part"""
