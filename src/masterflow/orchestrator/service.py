"""Every command on a flow, for everybody: the API, the command line, the library."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import cached_property, partial
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from pydantic import ValidationError

from masterflow.db.session import Database, Session
from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InvalidInput, NotFound
from masterflow.orchestrator import changes, gates, paging
from masterflow.orchestrator.analytics import Analytics, Scope, read_analytics
from masterflow.orchestrator.asking.desk import InputDesk
from masterflow.orchestrator.asking.types import Asked
from masterflow.orchestrator.bulk.service import BulkCommands
from masterflow.orchestrator.cells import WHOLE, CellEdit, Chosen
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.elsewhere import FlowStateManager, handling_errors
from masterflow.orchestrator.engine import Engine
from masterflow.orchestrator.gatekeeping.desk import GateDesk
from masterflow.orchestrator.gatekeeping.types import Answer, Decisions, Inbox, InboxView, Preview, TablePage
from masterflow.orchestrator.hooks import ErrorHook, ErrorHooks
from masterflow.orchestrator.ids import new_flow_id
from masterflow.orchestrator.mover import NO_SUCH_FLOW, Mover
from masterflow.orchestrator.quotas.store import QuotaStore
from masterflow.orchestrator.quotas.types import UNLIMITED, Quotas
from masterflow.orchestrator.redoing import redone, refuse_edits_too_late, refuse_state
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.states import Move, refusal, sources
from masterflow.orchestrator.store import FlowStore, Moved, NewFlow
from masterflow.orchestrator.told import told
from masterflow.orchestrator.types import (
    Events,
    Flow,
    FlowPage,
    GateStatus,
    GateSummaries,
    JsonObject,
    OpenQuestion,
    Questions,
    Redo,
    Results,
    Verdict,
)
from masterflow.orchestrator.upgrading import brought_up
from masterflow.spec import FlowType
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_NAME = 200  # characters
MOST_EVENTS = 1_000


@told(
    "redo",
    "get",
    "list",
    "history",
    "results",
    "analytics",
    "gates",
    "list_gates",
    "gate",
    "decisions",
    "inbox",
    "asked_input",
    "input_template",
    "read_input",
    "export_gate",
    "read_edited_gate",
    "gate_table",
    "preview_gate",
)
class MasterFlowOrchestrator:
    """Moves flows through their states, for verified people.

    Every command is one transaction: it changes the row if the row still allows it, and writes the event beside it.
    A flow that does not exist and one of another tenant raise the same `NotFound`. A command that the state does not
    allow raises `Conflict` and says what would be allowed; a wrong `expected_version` raises `VersionConflict`; a
    role that is missing raises `NotAllowed`.
    """

    def __init__(
        self,
        database: Database,
        registry: FlowTypeRegistry,
        engine: Engine,
        *,
        hooks: ErrorHooks | None = None,
        quotas: Quotas = UNLIMITED,
    ) -> None:
        self.registry = registry
        self.hooks = hooks or ErrorHooks()
        self._database = database
        mover = self._mover = Mover(database, engine)
        self._move, self._found = mover.move, mover.found
        self._enqueue, self._withdraw = mover.enqueue, mover.withdraw
        self._desk = GateDesk(database, registry, mover)
        self._inputs = InputDesk(database, registry, mover)
        self._quotas = quotas

    def on_error(self, hook: ErrorHook) -> ErrorHook:
        """Call `hook` with what went wrong and the flow, after the row says so; works as a decorator too.

        It is called in the process that met the error: give a worker this orchestrator's `hooks` to hear of its flows.
        """
        self.hooks.add(hook)
        return hook

    @cached_property
    def bulk(self) -> BulkCommands:
        """Commands on many flows at once."""
        return BulkCommands(self._database, self)

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
            flow, version = await self._present(store, actor, flow_id, expected_version)
            change = self._start(flow, phase, reason)
            moved = await self._move(store, actor, flow_id, change, reason, version)
            await self._within_quota(store, actor)
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
            InvalidInput: no such phase, the flow type's configuration refuses the values, or one is read by a phase
                whose result is used again.
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
            InvalidInput: there is no reason, no such phase, the configuration refuses `values`, or one is read by a
                phase whose result is used again.
            Conflict: the phase is ahead of the flow.
        """
        if not reason:
            raise InvalidInput("A rollback needs a reason.", hint="Say why.")
        return await self._redo(actor, flow_id, Move.ROLLBACK, phase, values or {}, reason, expected_version)

    async def redo(
        self,
        actor: Principal,
        flow_id: UUID,
        phase: str | None = None,
        *,
        values: Mapping[str, Any] | None = None,
        move: Move | None = None,
    ) -> Redo:
        """What running a flow again from `phase` (None: the phase it is at) would use again and compute anew.

        `values` are edits of the configuration, `move` is `Move.RETRY` or `Move.ROLLBACK`; what either command would
        refuse is refused. None: what may be done to the flow, a retry or a rollback.

        Raises:
            InvalidInput: no such phase, or the command would refuse the values.
            Conflict: the phase is ahead of the flow, or its state allows neither command.
        """
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            flow = await self._found(store, flow_id)
        refuse_state(flow.status, move)
        if not values:
            return redone(self.registry, flow, phase)
        return self._edited(flow, phase, values)[0]

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
            flow, version = await self._present(store, actor, flow_id, expected_version)
            change = self._skip(flow)
            moved = await self._move(store, actor, flow_id, change, reason, version)
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

        Fields that are not named keep their value; those that the flow asks for have to be named (of several
        that have a value already, one). Quotas are not asked: the flow was begun before.

        Raises:
            InputRejected: there is no such field, the flow type's configuration refuses a value, or a field that is
                asked for is not given; a sentence a field.
        """
        return await self._inputs.supply(actor, flow_id, values, reason=reason, expected_version=expected_version)

    async def asked_input(self, actor: Principal, flow_id: UUID) -> Asked:
        """What a flow waits for: its missing fields with their reasons, as a JSON schema, and what else is missing."""
        return await self._inputs.asked(actor, flow_id)

    async def input_template(self, actor: Principal, flow_id: UUID) -> bytes:
        """What a flow waits for as an xlsx workbook to fill in."""
        return await self._inputs.template(actor, flow_id)

    async def read_input(self, actor: Principal, flow_id: UUID, name: str, data: bytes) -> Mapping[str, Any]:
        """The values that a filled-in file gives, ready for `supply_input`; `name` says the format.

        Raises:
            InvalidInput: it is no .json, .csv or .xlsx that can be read.
            InputRejected: something else than a value was changed, or a field is given twice.
        """
        return await self._inputs.read(actor, flow_id, name, data)

    async def get(self, actor: Principal, flow_id: UUID, *, include_deleted: bool = False) -> Flow:
        """One flow."""
        actor.require(Operation.READ_FLOWS)
        async with self._reading(actor) as store:
            return await self._found(store, flow_id, include_deleted=include_deleted)

    async def list(
        self,
        actor: Principal,
        *,
        flow_type: str | Sequence[str] | None = None,
        status: FlowStatus | Sequence[FlowStatus] | None = None,
        search: str | None = None,
        mine: bool = False,
        cursor: str | None = None,
        limit: int = 25,
        include_deleted: bool = False,
    ) -> FlowPage:
        """The engagement's flows, newest status change first, a page at a time.

        `search` is a part of the name or of the type, whatever its case; `mine` are those that `actor` started.

        Raises:
            InvalidInput: a cursor that no page gave, or a limit out of range.
        """
        actor.require(Operation.READ_FLOWS)
        query = paging.query(
            flow_type=flow_type,
            status=status,
            cursor=cursor,
            limit=limit,
            include_deleted=include_deleted,
            search=search,
            user_id=str(actor.user_id) if mine else None,
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

    async def analytics(
        self,
        actor: Principal,
        *,
        first: date | None = None,
        last: date | None = None,
        flow_type: str | None = None,
        scope: Scope = Scope.ENGAGEMENT,
    ) -> Analytics:
        """What the flows of the engagement or the client did from `first` to `last`, and where they stand now.

        Raises:
            InvalidInput: the window ends before it begins, or has more than 366 days.
        """
        return await read_analytics(self._database, actor, first=first, last=last, flow_type=flow_type, scope=scope)

    async def gates(
        self,
        actor: Principal,
        *,
        status: GateStatus | None = GateStatus.OPEN,
        flow_id: UUID | None = None,
        limit: int = 100,
    ) -> Questions:
        """Gates of the engagement and the outputs they ask about, newest first, at most 500; `status` None means all.

        An output may have megabytes: `list_gates` leaves them out.
        """
        return await self._desk.gates(actor, status=status, flow_id=flow_id, limit=limit)

    async def list_gates(
        self,
        actor: Principal,
        *,
        status: GateStatus | None = GateStatus.OPEN,
        flow_id: UUID | None = None,
        limit: int = 100,
    ) -> GateSummaries:
        """Gates of the engagement, newest first, at most 500; `status` None means all."""
        return await self._desk.listed(actor, status=status, flow_id=flow_id, limit=limit)

    async def gate(self, actor: Principal, gate_id: UUID) -> OpenQuestion:
        """One gate."""
        return await self._desk.gate(actor, gate_id)

    async def decisions(self, actor: Principal, gate_id: UUID) -> Decisions:
        """Every answer to one gate, oldest first, those that an edit has superseded included."""
        return await self._desk.decisions(actor, gate_id)

    async def inbox(self, actor: Principal, view: InboxView = InboxView.MINE, *, limit: int = 100) -> Inbox:
        """The gates that concern `actor`: open ones of the roles held, all open ones, or those answered before."""
        return await self._desk.inbox(actor, view, limit=limit)

    async def decide(
        self,
        actor: Principal,
        gate_id: UUID,
        verdict: Verdict,
        *,
        reason: str | None = None,
        edited_output: Mapping[str, Any] | None = None,
        edits: Sequence[CellEdit] = (),
        content_hash: str | None = None,
        to: str | None = None,
    ) -> Flow:
        """Answer a gate. The flow moves when a quorum of people has approved one content, or one rejects.

        The approval that completes the quorum publishes what the phase staged, in the same transaction. A rejection
        needs a reason and leads to the phase `to`, else to the one that the gate names, else to waiting for input. An
        edited output, or `edits` of cells of the gate's table, pass the phase's model and checks first; earlier
        approvals were of another content then and count no more. With `content_hash` the decision holds only for the
        output that was looked at; a gate of several people needs it.

        Raises:
            NotAllowed: a role that does not decide this gate, a service account, or the person's own work where that
                is not allowed.
            Conflict: the gate is closed or expired, the flow has moved on, another content was looked at, or the
                person has answered about this content.
            EditRejected: the edited output breaks a rule.
        """
        answer = Answer(
            verdict=verdict,
            reason=reason,
            edited_output=edited_output,
            cells=tuple(edits),
            content_hash=content_hash,
            to=to,
        )
        return await self._desk.decide(actor, gate_id, answer)

    async def gate_table(
        self, actor: Principal, gate_id: UUID, chosen: Chosen = WHOLE, *, cursor: str | None = None, limit: int = 100
    ) -> TablePage:
        """A part of the table in which a gate can be edited, at most 1,000 rows.

        Raises:
            Conflict: the gate has no table.
        """
        return await self._desk.table(actor, gate_id, chosen, cursor=cursor, limit=limit)

    async def preview_gate(
        self, actor: Principal, gate_id: UUID, edits: Sequence[CellEdit], *, content_hash: str | None = None
    ) -> Preview:
        """What an approval with `edits` would come to: the output computed anew, and all that is wrong with it.

        Whoever may read the gate may ask; nothing is kept. `decide` takes the same edits if there are no problems.

        Raises:
            Conflict: the gate has no table, asks no more, or asks about another content than `content_hash`.
        """
        return await self._desk.preview(actor, gate_id, edits, content=content_hash)

    async def export_gate(self, actor: Principal, gate_id: UUID) -> bytes:
        """The gate's table as an xlsx workbook that a person can edit.

        Raises:
            InvalidInput: the output of this gate has no table form.
        """
        return await self._desk.export(actor, gate_id)

    async def read_edited_gate(self, actor: Principal, gate_id: UUID, edited: bytes) -> JsonObject:
        """The output that an edited workbook describes, ready for `decide(edited_output=…)`.

        Raises:
            EditRejected: a sentence with row and column for every cell that cannot be accepted.
        """
        return await self._desk.read_edited(actor, gate_id, edited)

    async def decide_by_workbook(
        self,
        actor: Principal,
        gate_id: UUID,
        edited: bytes,
        *,
        reason: str | None = None,
        content_hash: str | None = None,
    ) -> Flow:
        """Approve with the edits of a workbook, bound to the content that it was exported from.

        Raises:
            Conflict: beside what `decide` refuses: the gate asks about another content than the workbook was made from.
            EditRejected: a sentence with row and column for every cell that cannot be accepted.
        """
        return await self._desk.decide_by_workbook(actor, gate_id, edited, reason=reason, content=content_hash)

    def get_state_manager(self, actor: Principal, flow_id: UUID | str) -> FlowStateManager:
        """What moves one flow that runs elsewhere, for `actor`."""
        return FlowStateManager(self._database, self.registry, actor, as_flow_id(flow_id), self.hooks)

    def handle_errors(self, actor: Principal, function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """`function`, which runs a phase elsewhere, so wrapped that its errors reach the flow's row for `actor`."""
        return handling_errors(partial(self.get_state_manager, actor), function)

    def committed(self, moved: Moved) -> Flow:
        """The flow; the engine hears of it once the transaction that moved it is committed."""
        return self._mover.committed(moved)

    @asynccontextmanager
    async def _store(self, actor: Principal) -> AsyncIterator[FlowStore]:
        async with self._database.commanding(actor.tenant) as connection:
            yield FlowStore(connection, actor.tenant, self.registry)

    @asynccontextmanager
    async def _reading(self, actor: Principal) -> AsyncIterator[FlowStore]:
        async with self._database.reading(actor.tenant) as connection:
            yield FlowStore(connection, actor.tenant, self.registry)

    async def _present(
        self, store: FlowStore, actor: Principal, flow_id: UUID, expected_version: int | None
    ) -> tuple[Flow, int]:
        """A flow under the present version of its type, and the version that its row has to have for a command."""
        flow = await self._found(store, flow_id)
        now = await brought_up(store, self.registry, flow, actor=actor.email, expected_version=expected_version)
        return now, now.version if now is not flow else _version(expected_version, flow)

    async def _within_quota(self, store: FlowStore, actor: Principal) -> None:
        """Refuse what makes one flow more run than may; the caller's transaction is undone then."""
        await QuotaStore(store.connection, actor.tenant).require_running(self._quotas)

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
        await QuotaStore(store.connection, actor.tenant).count_created(
            self._quotas, runs=new.runs_here and new.status is FlowStatus.RUNNING
        )
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
            await self._within_quota(store, actor)
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
            refuse_state(flow.status, move)
            version = _version(expected_version, flow)
            kind = self.registry.get(flow.flow_type)
            if phase != kind.phases[0].name:  # from the first on, nothing of an older version is left
                flow, version = await self._present(store, actor, flow_id, expected_version)
            redo, configuration = self._edited(flow, phase, values)
            change = changes.redo(
                move,
                kind="flow_retried" if move is Move.RETRY else "flow_rolled_back",
                phase=redo.phase,
                index=kind.index_of(redo.phase),
                reused=redo.reused,
                configuration=configuration,
                fields=sorted(values),
                definition_version=kind.version,
            )
            moved = await self._move(store, actor, flow_id, change, reason, version)
            await self._within_quota(store, actor)
            await self._enqueue(store, moved)
        return self.committed(moved)

    def _edited(self, flow: Flow, phase: str | None, values: Mapping[str, Any]) -> tuple[Redo, JsonObject]:
        """What running a flow again means, and its configuration with `values` in it."""
        kind = self.registry.get(flow.flow_type)
        redo = redone(self.registry, flow, phase)
        configuration = configured(kind, {**flow.configuration, **values})
        refuse_edits_too_late(kind, redo, before=flow.configuration, after=configuration, edited=values)
        return redo, configuration

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
    if name is not None and not name.strip():
        raise InvalidInput("The name is blank.", hint="Give the flow a name, or leave it out.")
    if name is not None and len(name) > LONGEST_NAME:
        raise InvalidInput(f"The name has {len(name)} characters.", hint=f"Use at most {LONGEST_NAME}.")
    return name
