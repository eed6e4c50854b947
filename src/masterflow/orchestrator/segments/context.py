"""The world as one execution of a phase sees it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, TypeVar
from uuid import UUID

from pydantic import JsonValue

from masterflow.db.session import Database
from masterflow.errors import ConfigurationInvalid
from masterflow.inventory.filestore import FileStore
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.segments.store import ItemStore
from masterflow.orchestrator.segments.work import Ending, Work
from masterflow.orchestrator.types import Progress
from masterflow.spec import Stores
from masterflow.tenancy.types import Tenant

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_NOTE = 200  # characters of what a phase says it is doing


@dataclass(slots=True, kw_only=True)
class RunningPhase:
    """Implements `spec.PhaseContext` for the worker."""

    flow_id: UUID
    flow_type: str
    phase: str
    iteration: int
    attempt: int
    tenant: Tenant
    now: datetime
    database: Database
    pool: ComputePool
    work: Work
    file_store: FileStore | None = None
    recorded: dict[str, JsonValue] | None = None  # items of this phase, once the first was asked for

    @property
    def files(self) -> FileStore:
        """The file store of this worker.

        Raises:
            ConfigurationInvalid: the worker was made without one.
        """
        if self.file_store is None:
            raise ConfigurationInvalid(
                f"'{self.phase}' opens files, but this worker was made without a file store.",
                hint="Give the worker a FileStore on settings.files_url.",
            )
        return self.file_store

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Stores]:
        """One transaction of the tenant, as the app's role."""
        async with self.database.transaction(self.tenant) as session:
            yield Stores(session, self.flow_id, self.iteration)

    async def compute(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run CPU-bound work in another process."""
        answer, peak_mib = await self.pool.measured(function, *args, **kwargs)
        self.work.computed(peak_mib)
        return answer

    async def checkpoint(self) -> None:
        """Let the loop breathe, and stop here if the flow shall pause or this worker ends."""
        await asyncio.sleep(0)
        ending = self._asked_to_end()
        if ending is not None:
            # The whole body is cancelled, not only the caller: it may run several tasks, and each has to stop.
            self.work.end(ending)
            await asyncio.Future()

    async def item(self, key: str, call: Callable[[str], Awaitable[JsonValue]]) -> JsonValue:
        """What `call` answered the first time; see `spec.PhaseContext`."""
        store = ItemStore(self.database, self.tenant, self.flow_id, self.iteration, self.phase)
        if self.recorded is None:
            self.recorded = await store.recorded()
        if key not in self.recorded:
            answer = await call(store.full_key(key))
            self.recorded[key] = await store.record(key, answer)
        return self.recorded[key]

    async def progress(self, done: int, total: int, what: str) -> None:
        """Say how far the phase is; written to the row by the next look at it."""
        self.work.note(Progress(phase=self.phase, done=done, total=total, what=what[:LONGEST_NOTE]))

    def _asked_to_end(self) -> Ending | None:
        if self.work.pause_requested:
            return Ending.PAUSE
        return Ending.RELEASE if self.work.draining else None
