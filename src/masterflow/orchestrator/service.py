"""Every command on a flow, for everybody: the API, the command line, the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.engine import Engine
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.types import Event, Flow, FlowPage, GateStatus, OpenQuestion, PhaseResult, Verdict
from masterflow.tenancy.types import Principal


class MasterFlowOrchestrator:
    """Moves flows through their states, for verified people.

    Every command is one transaction: it changes the row if the row still allows it, and writes the event beside it.
    A flow that does not exist and one of another tenant raise the same `NotFound`. A command that the state does not
    allow raises `Conflict` and says what would be allowed; a wrong `expected_version` raises `VersionConflict`.
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
        """Create and register a flow in one transaction, and start it unless `start` is False."""
        raise NotImplementedError

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
        """Let a flow that runs elsewhere join the master table (`runs_here` False); `update_phase` moves it."""
        raise NotImplementedError

    async def execute(
        self,
        actor: Principal,
        flow_id: UUID,
        *,
        phase: str | None = None,
        expected_version: int | None = None,
        reason: str | None = None,
    ) -> Flow:
        """Start a flow and run it to its next wait. `phase` names the phase to begin with: the next one, or a later one
        when all between are optional (then `reason` is required and they are recorded as skipped)."""
        raise NotImplementedError

    async def pause(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Ask a running flow to stop at the next phase boundary or checkpoint."""
        raise NotImplementedError

    async def resume(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Let a paused flow run on."""
        raise NotImplementedError

    async def retry(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Run the phase again at which a flow failed."""
        raise NotImplementedError

    async def cancel(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """End a live flow for good; a phase that runs is stopped."""
        raise NotImplementedError

    async def delete(
        self, actor: Principal, flow_id: UUID, *, reason: str | None = None, expected_version: int | None = None
    ) -> Flow:
        """Take a flow that has ended out of every list; nothing is erased."""
        raise NotImplementedError

    async def supply_input(
        self,
        actor: Principal,
        flow_id: UUID,
        values: Mapping[str, Any],
        *,
        reason: str | None = None,
        expected_version: int | None = None,
    ) -> Flow:
        """Answer a flow that waits for input: `values` are merged into its configuration, validated, and it runs on."""
        raise NotImplementedError

    async def get(self, actor: Principal, flow_id: UUID, *, include_deleted: bool = False) -> Flow:
        """One flow."""
        raise NotImplementedError

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
        """The engagement's flows, newest status change first, a page at a time."""
        raise NotImplementedError

    async def history(self, actor: Principal, flow_id: UUID, *, after: int = 0, limit: int = 200) -> Sequence[Event]:
        """Events with `seq` greater than `after`, in order."""
        raise NotImplementedError

    async def results(self, actor: Principal, flow_id: UUID) -> Sequence[PhaseResult]:
        """What the phases computed, in the order of phases; the newest iteration of each."""
        raise NotImplementedError

    async def gates(
        self,
        actor: Principal,
        *,
        status: GateStatus | None = GateStatus.OPEN,
        flow_id: UUID | None = None,
        limit: int = 100,
    ) -> Sequence[OpenQuestion]:
        """Gates of the engagement, newest first; `status` None means all."""
        raise NotImplementedError

    async def gate(self, actor: Principal, gate_id: UUID) -> OpenQuestion:
        """One gate."""
        raise NotImplementedError

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
        """Answer a gate. A rejection needs a reason; an edited output passes the phase's model and checks first."""
        raise NotImplementedError

    async def export_gate(self, actor: Principal, gate_id: UUID) -> bytes:
        """The gate's table as an xlsx workbook that a person can edit."""
        raise NotImplementedError

    async def read_edited_gate(self, actor: Principal, gate_id: UUID, workbook: bytes) -> Mapping[str, Any]:
        """The output that an edited workbook describes, ready for `decide(edited_output=…)`.

        Raises:
            EditRejected: a sentence with row and column for every cell that cannot be accepted.
        """
        raise NotImplementedError
