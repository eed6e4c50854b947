"""Claims of many segments in one statement: what arrives while one batch is written goes into the next."""

import asyncio
from uuid import UUID

from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.segments.store import Claimed, SegmentStore

MOST = 100  # segments in one statement

Waiting = asyncio.Future[Claimed | None]


class Claims:
    """Claims segments for one worker."""

    def __init__(self, store: SegmentStore, worker_id: UUID) -> None:
        self._store = store
        self._worker_id = worker_id
        self._asked: list[tuple[Segment, Waiting]] = []
        self._writer: asyncio.Task[None] | None = None

    async def claim(self, segment: Segment) -> Claimed | None:
        """Hold the flow of `segment`; None if the segment is void."""
        waiting: Waiting = asyncio.get_running_loop().create_future()
        self._asked.append((segment, waiting))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await waiting

    async def _write(self) -> None:
        while self._asked:
            batch, self._asked = self._asked[:MOST], self._asked[MOST:]
            try:
                claimed = await self._store.claim([segment for segment, _ in batch], worker_id=self._worker_id)
            except Exception as error:  # noqa: BLE001  # boundary: every claim of the batch hears of it
                _answer_all(batch, error)
            else:
                for segment, waiting in batch:
                    if not waiting.done():
                        waiting.set_result(claimed.pop(segment, None))


def _answer_all(batch: list[tuple[Segment, Waiting]], error: Exception) -> None:
    for _, waiting in batch:
        if not waiting.done():
            waiting.set_exception(error)
