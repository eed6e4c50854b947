"""Looking after flows that nobody runs: those of dead workers, and those that the engine's memory has lost."""

from time import monotonic
from uuid import UUID

from masterflow.db.session import Database
from masterflow.logs import get_logger
from masterflow.orchestrator.engine import Engine
from masterflow.orchestrator.hooks import ErrorHooks
from masterflow.orchestrator.segments.rescue import rescue
from masterflow.orchestrator.segments.store import SegmentStore
from masterflow.worker.periods import Periods
from masterflow.worker.store import WorkerStore, sweeping

log = get_logger(__name__)


class Upkeep:
    """The sweeper and the reconciler of one worker; over all workers only one sweeps or reconciles at a time."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        segments: SegmentStore,
        workers: WorkerStore,
        periods: Periods,
        hooks: ErrorHooks | None = None,
    ) -> None:
        self._database = database
        self._engine = engine
        self._segments = segments
        self._workers = workers
        self._periods = periods
        self._hooks = hooks
        self._suspected: dict[UUID, float] = {}  # since when, by this process's clock

    async def sweep(self) -> int:
        """Free the flows of dead and frozen workers; answers how many."""
        freed = 0
        async with sweeping(self._database) as mine:
            if not mine:
                return 0
            for worker_id in await self._lost():
                held = await self._engine.held_by(worker_id)
                stranded = {s.segment: s for s in await self._segments.owned_by(worker_id)}
                stranded |= {s.segment: s for s in await self._segments.of(held)}
                died = await self._workers.is_dead(worker_id)  # a frozen process is no phase's fault
                for flow in stranded.values():
                    freed += await rescue(
                        self._segments, flow, reason="its worker died or froze", died=died, hooks=self._hooks
                    )
                await self._engine.forget(held)
                await self._workers.remove(worker_id)
                tell = log.warning if stranded else log.info
                tell("worker_gone", worker_id=str(worker_id), flows=len(stranded))
        return freed

    async def _lost(self) -> list[UUID]:
        """Workers that have looked dead for a while: after an outage of the database, all do for a moment."""
        suspects = await self._workers.suspects(frozen_after=self._periods.frozen_after)
        now = monotonic()
        self._suspected = {worker: self._suspected.get(worker, now) for worker in suspects}
        patience = self._periods.lost_after.total_seconds()
        return [worker for worker, since in self._suspected.items() if now - since >= patience]

    async def reconcile(self) -> int:
        """Queue what the rows say is running and the engine knows nothing of; answers how many."""
        freed = 0
        async with sweeping(self._database) as mine:
            if not mine:
                return 0
            running = await self._segments.running()
            workers = await self._workers.living()
            live = await self._engine.live([flow.segment for flow in running], workers=workers)
            for flow in running:
                if flow.segment not in live:
                    freed += await rescue(
                        self._segments, flow, reason="the engine lost it", died=False, hooks=self._hooks
                    )
                    log.warning("flow_was_lost_by_the_engine", flow_id=str(flow.segment.flow_id))
        return freed

    async def tidy(self) -> int:
        """Delete what the engine remembers of segments that ended a while ago; answers how many."""
        return await self._engine.tidy(older_than=self._periods.keep_ended)

    async def clear_staged(self) -> int:
        """Delete what flows have left staged that can never publish it; answers how many chunks."""
        cleared = await self._workers.clear_staged(older_than=self._periods.keep_staged)
        if cleared:
            log.info("staged_chunks_cleared", chunks=cleared)
        return cleared
