"""Flows: create, command, read. A command returns at once; the work happens in a worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.versions import ExpectedVersion, tagged, unchanged
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.types import Event, Failure, Flow, PhaseResult, Progress

Reason = Annotated[str | None, Field(max_length=2000, description="Why; kept in the flow's history")]


class NewFlow(BaseModel):
    """A flow to be created and, unless `start` is false, started."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"flow_type": "discovery", "config": {"import_ids": []}, "flow_name": "vCenter A"}
        },
    )

    flow_type: str = Field(max_length=50, description="One of GET /flow-types")
    config: Mapping[str, Any] = Field(default_factory=dict, description="What GET /flow-types/{name} describes")
    flow_name: str | None = Field(None, max_length=200)
    start: bool = True
    parent_flow_id: UUID | None = Field(None, description="The flow whose results this one reads")


class Command(BaseModel):
    """What may accompany a command."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "The import was incomplete."}})

    reason: Reason = None


class Execution(BaseModel):
    """Where to begin: the next phase unless `phase` names one; skipping optional phases needs a reason."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})

    phase: str | None = Field(None, max_length=60)
    reason: Reason = None


class SuppliedInput(BaseModel):
    """What a flow that waits for input asked for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"values": {"move_date": "2027-06-30"}}})

    values: Mapping[str, Any]
    reason: Reason = None


class FailureOut(BaseModel):
    """Why a flow failed or what it waits for."""

    code: str
    message: str
    hint: str | None
    phase: str | None
    attempt: int | None
    permanent: bool
    missing: list[Mapping[str, str | int | None]]

    @classmethod
    def of(cls, failure: Failure) -> Self:
        """As the API shows it."""
        return cls(
            code=failure.code,
            message=failure.message,
            hint=failure.hint,
            phase=failure.phase,
            attempt=failure.attempt,
            permanent=failure.permanent,
            missing=list(failure.missing),
        )


class ProgressOut(BaseModel):
    """How far the phase that runs says it is."""

    phase: str
    done: int
    total: int
    what: str

    @classmethod
    def of(cls, progress: Progress) -> Self:
        """As the API shows it."""
        return cls(phase=progress.phase, done=progress.done, total=progress.total, what=progress.what)


class FlowOut(BaseModel):
    """One flow as its row says."""

    flow_id: UUID
    flow_type: str
    flow_name: str | None
    engagement_id: UUID
    created_by: str
    status: FlowStatus
    current_phase: str | None
    phase_index: int
    phase_count: int
    version: int
    iteration: int
    runs_here: bool
    pause_requested: bool
    attempts: int
    last_error: FailureOut | None
    parent_flow_id: UUID | None
    created_at: datetime
    updated_at: datetime
    status_changed_at: datetime
    deleted_at: datetime | None
    config: Mapping[str, Any]
    phase_seconds: Mapping[str, Any]
    progress: ProgressOut | None

    @classmethod
    def of(cls, flow: Flow) -> Self:
        """As the API shows it."""
        return cls(
            flow_id=flow.flow_id,
            flow_type=flow.flow_type,
            flow_name=flow.flow_name,
            engagement_id=flow.tenant.engagement_id,
            created_by=flow.user_id,
            status=flow.status,
            current_phase=flow.current_phase,
            phase_index=flow.phase_index,
            phase_count=flow.phase_count,
            version=flow.version,
            iteration=flow.iteration,
            runs_here=flow.runs_here,
            pause_requested=flow.pause_requested,
            attempts=flow.attempts,
            last_error=FailureOut.of(flow.last_error) if flow.last_error else None,
            parent_flow_id=flow.parent_flow_id,
            created_at=flow.created_at,
            updated_at=flow.updated_at,
            status_changed_at=flow.status_changed_at,
            deleted_at=flow.deleted_at,
            config=flow.configuration,
            phase_seconds=flow.phase_execution_times,
            progress=ProgressOut.of(flow.progress) if flow.progress else None,
        )


class FlowsOut(Listed):
    """Flows, newest change of status first."""

    items: list[FlowOut]


class FlowStatusOut(BaseModel):
    """Where a flow stands, in few bytes."""

    flow_id: UUID
    status: FlowStatus
    current_phase: str | None
    phase_index: int
    phase_count: int
    version: int
    progress: ProgressOut | None
    last_error: FailureOut | None


class EventOut(BaseModel):
    """One line of a flow's history."""

    seq: int
    kind: str
    phase: str | None
    actor: str
    reason: str | None
    data: Mapping[str, Any]
    at: datetime

    @classmethod
    def of(cls, event: Event) -> Self:
        """As the API shows it."""
        return cls(
            seq=event.seq,
            kind=event.kind,
            phase=event.phase,
            actor=event.actor,
            reason=event.reason,
            data=event.data or {},
            at=event.at,
        )


class HistoryOut(BaseModel):
    """Events in order; `next_after` continues the list and is null at the end."""

    items: list[EventOut]
    next_after: int | None


class ResultOut(BaseModel):
    """What one phase computed."""

    phase: str
    phase_index: int
    iteration: int
    attempt: int
    output: Mapping[str, Any]
    edited: bool
    started_at: datetime
    finished_at: datetime

    @classmethod
    def of(cls, result: PhaseResult) -> Self:
        """As the API shows it."""
        return cls(
            phase=result.phase,
            phase_index=result.phase_index,
            iteration=result.iteration,
            attempt=result.attempt,
            output=result.output,
            edited=result.edited,
            started_at=result.started_at,
            finished_at=result.finished_at,
        )


class ResultsOut(BaseModel):
    """The results of a flow in the order of its phases."""

    items: list[ResultOut]


NOTHING = Command()
NEXT = Execution()

router = APIRouter(prefix="/flows", tags=["flows"])


@router.post("", status_code=201, response_model=FlowOut, responses=problems(404, 409, 422))
async def create_flow(given: NewFlow, actor: Actor, orchestrator: UseOrchestrator) -> Response:
    """Create a flow and register it, and start it unless told not to."""
    flow = await orchestrator.create_flow(
        actor,
        given.flow_type,
        given.config,
        name=given.flow_name,
        start=given.start,
        parent_flow_id=given.parent_flow_id,
    )
    return tagged(FlowOut.of(flow), flow.version, status=201, location=f"/api/v1/flows/{flow.flow_id}")


@router.get("", response_model=FlowsOut, responses=problems())
async def list_flows(
    actor: Actor,
    orchestrator: UseOrchestrator,
    flow_type: Annotated[str | None, Query(max_length=50)] = None,
    status: FlowStatus | None = None,
    include_deleted: bool = False,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> Response:
    """The flows of the engagement, newest change of status first."""
    page = await orchestrator.list(
        actor, flow_type=flow_type, status=status, include_deleted=include_deleted, cursor=cursor, limit=limit
    )
    body = FlowsOut(items=[FlowOut.of(flow) for flow in page.flows], cursor=page.cursor)
    return Response(body.model_dump_json(), media_type="application/json")


@router.get("/{flow_id}", response_model=FlowOut, responses=problems(404) | {304: {"description": "Not modified"}})
async def get_flow(
    flow_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    if_none_match: Annotated[str | None, Header(description="The ETag of the answer that is known")] = None,
) -> Response:
    """One flow. Its ETag is what a command's If-Match compares."""
    flow = await orchestrator.get(actor, flow_id)
    known = unchanged(if_none_match, flow.version) if flow.progress is None else None
    return known or tagged(FlowOut.of(flow), flow.version)


@router.get("/{flow_id}/status", response_model=FlowStatusOut, responses=problems(404))
async def get_flow_status(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> Response:
    """Where a flow stands."""
    flow = FlowOut.of(await orchestrator.get(actor, flow_id))
    return tagged(FlowStatusOut(**{name: getattr(flow, name) for name in FlowStatusOut.model_fields}), flow.version)


@router.get("/{flow_id}/history", response_model=HistoryOut, responses=problems(404))
async def get_flow_history(
    flow_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The last `seq` that is known")] = 0,
    limit: Limit = FULL_PAGE,
) -> HistoryOut:
    """What happened to a flow: who did what, when and why."""
    events = await orchestrator.history(actor, flow_id, after=after, limit=limit)
    following = events[-1].seq if len(events) == limit else None
    return HistoryOut(items=[EventOut.of(event) for event in events], next_after=following)


@router.get("/{flow_id}/results", response_model=ResultsOut, responses=problems(404))
async def get_flow_results(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> ResultsOut:
    """What the phases of a flow computed."""
    return ResultsOut(items=[ResultOut.of(result) for result in await orchestrator.results(actor, flow_id)])


@router.delete("/{flow_id}", response_model=FlowOut, responses=problems(404, 409, 412))
async def delete_flow(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion) -> Response:
    """Take a flow that has ended out of every list; nothing is erased."""
    flow = await orchestrator.delete(actor, flow_id, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version)


@router.post("/{flow_id}/execute", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def execute_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Execution = NEXT
) -> Response:
    """Start a flow and run it to its next wait."""
    flow = await orchestrator.execute(actor, flow_id, phase=given.phase, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/input", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def supply_flow_input(
    flow_id: UUID, given: SuppliedInput, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion
) -> Response:
    """Answer a flow that waits for input; it runs on."""
    flow = await orchestrator.supply_input(actor, flow_id, given.values, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/pause", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def pause_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """Ask a running flow to stop at the next phase boundary."""
    flow = await orchestrator.pause(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/resume", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def resume_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """Let a paused flow run on."""
    flow = await orchestrator.resume(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/retry", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def retry_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """Run the phase again at which a flow failed."""
    flow = await orchestrator.retry(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/cancel", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def cancel_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """End a live flow for good."""
    flow = await orchestrator.cancel(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)
