"""The orchestrator for one verified person in one tenant: the same commands without the actor."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.analytics import Analytics, Scope
from masterflow.orchestrator.asking.types import Asked
from masterflow.orchestrator.bulk.service import TenantBulk
from masterflow.orchestrator.cells import WHOLE, CellEdit, Chosen
from masterflow.orchestrator.elsewhere import FlowStateManager, handling_errors
from masterflow.orchestrator.gatekeeping.types import Decisions, Inbox, InboxView, Preview, TablePage
from masterflow.orchestrator.hooks import ErrorHook
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.orchestrator.states import Move
from masterflow.orchestrator.types import (
    Events,
    Failure,
    Flow,
    FlowPage,
    GateStatus,
    GateSummaries,
    OpenQuestion,
    Questions,
    Redo,
    Results,
    Verdict,
)
from masterflow.tenancy.types import Principal

P = ParamSpec("P")
T = TypeVar("T")


class MultiTenantFlowManager:
    """`MasterFlowOrchestrator` bound to a verified principal; what each command does is said there.

    The principal comes from a verified session; there is no default tenant, and none can be passed in by a call.
    """

    def __init__(self, orchestrator: MasterFlowOrchestrator, principal: Principal) -> None:
        self.principal = principal
        self._orchestrator = orchestrator

    async def create_flow(
        self,
        flow_type: str,
        config: Mapping[str, Any],
        *,
        name: str | None = None,
        start: bool = True,
        parent_flow_id: UUID | None = None,
    ) -> Flow:
        """Create, register and start a flow."""
        return await self._orchestrator.create_flow(
            self.principal, flow_type, config, name=name, start=start, parent_flow_id=parent_flow_id
        )

    async def register_flow(
        self,
        *,
        flow_type: str,
        configuration: Mapping[str, Any],
        flow_id: UUID | str | None = None,
        name: str | None = None,
        parent_flow_id: UUID | None = None,
    ) -> Flow:
        """Let a flow that runs elsewhere join the master table."""
        return await self._orchestrator.register_flow(
            self.principal,
            flow_type=flow_type,
            configuration=configuration,
            flow_id=flow_id,
            name=name,
            parent_flow_id=parent_flow_id,
        )

    async def execute(
        self,
        flow_id: UUID,
        *,
        phase: str | None = None,
        expected_version: int | None = None,
        reason: str | None = None,
    ) -> Flow:
        """Start a flow and run it to its next wait."""
        return await self._orchestrator.execute(
            self.principal, flow_id, phase=phase, expected_version=expected_version, reason=reason
        )

    async def pause(
        self,
        flow_id: UUID,
        *,
        at_once: bool = False,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Stop a running flow at its next boundary."""
        return await self._orchestrator.pause(
            self.principal, flow_id, at_once=at_once, reason=reason, expected_version=expected_version
        )

    async def resume(self, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None) -> Flow:
        """Let a paused flow run on."""
        return await self._orchestrator.resume(
            self.principal, flow_id, reason=reason, expected_version=expected_version
        )

    async def retry(
        self,
        flow_id: UUID,
        *,
        phase: str | None = None,
        values: Mapping[str, Any] | None = None,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Run the phase again at which a flow failed, or from an earlier one, with edited values."""
        return await self._orchestrator.retry(
            self.principal, flow_id, phase=phase, values=values, reason=reason, expected_version=expected_version
        )

    async def roll_back(
        self,
        flow_id: UUID,
        phase: str,
        *,
        reason: str | None,
        values: Mapping[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Take a flow that completed or failed back to a phase and run it again from there."""
        return await self._orchestrator.roll_back(
            self.principal, flow_id, phase, reason=reason, values=values, expected_version=expected_version
        )

    async def redo(
        self,
        flow_id: UUID,
        phase: str | None = None,
        *,
        values: Mapping[str, Any] | None = None,
        move: Move | None = None,
    ) -> Redo:
        """What running a flow again from a phase, with edited values, would use again and compute anew."""
        return await self._orchestrator.redo(self.principal, flow_id, phase, values=values, move=move)

    async def skip(self, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None) -> Flow:
        """Let a failed flow go on without the optional phase that failed."""
        return await self._orchestrator.skip(self.principal, flow_id, reason=reason, expected_version=expected_version)

    async def restore(self, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None) -> Flow:
        """Bring a deleted flow back into the lists."""
        return await self._orchestrator.restore(
            self.principal, flow_id, reason=reason, expected_version=expected_version
        )

    async def cancel(self, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None) -> Flow:
        """End a live flow for good."""
        return await self._orchestrator.cancel(
            self.principal, flow_id, reason=reason, expected_version=expected_version
        )

    async def delete(self, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None) -> Flow:
        """Take a flow that has ended out of every list."""
        return await self._orchestrator.delete(
            self.principal, flow_id, reason=reason, expected_version=expected_version
        )

    async def supply_input(
        self,
        flow_id: UUID,
        values: Mapping[str, Any],
        *,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Answer a flow that waits for input."""
        return await self._orchestrator.supply_input(
            self.principal, flow_id, values, reason=reason, expected_version=expected_version
        )

    async def asked_input(self, flow_id: UUID) -> Asked:
        """What a flow waits for."""
        return await self._orchestrator.asked_input(self.principal, flow_id)

    async def input_template(self, flow_id: UUID) -> bytes:
        """What a flow waits for as a workbook to fill in."""
        return await self._orchestrator.input_template(self.principal, flow_id)

    async def read_input(self, flow_id: UUID, name: str, data: bytes) -> Mapping[str, Any]:
        """The values that a filled-in file gives."""
        return await self._orchestrator.read_input(self.principal, flow_id, name, data)

    async def get(self, flow_id: UUID, *, include_deleted: bool = False) -> Flow:
        """One flow."""
        return await self._orchestrator.get(self.principal, flow_id, include_deleted=include_deleted)

    async def list(
        self,
        *,
        flow_type: str | Sequence[str] | None = None,
        status: FlowStatus | Sequence[FlowStatus] | None = None,
        search: str | None = None,
        mine: bool = False,
        cursor: str | None = None,
        limit: int = 25,
        include_deleted: bool = False,
    ) -> FlowPage:
        """The engagement's flows, a page at a time."""
        return await self._orchestrator.list(
            self.principal,
            flow_type=flow_type,
            status=status,
            search=search,
            mine=mine,
            cursor=cursor,
            limit=limit,
            include_deleted=include_deleted,
        )

    async def history(self, flow_id: UUID, *, after: int = 0, limit: int = 200) -> Events:
        """Events numbered above `after`."""
        return await self._orchestrator.history(self.principal, flow_id, after=after, limit=limit)

    async def results(self, flow_id: UUID) -> Results:
        """What the phases computed."""
        return await self._orchestrator.results(self.principal, flow_id)

    async def analytics(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        flow_type: str | None = None,
        scope: Scope = Scope.ENGAGEMENT,
    ) -> Analytics:
        """What the flows of the engagement or the client did, and where they stand."""
        return await self._orchestrator.analytics(
            self.principal, first=first, last=last, flow_type=flow_type, scope=scope
        )

    async def gates(
        self, *, status: GateStatus | None = GateStatus.OPEN, flow_id: UUID | None = None, limit: int = 100
    ) -> Questions:
        """Gates of the engagement and the outputs they ask about."""
        return await self._orchestrator.gates(self.principal, status=status, flow_id=flow_id, limit=limit)

    async def list_gates(
        self, *, status: GateStatus | None = GateStatus.OPEN, flow_id: UUID | None = None, limit: int = 100
    ) -> GateSummaries:
        """Gates of the engagement."""
        return await self._orchestrator.list_gates(self.principal, status=status, flow_id=flow_id, limit=limit)

    async def gate(self, gate_id: UUID) -> OpenQuestion:
        """One gate."""
        return await self._orchestrator.gate(self.principal, gate_id)

    async def decisions(self, gate_id: UUID) -> Decisions:
        """Every answer to one gate."""
        return await self._orchestrator.decisions(self.principal, gate_id)

    async def inbox(self, view: InboxView = InboxView.MINE, *, limit: int = 100) -> Inbox:
        """The gates that concern the person."""
        return await self._orchestrator.inbox(self.principal, view, limit=limit)

    async def decide(
        self,
        gate_id: UUID,
        verdict: Verdict,
        *,
        reason: str | None = None,
        edited_output: Mapping[str, Any] | None = None,
        edits: Sequence[CellEdit] = (),
        content_hash: str | None = None,
        to: str | None = None,
    ) -> Flow:
        """Answer a gate."""
        return await self._orchestrator.decide(
            self.principal,
            gate_id,
            verdict,
            reason=reason,
            edited_output=edited_output,
            edits=edits,
            content_hash=content_hash,
            to=to,
        )

    async def gate_table(
        self, gate_id: UUID, chosen: Chosen = WHOLE, *, cursor: str | None = None, limit: int = 100
    ) -> TablePage:
        """A part of the table in which a gate can be edited."""
        return await self._orchestrator.gate_table(self.principal, gate_id, chosen, cursor=cursor, limit=limit)

    async def preview_gate(
        self, gate_id: UUID, edits: Sequence[CellEdit], *, content_hash: str | None = None
    ) -> Preview:
        """What an approval with `edits` would come to."""
        return await self._orchestrator.preview_gate(self.principal, gate_id, edits, content_hash=content_hash)

    async def export_gate(self, gate_id: UUID) -> bytes:
        """The gate's table as a workbook."""
        return await self._orchestrator.export_gate(self.principal, gate_id)

    async def read_edited_gate(self, gate_id: UUID, workbook: bytes) -> Mapping[str, Any]:
        """The output that an edited workbook describes."""
        return await self._orchestrator.read_edited_gate(self.principal, gate_id, workbook)

    async def decide_by_workbook(
        self, gate_id: UUID, workbook: bytes, *, reason: str | None = None, content_hash: str | None = None
    ) -> Flow:
        """Approve with the edits of a workbook."""
        return await self._orchestrator.decide_by_workbook(
            self.principal, gate_id, workbook, reason=reason, content_hash=content_hash
        )

    def get_state_manager(self, flow_id: UUID | str) -> FlowStateManager:
        """What moves one flow that runs elsewhere."""
        return self._orchestrator.get_state_manager(self.principal, flow_id)

    @property
    def bulk(self) -> TenantBulk:
        """Commands on many flows of this tenant at once."""
        return TenantBulk(self._orchestrator.bulk, self.principal)

    def on_error(self, hook: ErrorHook) -> ErrorHook:
        """Call `hook` with what goes wrong in flows of this tenant, after the row says so."""
        tenant = self.principal.tenant

        async def told(failure: Failure, flow: Flow) -> None:
            if flow.tenant == tenant:
                await hook(failure, flow)

        self._orchestrator.on_error(told)
        return hook

    def handle_errors(self, function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Decorate a coroutine that runs a phase elsewhere, so that its errors reach the flow's row."""
        return handling_errors(self.get_state_manager, function)
