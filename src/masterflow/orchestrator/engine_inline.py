"""Segments in the event loop of the process that enqueues them: for tests, the tutorial and scripts.

Its memory is lost with the process, which the rows make good: whoever starts a worker later refills a queue from them.
"""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import asyncpg

from masterflow.db.calls import outside_calls
from masterflow.errors import Conflict
from masterflow.orchestrator.engine import Run, Segment


class InlineEngine:
    """Runs segments as tasks of the running loop, once their transaction has committed."""

    def __init__(self) -> None:
        self._uncommitted: dict[Segment, timedelta] = {}
        self._queued: dict[Segment, float] = {}  # when each is due, by the loop's clock
        self._running: dict[Segment, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._run: Run | None = None
        self._worker_id: UUID | None = None
        self._concurrency = 0

    async def enqueue(
        self,
        connection: asyncpg.Connection,  # noqa: ARG002  the protocol's
        segment: Segment,
        *,
        delay: timedelta | None = None,
    ) -> None:
        """Remember `segment` until its transaction has committed."""
        self._uncommitted[segment] = delay or timedelta(0)

    async def withdraw(
        self,
        connection: asyncpg.Connection,  # noqa: ARG002  the protocol's
        segment: Segment,
    ) -> None:
        """Forget `segment` unless it runs."""
        self._queued.pop(segment, None)

    def committed(self, segment: Segment) -> None:
        """Queue `segment`, if it was enqueued, and begin what is due."""
        delay = self._uncommitted.pop(segment, None)
        if delay is not None:
            self._queued[segment] = asyncio.get_running_loop().time() + delay.total_seconds()
            self._look()

    async def start(self, run: Run, *, worker_id: UUID, concurrency: int) -> None:
        """Take segments, beginning with those queued before.

        Raises:
            Conflict: it runs already.
        """
        if self._run is not None:
            raise Conflict("This process already runs an engine.", hint="Start one worker a process.")
        self._run, self._worker_id, self._concurrency = run, worker_id, concurrency
        self._look()

    async def stop(self, *, within: timedelta) -> None:
        """Take no more segments, and wait up to `within` for those that run; the rest is cancelled."""
        self._run = None
        self._look()
        if self._running:
            _, late = await asyncio.wait(list(self._running.values()), timeout=within.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def live(self, segments: Collection[Segment], *, workers: Collection[UUID]) -> set[Segment]:
        """Those of `segments` that are queued or run here."""
        held = set(self._running) if self._worker_id in workers else set()
        return set(segments) & (set(self._queued) | held)

    async def held_by(self, worker_id: UUID) -> list[Segment]:
        """Segments that run here, if this is that worker."""
        return list(self._running) if worker_id == self._worker_id else []

    async def forget(self, segments: Collection[Segment]) -> None:
        """Drop void segments."""
        for segment in segments:
            self._queued.pop(segment, None)

    async def tidy(self, *, older_than: timedelta) -> int:  # noqa: ARG002  the protocol's
        """Nothing: an ended segment leaves no memory."""
        return 0

    async def idle(self) -> None:
        """Wait until nothing runs and nothing is due; what is delayed stays delayed."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    def _look(self) -> None:
        """Begin what is due, and come back when the next is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._run is None:
            return
        loop = asyncio.get_running_loop()
        for segment, due in sorted(self._queued.items(), key=lambda item: item[1]):
            if due > loop.time():
                self._timer = loop.call_at(due, self._look)
                return
            if len(self._running) >= self._concurrency:
                return
            del self._queued[segment]
            self._running[segment] = asyncio.create_task(self._to_the_end(segment, self._run))

    async def _to_the_end(self, segment: Segment, run: Run) -> None:
        try:
            with outside_calls():  # a task inherits the call that set it off
                await run(segment)
        finally:
            del self._running[segment]
            self._look()
