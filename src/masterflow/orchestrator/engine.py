"""What the orchestrator asks of an engine: run segments at least once, on any worker, soon.

The row of the flow is the truth; an engine's memory is a queue that may be lost and is then refilled from the rows.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Segment:
    """The stretch of a flow between two waits. A new epoch makes every older segment of the flow void."""

    flow_id: UUID
    epoch: int

    @property
    def key(self) -> str:
        """The name under which an engine remembers it."""
        return f"{self.flow_id}:{self.epoch}"

    @classmethod
    def from_key(cls, key: str) -> "Segment":
        """The segment that `key` names."""
        flow_id, _, epoch = key.rpartition(":")
        return cls(UUID(flow_id), int(epoch))


Run = Callable[[Segment], Awaitable[None]]


class Engine(Protocol):
    """A durable queue and timer for segments.

    `enqueue`, `withdraw` and `committed` serve commands and need no running engine; the others serve a worker.
    """

    async def enqueue(
        self, connection: asyncpg.Connection, segment: Segment, *, delay: timedelta | None = None
    ) -> None:
        """Queue `segment` inside the caller's transaction: it is queued if and only if that commits."""
        ...

    async def withdraw(self, connection: asyncpg.Connection, segment: Segment) -> None:
        """Take back a queued segment that nobody has begun, inside the caller's transaction."""
        ...

    def committed(self, segment: Segment) -> None:
        """The transaction that enqueued `segment` has committed: it may begin."""
        ...

    async def start(self, run: Run, *, worker_id: UUID, concurrency: int) -> None:
        """Take segments and hand each to `run`, at most `concurrency` at a time, until `stop`.

        `run` raises nothing: what happens to a flow is written to its row.
        """
        ...

    async def stop(self, *, within: timedelta) -> None:
        """Take no more segments, and wait up to `within` for those that run."""
        ...

    async def live(self, segments: Collection[Segment], *, workers: Collection[UUID]) -> set[Segment]:
        """Those of `segments` that are queued, delayed, or held by one of `workers`."""
        ...

    async def held_by(self, worker_id: UUID) -> list[Segment]:
        """Segments that `worker_id` took and has not finished."""
        ...

    async def forget(self, segments: Collection[Segment]) -> None:
        """Drop the memory of segments that are void, in whatever state they are."""
        ...

    async def tidy(self, *, older_than: timedelta) -> int:
        """Delete the memory of segments that ended longer ago than that; answers how many."""
        ...
