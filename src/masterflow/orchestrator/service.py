"""Every command on a flow, for everybody: the API, the command line, the library."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from pydantic import ValidationError

from masterflow.db.calls import call_concerns
from masterflow.db.session import Database, Session
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InvalidInput, NotFound, VersionConflict
from masterflow.orchestrator import changes, gates, paging, workbook
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.elsewhere import FlowStateManager, handling_errors
from masterflow.orchestrator.engine import Engine, Segment
from masterflow.orchestrator.ids import new_flow_id
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.states import Move, refusal, sources
from masterflow.orchestrator.store import FlowStore, Moved, NewFlow
from masterflow.orchestrator.types import (
    Events,
    Failure,
    Flow,
    FlowPage,
    GateStatus,
    JsonObject,
    OpenQuestion,
    Questions,
    Redo,
    Results,
    Verdict,
)
from masterflow.spec import EditableTable, FlowType, Phase, Stores
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_NAME = 200  # characters
NO_SUCH_FLOW = "There is no such flow."
NO_SUCH_GATE = "There is no such gate."
MOST_EVENTS = 1_000
MOST_GATES = 500


class MasterFlowOrchestrator:
    """Moves flows through their states, for verified people.

    Every command is one transaction: it changes the row if the row still allows it, and writes the event beside it.
    A flow that does not exist and one of another tenant raise the same `NotFound`. A command that the state does not
    allow raises `Conflict` and says what would be allowed; a wrong `expected_version` raises `VersionConflict`; a
    role that is missing raises `NotAllowed`.
    """

    def __init__(self, database: Database, registry: FlowTypeRegistry, engine: Engine) -> None:
        self.registry = registry
        self._database = database
        self._engine = engine

    async def create_flow(
        self,
        actor: Principal,
        flow_type: str,
        config: Mapping[str, Any],
        *,
        name: str | None = None,
        start: bool = True,
        parent_flow_id: UUID | None = None,
    ) -> Flow:
        """Create and register a flow in one transaction, and start it unless `start` is False.

        Raises:
            InvalidInput: an unknown flow type, or a configuration that its model refuses.
            NotFound: there is no flow `parent_flow_id`.
        """
        actor.require(Operation.RUN_FLOWS)
        new = self._new(actor, flow_type, config, name=name, start=start, parent_flow_id=parent_flow_id)
        return await self._create(actor, new, kind="flow_created")

    async def create_within(
        self,
        session: Session,
        actor: Principal,
        flow_type: str,
        config: Mapping[str, Any],
        *,
        name: str | None,
        reason: str,
    ) -> Moved:
        """Create and start a flow inside the caller's transaction, who tells `committed` after it.

        Raises:
            InvalidInput: an unknown flow type, or a configuration that its model refuses.
            NotAllowed: the actor may not run flows.
        """
        actor.require(Operation.RUN_FLOWS)
        store = FlowStore(await session.driver(), actor.tenant, self.registry)
        new = self._new(actor, flow_type, config, name=name, start=True, parent_flow_id=None)
        return await self._insert(store, actor, new, kind="flow_created", reason=reason)

    async def register_flow(
        self,
        actor: Principal,
        *,
        flow_type: str,
        configuration: Mapping[str, Any],
        flow_id: UUID | str | None = None,
        name: str | None = None,
        parent_flow_id: UUID | None = None,
    ) -> Flow:
        """Let a flow that runs elsewhere join the master table; its state manager's `update_phase` moves it.

        Raises:
            Conflict: the id is taken.
        """
        actor.require(Operation.RUN_FLOWS)
        kind = self.registry.get(flow_type)
        new = NewFlow(
            flow_id=as_flow_id(flow_id) if flow_id else new_flow_id(),
            flow_type=kind.name,
            definition_version=kind.version,
            first_phase=kind.phases[0].name,
            status=FlowStatus.RUNNING,
            user_id=str(actor.user_id),
            configuration=configured(kind, configuration),
            name=_name(name),
            runs_here=False,
            parent_flow_id=parent_flow_id,
        )
        return await self._create(actor, new, kind="flow_registered")

    async def execute(
        self,
        actor: Principal,
        flow_id: UUID,
        *,
        phase: str | None = None,
        expected_version: int | None = None,
        reason: str | None = None,
    ) -> Flow:
        """Start a flow and run it to its next wait.

        `phase` names the phase to begin with: the next one, or a later one if all between are optional; then `reason`
        is required, and they are recorded as skipped. A paused flow can be executed like one that never started.

        Raises:
            InvalidInput: no such phase, or phases are skipped without a reason.
            Conflict: the phase is not the next one, and what lies between may not be skipped.
        """
        actor.require(Operation.RUN_FLOWS)
        async with self._store(actor) as store:
            flow = await self._found(store, flow_id)
            change = self._start(flow, phase, reason)
            moved = await self._move(store, actor, flow_id, change, reason, _version(expected_version, flow))
            await self._enqueue(store, moved)
        return self.committed(moved)

    async def pause(
        self,
        actor: Principal,
        flow_id: UUID,
        *,
        at_once: bool = False,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Stop a running flow at its next phase boundary or checkpoint; `at_once` gives up the phase that runs."""
        actor.require(Operation.RUN_FLOWS)
        async with self._store(actor) as store:
            moved = await self._move(store, actor, flow_id, changes.pause(at_once=at_once), reason, expected_version)
            if moved.flow.status is FlowStatus.PAUSED:
                await self._withdraw(store, moved)
        return self.committed(moved)

    async def resume(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Let a paused flow run on."""
        return await self._run(actor, flow_id, changes.resume(), reason, expected_version)

    async def retry(
        self,
        actor: Principal,
        flow_id: UUID,
        *,
        phase: str | None = None,
        values: Mapping[str, Any] | None = None,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Run the phase again at which a flow failed.

        With `phase`, an earlier one, it runs from there on; `values` are merged into its configuration first. Either
        begins a new iteration; what `redo` calls reused is not computed again.

        Raises:
            InvalidInput: no such phase, or the flow type's configuration refuses the values.
            Conflict: the phase is ahead of the flow.
        """
        if phase is None and not values:
            return await self._run(actor, flow_id, changes.retry(), reason, expected_version)
        return await self._redo(actor, flow_id, Move.RETRY, phase, values or {}, reason, expected_version)

    async def roll_back(
        self,
        actor: Principal,
        flow_id: UUID,
        phase: str,
        *,
        reason: str | None,
        values: Mapping[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Take a flow that completed or failed back to a phase and run it again from there, in a new iteration.

        Later results are superseded and stay in the history; what the phase publishes anew takes the place of what
        was published.

        Raises:
            InvalidInput: there is no reason, no such phase, or the configuration refuses `values`.
            Conflict: the phase is ahead of the flow.
        """
        if not reason:
            raise InvalidInput("A rollback needs a reason.", hint="Say why.")
        return await self._redo(actor, flow_id, Move.ROLLBACK, phase, values or {}, reason, expected_version)

    async def redo(self, actor: Principal, flow_id: UUID, phase: str | None = None) -> Redo:
        """What running a flow again from `phase` (None: the phase it is at) would use again and compute anew.

        Raises:
            InvalidInput: no such phase.
            Conflict: the phase is ahead of the flow.
        """
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            flow = await self._found(store, flow_id)
        return self._redone(flow, phase)

    async def skip(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Let a failed flow go on without the optional phase that failed.

        Raises:
            InvalidInput: there is no reason.
            Conflict: the phase has to run, or it is the last.
        """
        actor.require(Operation.RUN_FLOWS)
        if not reason:
            raise InvalidInput("Skipping a phase needs a reason.", hint="Say why.")
        async with self._store(actor) as store:
            flow = await self._found(store, flow_id)
            change = self._skip(flow)
            moved = await self._move(store, actor, flow_id, change, reason, _version(expected_version, flow))
            await self._enqueue(store, moved)
        return self.committed(moved)

    async def cancel(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """End a live flow for good: a phase that runs is stopped, an open gate withdrawn."""
        actor.require(Operation.RUN_FLOWS)
        async with self._store(actor) as store:
            moved = await self._move(store, actor, flow_id, changes.cancel(), reason, expected_version)
            await store.withdraw_gates(flow_id, actor=actor.email)
            await self._withdraw(store, moved)
        return self.committed(moved)

    async def delete(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Take a flow that has ended out of every list; nothing is erased."""
        actor.require(Operation.DELETE_FLOWS)
        async with self._store(actor) as store:
            moved = await self._move(store, actor, flow_id, changes.delete(), reason, expected_version)
        return moved.flow

    async def restore(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Bring a deleted flow back into the lists, in the state it was in."""
        actor.require(Operation.DELETE_FLOWS)
        async with self._store(actor) as store:
            moved = await self._move(store, actor, flow_id, changes.restore(), reason, expected_version)
        return moved.flow

    async def supply_input(
        self,
        actor: Principal,
        flow_id: UUID,
        values: Mapping[str, Any],
        *,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Answer a flow that waits for input: `values` are merged into its configuration, and it runs on.

        Raises:
            InvalidInput: the flow type's configuration refuses the values.
        """
        actor.require(Operation.RUN_FLOWS)
        async with self._store(actor) as store:
            flow = await self._found(store, flow_id)
            merged = configured(self.registry.get(flow.flow_type), {**flow.configuration, **values})
            change = changes.supply(merged, fields=sorted(values))
            moved = await self._move(store, actor, flow_id, change, reason, _version(expected_version, flow))
            await self._enqueue(store, moved)
        return self.committed(moved)

    async def get(self, actor: Principal, flow_id: UUID, *, include_deleted: bool = False) -> Flow:
        """One flow."""
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            return await self._found(store, flow_id, include_deleted=include_deleted)

    async def list(
        self,
        actor: Principal,
        *,
        flow_type: str | None = None,
        status: FlowStatus | None = None,
        cursor: str | None = None,
        limit: int = 25,
        include_deleted: bool = False,
    ) -> FlowPage:
        """The engagement's flows, newest status change first, a page at a time.

        Raises:
            InvalidInput: a cursor that no page gave, or a limit out of range.
        """
        actor.require(Operation.READ_FLOWS)
        query = paging.query(
            flow_type=flow_type, status=status, cursor=cursor, limit=limit, include_deleted=include_deleted
        )
        async with self._reading(actor) as store:
            return paging.page(await store.page(query), limit=limit)

    async def history(self, actor: Principal, flow_id: UUID, *, after: int = 0, limit: int = 200) -> Events:
        """Events with `seq` greater than `after`, in order; at most 1,000 at a time."""
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            await self._found(store, flow_id)
            return await store.events(flow_id, after=after, limit=min(limit, MOST_EVENTS))

    async def results(self, actor: Principal, flow_id: UUID) -> Results:
        """What the phases behind the flow computed, in their order: the newest iteration of each, as edited."""
        actor.require(Operation.READ_RESULTS)
        async with self._reading(actor) as store:
            await self._found(store, flow_id)
            return await store.results(flow_id)

    async def gates(
        self,
        actor: Principal,
        *,
        status: GateStatus | None = GateStatus.OPEN,
        flow_id: UUID | None = None,
        limit: int = 100,
    ) -> Questions:
        """Gates of the engagement, newest first, at most 500; `status` None means all."""
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            return await store.questions(status=status, flow_id=flow_id, limit=min(limit, MOST_GATES))

    async def gate(self, actor: Principal, gate_id: UUID) -> OpenQuestion:
        """One gate."""
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            return await self._asked(store, gate_id)

    async def decide(
        self,
        actor: Principal,
        gate_id: UUID,
        verdict: Verdict,
        *,
        reason: str | None = None,
        edited_output: Mapping[str, Any] | None = None,
        content_hash: str | None = None,
    ) -> Flow:
        """Answer a gate.

        An approval publishes what the phase staged, in the same transaction. A rejection needs a reason and leads to
        the phase that the gate names, or to waiting for input. An edited output passes the phase's model and checks
        first. With `content_hash` the decision holds only for the output that was looked at.

        Raises:
            NotAllowed: neither the gate's approver nor a lead, or the person's own work where that is not allowed.
            Conflict: the gate is closed, the flow has moved on, or another content was looked at.
            EditRejected: the edited output breaks a rule.
        """
        actor.require(Operation.READ_FLOWS)
        async with self._database.transaction(actor.tenant) as session:
            store = FlowStore(await session.driver(), actor.tenant, self.registry)
            question = await self._asked(store, gate_id)
            await self._require_decision(store, actor, question, verdict, reason, edited_output, content_hash)
            if verdict is Verdict.REJECT:
                moved = await self._reject(store, actor, question, reason)
            else:
                moved = await self._approve(session, store, actor, question, reason, edited_output)
        return self.committed(moved)

    async def export_gate(self, actor: Principal, gate_id: UUID) -> bytes:
        """The gate's table as an xlsx workbook that a person can edit.

        Raises:
            InvalidInput: the output of this gate has no table form.
        """
        question = await self.gate(actor, gate_id)
        phase, table = self._table(question)
        return workbook.write(table, gates.output_of(phase, question.output))

    async def read_edited_gate(self, actor: Principal, gate_id: UUID, edited: bytes) -> JsonObject:
        """The output that an edited workbook describes, ready for `decide(edited_output=…)`.

        Raises:
            EditRejected: a sentence with row and column for every cell that cannot be accepted.
        """
        question = await self.gate(actor, gate_id)
        phase, table = self._table(question)
        original = gates.output_of(phase, question.output)
        rows = workbook.read(table, original, edited)
        return gates.edited_by_table(phase, table, original, rows).model_dump(mode="json")

    def get_state_manager(self, actor: Principal, flow_id: UUID | str) -> FlowStateManager:
        """What moves one flow that runs elsewhere, for `actor`."""
        return FlowStateManager(self._database, self.registry, actor, as_flow_id(flow_id))

    def handle_errors(self, actor: Principal, function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """`function`, which runs a phase elsewhere, so wrapped that its errors reach the flow's row for `actor`."""
        return handling_errors(partial(self.get_state_manager, actor), function)

    @asynccontextmanager
    async def _store(self, actor: Principal) -> AsyncIterator[FlowStore]:
        async with self._database.commanding(actor.tenant) as connection:
            yield FlowStore(connection, actor.tenant, self.registry)

    @asynccontextmanager
    async def _reading(self, actor: Principal) -> AsyncIterator[FlowStore]:
        async with self._database.reading(actor.tenant) as connection:
            yield FlowStore(connection, actor.tenant, self.registry)

    async def _create(self, actor: Principal, new: NewFlow, *, kind: str) -> Flow:
        async with self._store(actor) as store:
            if new.parent_flow_id is not None and await store.find(new.parent_flow_id) is None:
                raise NotFound(NO_SUCH_FLOW, hint="Name a flow of this engagement as the parent.")
            moved = await self._insert(store, actor, new, kind=kind, reason=None)
        return self.committed(moved)

    async def _insert(
        self, store: FlowStore, actor: Principal, new: NewFlow, *, kind: str, reason: str | None
    ) -> Moved:
        moved = await store.insert(new, kind=kind, actor=actor.email, reason=reason)
        if moved is None:
            raise Conflict(f"The flow id {new.flow_id} is taken.", hint="Leave the id out, or use a fresh UUID.")
        await self._enqueue(store, moved)
        return moved

    def _new(
        self,
        actor: Principal,
        flow_type: str,
        config: Mapping[str, Any],
        *,
        name: str | None,
        start: bool,
        parent_flow_id: UUID | None,
    ) -> NewFlow:
        kind = self.registry.get(flow_type)
        return NewFlow(
            flow_id=new_flow_id(),
            flow_type=kind.name,
            definition_version=kind.version,
            first_phase=kind.phases[0].name,
            status=FlowStatus.RUNNING if start else FlowStatus.INITIALIZED,
            user_id=str(actor.user_id),
            configuration=configured(kind, config),
            name=_name(name),
            runs_here=True,
            parent_flow_id=parent_flow_id,
        )

    async def _run(
        self, actor: Principal, flow_id: UUID, change: Change, reason: str | None, expected_version: int | None
    ) -> Flow:
        actor.require(Operation.RUN_FLOWS)
        async with self._store(actor) as store:
            moved = await self._move(store, actor, flow_id, change, reason, expected_version)
            await self._enqueue(store, moved)
        return self.committed(moved)

    async def _redo(
        self,
        actor: Principal,
        flow_id: UUID,
        move: Move,
        phase: str | None,
        values: Mapping[str, Any],
        reason: str | None,
        expected_version: int | None,
    ) -> Flow:
        actor.require(Operation.RUN_FLOWS)
        async with self._store(actor) as store:
            flow = await self._found(store, flow_id)
            if flow.status not in sources(move):
                raise refusal(flow.status, move.value)
            kind, redone = self.registry.get(flow.flow_type), self._redone(flow, phase)
            change = changes.redo(
                move,
                kind="flow_retried" if move is Move.RETRY else "flow_rolled_back",
                phase=redone.phase,
                index=kind.index_of(redone.phase),
                reused=redone.reused,
                configuration=configured(kind, {**flow.configuration, **values}),
                fields=sorted(values),
            )
            moved = await self._move(store, actor, flow_id, change, reason, _version(expected_version, flow))
            await self._enqueue(store, moved)
        return self.committed(moved)

    def _redone(self, flow: Flow, phase: str | None) -> Redo:
        kind = self.registry.get(flow.flow_type)
        index = min(flow.phase_index, len(kind.phases) - 1)
        if phase is not None:
            index = kind.index_of(self.registry.phase(kind, phase).name)
        if index > flow.phase_index:
            raise Conflict(
                f"'{phase}' is ahead of this flow, which is at '{flow.current_phase}'.", hint="Name a phase behind it."
            )
        names = tuple(one.name for one in kind.phases)
        return Redo(names[index], reused=names[:index], runs_again=names[index:])

    def _skip(self, flow: Flow) -> Change:
        if flow.status not in sources(Move.SKIP):
            raise refusal(flow.status, "skip its phase")
        kind = self.registry.get(flow.flow_type)
        failed, following = kind.phases[flow.phase_index], kind.phases[flow.phase_index + 1 :]
        if not failed.optional:
            raise Conflict(f"'{failed.name}' has to run and cannot be skipped.", hint="Retry it, or roll back.")
        if not following:
            raise Conflict(f"'{failed.name}' is the last phase.", hint="Retry it, or roll back.")
        return changes.skip(phase=failed.name, next_phase=following[0].name, index=flow.phase_index + 1)

    async def _move(
        self,
        store: FlowStore,
        actor: Principal,
        flow_id: UUID,
        change: Change,
        reason: str | None,
        expected_version: int | None,
    ) -> Moved:
        moved = await store.move(flow_id, change, actor=actor.email, reason=reason, expected_version=expected_version)
        if moved is not None:
            return moved
        flow = await self._found(store, flow_id, include_deleted=change.deleted)
        if change.deleted and flow.deleted_at is None:
            raise Conflict("The flow is not deleted.", hint="There is nothing to restore.")
        if flow.status not in change.sources:
            raise refusal(flow.status, change.command)
        raise VersionConflict(
            f"The flow has version {flow.version} now, not {expected_version}.", hint="Read it again, then repeat."
        )

    async def _enqueue(self, store: FlowStore, moved: Moved) -> None:
        if moved.flow.runs_here and moved.flow.status is FlowStatus.RUNNING:
            await self._engine.enqueue(store.connection, Segment(moved.flow.flow_id, moved.epoch))

    async def _withdraw(self, store: FlowStore, moved: Moved) -> None:
        await self._engine.withdraw(store.connection, Segment(moved.flow.flow_id, moved.epoch - 1))

    def committed(self, moved: Moved) -> Flow:
        """The flow; the engine hears of it once the transaction that moved it is committed."""
        self._database.after_commit(partial(self._engine.committed, Segment(moved.flow.flow_id, moved.epoch)))
        return moved.flow

    async def _found(self, store: FlowStore, flow_id: UUID, *, include_deleted: bool = False) -> Flow:
        flow = await store.find(flow_id, include_deleted=include_deleted)
        if flow is None:
            raise NotFound(NO_SUCH_FLOW, hint="List the flows of this engagement.")
        return flow

    async def _asked(self, store: FlowStore, gate_id: UUID) -> OpenQuestion:
        found = await store.questions(status=None, flow_id=None, gate_id=gate_id, limit=1)
        if not found:
            raise NotFound(NO_SUCH_GATE, hint="List the gates of this engagement.")
        call_concerns(found[0].flow_id)
        return found[0]

    def _start(self, flow: Flow, phase: str | None, reason: str | None) -> Change:
        kind = self.registry.get(flow.flow_type)
        index = flow.phase_index
        if phase is not None:
            index = kind.index_of(self.registry.phase(kind, phase).name)
        if index < flow.phase_index or index >= len(kind.phases):
            raise Conflict(
                f"'{phase}' is behind this flow, which is at '{flow.current_phase}'.", hint="Name a phase ahead."
            )
        skipped = [phase.name for phase in kind.phases[flow.phase_index : index]]
        required = [name for name in skipped if not kind.phase(name).optional]
        if required:
            raise Conflict(f"'{required[0]}' has to run first and cannot be skipped.", hint=f"Execute '{required[0]}'.")
        if skipped and not reason:
            raise InvalidInput(f"Skipping {', '.join(skipped)} needs a reason.", hint="Say why.")
        return changes.start(phase=kind.phases[index].name, index=index, skipped=skipped)

    async def _require_decision(
        self,
        store: FlowStore,
        actor: Principal,
        question: OpenQuestion,
        verdict: Verdict,
        reason: str | None,
        edited_output: Mapping[str, Any] | None,
        content_hash: str | None,
    ) -> None:
        gates.require_decider(actor, question)
        gates.require_open(
            question, verdict, reason=reason, edited=edited_output is not None, content_hash=content_hash
        )
        if verdict is Verdict.APPROVE:
            policy = await store.approval_policy()
            gates.require_other_eyes(
                actor,
                question,
                started_by=await store.started_by(question.flow_id),
                self_approval=policy.self_approval,
                members=policy.members,
            )

    async def _approve(
        self,
        session: Session,
        store: FlowStore,
        actor: Principal,
        question: OpenQuestion,
        reason: str | None,
        edited_output: Mapping[str, Any] | None,
    ) -> Moved:
        kind = self.registry.get(question.flow_type)
        phase = kind.phase(question.phase)
        output = (
            gates.output_of(phase, question.output)
            if edited_output is None
            else gates.edited(phase, question.output, edited_output)
        )
        kept = None if edited_output is None else json_text(output.model_dump(mode="json"))
        await self._close(store, question, GateStatus.APPROVED, actor, reason, kept)
        index = kind.index_of(phase.name) + 1
        next_phase = kind.phases[index].name if index < len(kind.phases) else None
        data = {"content_hash": question.content_hash, "edited": kept is not None}
        change = changes.approve(phase=phase.name, next_phase=next_phase, data=data)
        moved = await self._move(store, actor, question.flow_id, change, reason, None)
        if phase.publish is not None:
            await phase.publish(Stores(session, question.flow_id, question.iteration), output)
        if next_phase is None:
            return await self._move(store, actor, question.flow_id, changes.complete(), None, None)
        await self._enqueue(store, moved)
        return moved

    async def _reject(self, store: FlowStore, actor: Principal, question: OpenQuestion, reason: str | None) -> Moved:
        kind = self.registry.get(question.flow_type)
        gate = kind.phase(question.phase).gate
        await self._close(store, question, GateStatus.REJECTED, actor, reason, None)
        change = _rejection(kind, question, gate.rejects_to if gate else None, reason or "")
        moved = await self._move(store, actor, question.flow_id, change, reason, None)
        await self._enqueue(store, moved)
        return moved

    async def _close(
        self,
        store: FlowStore,
        question: OpenQuestion,
        status: GateStatus,
        actor: Principal,
        reason: str | None,
        edited_output: str | None,
    ) -> None:
        closed = await store.close_gate(
            question.id, status, actor=actor.email, reason=reason, edited_output=edited_output
        )
        if not closed:
            raise Conflict("This gate was decided meanwhile.", hint="Read the flow again.")

    def _table(self, question: OpenQuestion) -> tuple[Phase[Any, Any], EditableTable[Any]]:
        phase = self.registry.get(question.flow_type).phase(question.phase)
        if phase.gate is None or phase.gate.table is None:
            raise InvalidInput(
                f"The output of '{question.phase}' has no table form.",
                hint="Read the gate, and edit its output as JSON.",
            )
        return phase, phase.gate.table


def _version(expected: int | None, flow: Flow) -> int:
    """The version a command starts from: the caller's, or the one that was just read."""
    return flow.version if expected is None else expected


def configured(kind: FlowType, config: Mapping[str, Any]) -> JsonObject:
    """A configuration as the flow type's model completes it.

    Raises:
        InvalidInput: the model refuses it; a sentence a field.
    """
    try:
        return kind.config.model_validate(dict(config)).model_dump(mode="json")
    except ValidationError as error:
        raise InvalidInput(
            f"The configuration of '{kind.name}' is refused: {'; '.join(gates.sentences(error))}.",
            hint="Correct these fields.",
        ) from error


def as_flow_id(value: UUID | str) -> UUID:
    """A flow id given as text.

    Raises:
        NotFound: it is none, so there is no such flow.
    """
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise NotFound(NO_SUCH_FLOW, hint="A flow id is a UUID.") from None


def _name(name: str | None) -> str | None:
    if name is not None and len(name) > LONGEST_NAME:
        raise InvalidInput(f"The name has {len(name)} characters.", hint=f"Use at most {LONGEST_NAME}.")
    return name


def _rejection(kind: FlowType, question: OpenQuestion, to: str | None, reason: str) -> Change:
    if to is not None:
        return changes.send_back(phase=question.phase, to=to, index=kind.index_of(to))
    failure = Failure(
        code="gate.rejected",
        message=f"'{question.phase}' was rejected: {reason}",
        hint="Supply other input; the phase then runs again.",
        phase=question.phase,
        permanent=False,
    )
    return changes.reject(phase=question.phase, index=kind.index_of(question.phase), failure=failure)
