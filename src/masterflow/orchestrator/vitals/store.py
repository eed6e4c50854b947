"""The questions behind the gauges, asked as the engine's role across tenants; each reads an index or counters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from masterflow.db.health import WORKER_SEEN_WITHIN
from masterflow.db.migrate import ENGINE_SCHEMA
from masterflow.db.session import Database
from masterflow.orchestrator.checkpoint import FLOWS

MOST_SECONDS = 5.0  # a count that takes longer is given up: the gauges keep what they had


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look. What is not known is None: nothing is queued, there is no relay, no worker ever beat."""

    flows: Mapping[tuple[str, str], int]
    queue: Mapping[str, int]
    queue_oldest: timedelta | None
    relay_events: int | None
    relay_age: timedelta | None
    workers: int
    heartbeat_age: timedelta | None


class VitalsStore:
    """Looks at everybody's rows, and only counts them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> Seen:
        """Ask everything once."""
        async with self._database.moving() as connection:
            flows = await connection.fetch(_FLOWS, timeout=MOST_SECONDS)
            queue = await connection.fetch(_QUEUE, timeout=MOST_SECONDS)
            oldest = await connection.fetchval(_QUEUE_OLDEST, timeout=MOST_SECONDS)
            workers = await connection.fetchrow(_WORKERS, WORKER_SEEN_WITHIN, timeout=MOST_SECONDS)
            relay = await relay_lag(connection)
        return Seen(
            flows={(row["flow_type"], row["flow_status"]): row["count"] for row in flows},
            queue={row["status"].lower(): row["count"] for row in queue},
            queue_oldest=oldest,
            relay_events=relay.events if relay else None,
            relay_age=relay.age if relay else None,
            workers=workers["living"],
            heartbeat_age=workers["age"],
        )


@dataclass(frozen=True, slots=True)
class RelayLag:
    """How many events the relay has not passed on, and how old the oldest of them is."""

    events: int
    age: timedelta


async def relay_lag(connection: asyncpg.Connection) -> RelayLag | None:
    """How far the relay is behind; None where there is none."""
    if not await connection.fetchval("SELECT to_regclass('public.relay_positions') IS NOT NULL"):
        return None
    row = await connection.fetchrow(_RELAY, timeout=MOST_SECONDS)
    return RelayLag(row["events"], row["age"]) if row else None


async def waiting_flows_in_the_queue(connection: asyncpg.Connection) -> list[str]:
    """Flows that wait or ended, and still hold a live row of the engine; some of them, when there are many."""
    return [str(row["flow_id"]) for row in await connection.fetch(_WAITING_IN_QUEUE, timeout=MOST_SECONDS)]


async def forgotten_flows(connection: asyncpg.Connection) -> list[str]:
    """Running flows of this house that the engine knows nothing of; some of them, when there are many."""
    return [str(row["flow_id"]) for row in await connection.fetch(_FORGOTTEN, timeout=MOST_SECONDS)]


# From the counters of every engagement: counting the flows themselves reads all of them.
_FLOWS = """
SELECT kind.key AS flow_type, status.key AS flow_status, sum(status.value::bigint)::bigint AS count
FROM flow_standings, jsonb_each(by_type) AS kind, jsonb_each_text(kind.value) AS status
GROUP BY kind.key, status.key"""
_QUEUE = f"""
SELECT status, count(*) AS count FROM {ENGINE_SCHEMA}.workflow_status
WHERE status IN ('ENQUEUED', 'DELAYED', 'PENDING') GROUP BY status"""
_QUEUE_OLDEST = f"""
SELECT clock_timestamp() - to_timestamp(min(created_at) / 1000.0) FROM {ENGINE_SCHEMA}.workflow_status
WHERE status = 'ENQUEUED'"""
_WORKERS = """
SELECT count(*) FILTER (WHERE beat_at > clock_timestamp() - $1::interval) AS living,
    clock_timestamp() - max(beat_at) AS age
FROM workers"""
_RELAY = """
SELECT greatest(0, coalesce((SELECT max(id) FROM flow_events), 0) - p.position) AS events,
    coalesce((SELECT clock_timestamp() - at FROM flow_events WHERE id > p.position ORDER BY id LIMIT 1),
        interval '0') AS age
FROM relay_positions p WHERE p.name = 'events'"""

_LIVE = "w.status IN ('ENQUEUED', 'DELAYED', 'PENDING')"
# A segment that just ended is marked so by the engine a moment after its flow moved on.
_WAITING_IN_QUEUE = f"""
SELECT f.flow_id FROM {ENGINE_SCHEMA}.workflow_status w
JOIN {FLOWS} f ON f.flow_id = split_part(w.workflow_uuid, ':', 1)::uuid
WHERE {_LIVE} AND w.name = 'masterflow_segment' AND f.flow_status <> 'running'
    AND f.status_changed_at < clock_timestamp() - interval '1 minute' LIMIT 5"""
_FORGOTTEN = f"""
SELECT f.flow_id FROM {FLOWS} f
WHERE f.flow_status = 'running' AND f.runs_here AND f.deleted_at IS NULL
    AND f.updated_at < clock_timestamp() - interval '2 minutes'
    AND NOT EXISTS (SELECT FROM {ENGINE_SCHEMA}.workflow_status w
        WHERE w.workflow_uuid = f.flow_id::text || ':' || f.run_epoch::text AND {_LIVE}) LIMIT 5"""
