"""Keeping the gauges of this process fresh for whoever scrapes them."""

import asyncio
import math
import time
from datetime import timedelta

import asyncpg

from masterflow.db.session import Database
from masterflow.errors import Unavailable
from masterflow.logs import get_logger, metrics
from masterflow.orchestrator.vitals.store import Seen, VitalsStore

log = get_logger(__name__)

GOOD_FOR = timedelta(seconds=15)


class Vitals:
    """Fills the gauges from the database, at most once in `good_for`, however many ask."""

    def __init__(self, database: Database, *, good_for: timedelta = GOOD_FOR) -> None:
        self._database = database
        self._store = VitalsStore(database)
        self._good_for = good_for.total_seconds()
        self._alone = asyncio.Lock()
        self._looked_at = -math.inf

    async def exposition(self) -> bytes:
        """Every metric in Prometheus' text form. A database that is away is one of them, not an error."""
        async with self._alone:
            if time.monotonic() - self._looked_at >= self._good_for:
                await self._look()
                self._looked_at = time.monotonic()
        for pool in self._database.pools():
            for state, count in (("used", pool.used), ("idle", pool.idle), ("most", pool.most)):
                metrics.POOL_CONNECTIONS.labels(pool.name, state).set(count)
        return metrics.exposition()

    async def _look(self) -> None:
        try:
            seen = await self._store.look()
        except (Unavailable, TimeoutError, OSError, asyncpg.PostgresError) as error:
            log.warning("vitals_unknown", error=str(error))
            metrics.DATABASE_UP.set(0)
            return
        metrics.DATABASE_UP.set(1)
        _fill(seen)


def _fill(seen: Seen) -> None:
    metrics.FLOWS.clear()
    for (flow_type, status), count in seen.flows.items():
        metrics.FLOWS.labels(flow_type, status).set(count)
    for state in ("enqueued", "delayed", "pending"):
        metrics.QUEUE_SEGMENTS.labels(state).set(seen.queue.get(state, 0))
    metrics.QUEUE_OLDEST.set(_seconds(seen.queue_oldest, unknown=0))
    metrics.RELAY_LAG_EVENTS.set(math.nan if seen.relay_events is None else seen.relay_events)
    metrics.RELAY_LAG_SECONDS.set(_seconds(seen.relay_age, unknown=math.nan))
    metrics.WORKERS.set(seen.workers)
    metrics.HEARTBEAT_AGE.set(_seconds(seen.heartbeat_age, unknown=math.nan))


def _seconds(duration: timedelta | None, *, unknown: float) -> float:
    return unknown if duration is None else duration.total_seconds()
