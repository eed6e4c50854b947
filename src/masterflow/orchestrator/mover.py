"""How a command moves a flow: the conditional change of its row, why it was refused, and the engine told of it."""

from functools import partial
from uuid import UUID

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, NotFound, VersionConflict
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.engine import Engine, Segment
from masterflow.orchestrator.states import refusal
from masterflow.orchestrator.store import FlowStore, Moved
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.types import Principal

NO_SUCH_FLOW = "There is no such flow."


class Mover:
    """Moves flows for people, inside a transaction that the caller holds; `committed` follows its commit."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._engine = engine

    async def move(
        self,
        store: FlowStore,
        actor: Principal,
        flow_id: UUID,
        change: Change,
        reason: str | None,
        expected_version: int | None,
    ) -> Moved:
        """Do `change`.

        Raises:
            NotFound: there is no such flow.
            Conflict: its state does not allow it.
            VersionConflict: it has another version than expected.
        """
        moved = await store.move(flow_id, change, actor=actor.email, reason=reason, expected_version=expected_version)
        if moved is not None:
            return moved
        flow = await self.found(store, flow_id, include_deleted=change.deleted)
        if change.deleted and flow.deleted_at is None:
            raise Conflict("The flow is not deleted.", hint="There is nothing to restore.")
        if flow.status not in change.sources:
            raise refusal(flow.status, change.command)
        raise VersionConflict(
            f"The flow has version {flow.version} now, not {expected_version}.", hint="Read it again, then repeat."
        )

    async def found(self, store: FlowStore, flow_id: UUID, *, include_deleted: bool = False) -> Flow:
        """One flow.

        Raises:
            NotFound: there is none.
        """
        flow = await store.find(flow_id, include_deleted=include_deleted)
        if flow is None:
            raise NotFound(NO_SUCH_FLOW, hint="List the flows of this engagement.")
        return flow

    async def enqueue(self, store: FlowStore, moved: Moved) -> None:
        """Queue the segment of a flow that runs now."""
        if moved.flow.runs_here and moved.flow.status is FlowStatus.RUNNING:
            await self._engine.enqueue(store.connection, Segment(moved.flow.flow_id, moved.epoch))

    async def withdraw(self, store: FlowStore, moved: Moved) -> None:
        """Take the segment out of the queue that a flow had before it moved."""
        await self._engine.withdraw(store.connection, Segment(moved.flow.flow_id, moved.epoch - 1))

    def committed(self, moved: Moved) -> Flow:
        """The flow; the engine hears of it once the transaction that moved it is committed."""
        self._database.after_commit(partial(self._engine.committed, Segment(moved.flow.flow_id, moved.epoch)))
        return moved.flow
