"""The planted faults: each takes one guard out of the process that it is planted in, as a careless change would."""

import asyncio
import itertools
import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from drills import toys
from masterflow.api import texts
from masterflow.db import session
from masterflow.db.status import FlowStatus
from masterflow.orchestrator import checkpoint, engine_dbos, rows
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.checkpoint import PhaseDone
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.segments import runner
from masterflow.orchestrator.segments.runner import SegmentRunner
from masterflow.orchestrator.store import BY_VERSION, FlowStore, Moved, move_statement
from masterflow.spec import FlowType

JUDGING = timedelta(milliseconds=10)


def effects_without_a_key() -> None:
    """A body that does its effect again each time it runs."""
    toys.IDEMPOTENT = False


def read_check_write() -> None:
    """A command that reads the row, judges it in Python, and then writes whatever the row says by now.

    It takes its time to judge, so that somebody gets in between on a machine of any speed.
    """

    async def move(
        self: FlowStore, flow_id: UUID, change: Change, *, actor: str, reason: str | None, expected_version: int | None
    ) -> Moved | None:
        flow = await self.find(flow_id, include_deleted=change.deleted)
        allowed = (
            flow is not None
            and flow.status in change.sources
            and (flow.deleted_at is not None) == change.deleted
            and expected_version in (None, flow.version)
        )
        if not allowed:
            return None
        await asyncio.sleep(JUDGING.total_seconds())
        statement = move_statement(change.assignments, fence=f"({BY_VERSION} OR true)", deleted=change.deleted)
        unconditional = statement.replace("flow_status = ANY($4::varchar[])", "$4::varchar[] IS NOT NULL").replace(
            f"AND deleted_at IS {'NOT NULL' if change.deleted else 'NULL'}", ""
        )
        values = [None, change.kind, change.phase, actor, reason, checkpoint_text(change), *change.values]
        row = await self.connection.fetchrow(unconditional, *self._mine, flow_id, [], *values)
        return await self._moved(row)

    FlowStore.move = move  # type: ignore[method-assign]


def checkpoint_text(change: Change) -> str:
    """What the event of a change carries, as its statement takes it."""
    return json_text(change.data)


def no_token_check() -> None:
    """Commits that do not ask whose row it is, in a worker that never looks whether it lost any."""
    statements = checkpoint._STATEMENTS
    unfenced = "($3::uuid IS NOT NULL OR true)"
    for key, statement in statements.items():
        statements[key] = statement.replace(checkpoint.HELD, unfenced)

    async def look_away(self: SegmentRunner) -> None:
        return None

    SegmentRunner.refresh = look_away  # type: ignore[method-assign]


def commit_in_two() -> None:
    """A phase commit whose result is written in a transaction of its own, after the row has moved on."""

    async def commit(connection: asyncpg.Connection, flow_type: FlowType, done: PhaseDone) -> FlowStatus | None:
        if done.asks:
            return await checkpoint.commit_phase(connection, flow_type, done)
        values = [done.client_account_id, done.flow_id, done.phase_index]
        found = await connection.fetchrow(
            f"""SELECT * FROM {checkpoint.FLOWS} WHERE client_account_id = $1 AND flow_id = $2 AND phase_index = $3
                AND run_token = $4""",
            *values,
            done.token,
        )
        if found is None:
            return None
        status = checkpoint._next_status(flow_type, done)
        await connection.execute(
            f"""UPDATE {checkpoint.FLOWS} SET phase_index = phase_index + 1, version = version + 1, flow_status = $4,
                current_phase = $5 WHERE client_account_id = $1 AND flow_id = $2 AND phase_index = $3""",
            *values,
            status,
            checkpoint._next_phase(flow_type, done),
        )
        phase = flow_type.phases[done.phase_index].name
        await connection.execute(
            """INSERT INTO phase_results (client_account_id, engagement_id, flow_id, iteration, phase_index, phase,
                output, attempt, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)""",
            *(found["client_account_id"], found["engagement_id"], done.flow_id, found["iteration"]),
            *(done.phase_index, phase, done.output, done.attempt, done.started_at),
        )
        await connection.execute(
            """INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, phase, actor, data)
                VALUES ($1, $2, $3, $4, 'phase_completed', $5, $6, NULL)""",
            *(
                found["client_account_id"],
                found["engagement_id"],
                done.flow_id,
                found["version"] + 1,
                phase,
                done.actor,
            ),
        )
        return status

    runner.commit_phase = commit  # type: ignore[attr-defined]


def version_of_its_own() -> None:
    """An engine whose application version is that of its source, so that it leaves alone what another one queued."""
    configured = engine_dbos.DbosEngine._config

    def config(self: engine_dbos.DbosEngine, worker_id: UUID) -> Any:
        return configured(self, worker_id) | {"application_version": "hash-of-the-second-source"}

    engine_dbos.DbosEngine._config = config  # type: ignore[method-assign]


def errors_as_they_come() -> None:
    """An API that lets the driver's errors through instead of saying that the database is away."""

    @asynccontextmanager
    async def untranslated() -> Any:
        yield

    session._translated = untranslated


def texts_as_they_come() -> None:
    """An API that does not look at texts before the database does."""
    texts.unkept_texts = lambda value: iter(())  # type: ignore[attr-defined]
    texts.is_kept = lambda text: True  # type: ignore[attr-defined]
    rows._NUL = re.compile(b"(?!)")


def breaks_now_and_then() -> None:
    """A command that breaks every 20th time."""
    move, count = FlowStore.move, itertools.count(1)

    async def breaking(self: FlowStore, *args: Any, **kwargs: Any) -> Moved | None:
        if next(count) % 20 == 0:
            raise RuntimeError("planted")
        return await move(self, *args, **kwargs)

    FlowStore.move = breaking  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (
        effects_without_a_key,
        read_check_write,
        no_token_check,
        commit_in_two,
        version_of_its_own,
        errors_as_they_come,
        texts_as_they_come,
        breaks_now_and_then,
    )
}


def plant(name: str) -> None:
    """Plant one fault in this process."""
    MUTANTS[name]()
