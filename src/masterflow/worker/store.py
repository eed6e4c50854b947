"""The table of workers: who lives, who died, who froze."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from masterflow.db.session import Database
from masterflow.orchestrator.checkpoint import FLOWS

STAGED_AT_ONCE = 200  # chunks; each may be hundreds of kilobytes
SWEEP_LOCK = 0x6D66_7377  # one worker sweeps at a time

# A lock key of 64 bits is shown in two halves.
_LOCKED = """EXISTS (
    SELECT 1 FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.classid::bigint = (w.lock_key >> 32) & 4294967295 AND l.objid::bigint = w.lock_key & 4294967295
)"""

_CLEAR_STAGED = f"""
WITH gone AS (
    DELETE FROM staged_chunks WHERE ctid IN (
        SELECT s.ctid FROM staged_chunks s JOIN {FLOWS} f USING (flow_id, client_account_id)
        WHERE f.flow_status IN ('completed', 'cancelled') AND f.status_changed_at < clock_timestamp() - $1::interval
        LIMIT $2 FOR UPDATE OF s SKIP LOCKED
    ) RETURNING 1
)
SELECT count(*) FROM gone"""


class WorkerStore:
    """What workers know of each other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def living(self) -> set[UUID]:
        """Workers that nobody has declared dead."""
        async with self._database.moving() as connection:
            return {row["worker_id"] for row in await connection.fetch("SELECT worker_id FROM workers")}

    async def suspects(self, *, frozen_after: timedelta) -> set[UUID]:
        """Workers that look dead (their lock is gone) or frozen (no beat for `frozen_after`) at this moment."""
        async with self._database.moving() as connection:
            rows = await connection.fetch(
                f"""SELECT worker_id FROM workers w
                    WHERE NOT {_LOCKED} OR beat_at < clock_timestamp() - $1::interval""",
                frozen_after,
            )
        return {row["worker_id"] for row in rows}

    async def is_dead(self, worker_id: UUID) -> bool:
        """Whether a worker's lock is gone: its process has ended. One that is only frozen holds it still."""
        async with self._database.moving() as connection:
            return not await connection.fetchval(f"SELECT {_LOCKED} FROM workers w WHERE worker_id = $1", worker_id)

    async def remove(self, worker_id: UUID) -> None:
        """Declare a worker dead; if it is only frozen, its next beat finds no row."""
        async with self._database.moving() as connection:
            await connection.execute("DELETE FROM workers WHERE worker_id = $1", worker_id)

    async def clear_staged(self, *, older_than: timedelta) -> int:
        """Delete staged chunks of flows that completed or were cancelled longer ago than that, a batch at a time.

        A completed flow published what it staged; one that goes back to a phase stages anew. A failed one may be tried
        again with what it staged, so its chunks stay.
        """
        cleared = 0
        async with self._database.moving() as connection:
            while True:
                gone: int = await connection.fetchval(_CLEAR_STAGED, older_than, STAGED_AT_ONCE)
                cleared += gone
                if gone < STAGED_AT_ONCE:
                    return cleared


@asynccontextmanager
async def sweeping(database: Database) -> AsyncIterator[bool]:
    """Whether this worker is the one that sweeps, until the block ends.

    The lock is the session's, not a transaction's: an idle transaction would keep a snapshot, and with it every dead
    version of every row.
    """
    async with database.moving() as connection:
        mine = bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", SWEEP_LOCK))
        try:
            yield mine
        finally:
            if mine and not connection.is_closed():
                await connection.execute("SELECT pg_advisory_unlock($1)", SWEEP_LOCK)
