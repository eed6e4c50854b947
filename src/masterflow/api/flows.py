"""Flows: create, command, read. A command returns at once; the work happens in a worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query
from pydantic import AliasPath, BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api import flow_json
from masterflow.api.artifacts import ArtifactOut, ArtifactsOut
from masterflow.api.errors import problems
from masterflow.api.flow_json import ready
from masterflow.api.inputs import Json
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseArtifacts, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.api.versions import ExpectedVersion, tagged, unchanged
from masterflow.db.status import FlowStatus
from masterflow.errors import ErrorClass

Reason = Annotated[str | None, Field(max_length=2000, description="Why; kept in the flow's history")]


class NewFlow(BaseModel):
    """A flow to be created and, unless `start` is false, started."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"flow_type": "discovery", "config": {"imports": []}, "flow_name": "vCenter A"}},
    )

    flow_type: str = Field(max_length=50, description="One of GET /flow-types")
    config: Json = Field(default_factory=dict, description="What GET /flow-types/{name} describes")
    flow_name: str | None = Field(None, max_length=200)
    start: bool = True
    parent_flow_id: UUID | None = Field(None, description="The flow whose results this one reads")


class Command(BaseModel):
    """What may accompany a command."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "The import was incomplete."}})

    reason: Reason = None


class Pause(Command):
    """How to pause: at the next boundary or checkpoint, or at once, giving up the phase that runs."""

    at_once: bool = False


class Execution(BaseModel):
    """Where to begin: the next phase unless `phase` names one; skipping optional phases needs a reason."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {}})

    phase: str | None = Field(None, max_length=60)
    reason: Reason = None


class Repetition(BaseModel):
    """Where a flow runs again from (None: the phase it is at), and what is edited first."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"phase": "field_mapping", "reason": "The mapping was wrong."}}
    )

    phase: str | None = Field(None, max_length=60)
    config: Json = Field(default_factory=dict, description="Merged into the flow's configuration")
    reason: Reason = None


class Rollback(Repetition):
    """The phase to go back to, why, and what is edited first."""

    phase: str = Field(max_length=60)


class FailureOut(Shown):
    """Why a flow failed or what it waits for."""

    code: str
    message: str
    hint: str | None
    phase: str | None
    attempt: int | None
    permanent: bool
    missing: list[Mapping[str, str | int | None]]
    error_class: ErrorClass
    correlation_id: str | None = Field(description="Found in the events and log lines of this failure too")


class ProgressOut(Shown):
    """How far the phase that runs says it is."""

    phase: str
    done: int
    total: int
    what: str


class ListedFlowOut(Shown):
    """One flow as lists show it; its configuration is in the flow itself. `phase_seconds` has every phase that has
    finished."""

    flow_id: UUID
    flow_type: str
    flow_name: str | None
    engagement_id: UUID = Field(validation_alias=AliasPath("tenant", "engagement_id"))
    created_by: str = Field(validation_alias="user_id")
    created_by_name: str | None = Field(description="The e-mail or service account name of who started it, if known")
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
    phase_seconds: Mapping[str, Any] = Field(validation_alias="phase_execution_times")
    progress: ProgressOut | None


class FlowOut(ListedFlowOut):
    """One flow as its row says, with its configuration.

    `memory_mib` has the worker's peak, and of each phase that took 0.1 s or computed in another process: the worker's
    resident memory before, after and at most, and the computing process's peak, all in MiB. A worker moves other flows
    beside it, which count too.
    """

    config: Mapping[str, Any] = Field(validation_alias="configuration")
    memory_mib: Mapping[str, Any] = Field(validation_alias="memory_usage_metrics")


class FlowsOut(Listed):
    """Flows, newest change of status first."""

    items: list[ListedFlowOut]


class FlowStatusOut(Shown):
    """Where a flow stands, in few bytes."""

    flow_id: UUID
    status: FlowStatus
    current_phase: str | None
    phase_index: int
    phase_count: int
    version: int
    progress: ProgressOut | None
    last_error: FailureOut | None


class RedoOut(Shown):
    """What going back to a phase means: whose results are used again, and what runs anew."""

    phase: str
    reused: list[str]
    runs_again: list[str]


class EventOut(Shown):
    """One line of a flow's history."""

    seq: int
    kind: str
    phase: str | None
    actor: str
    reason: str | None
    data: Mapping[str, Any]
    at: datetime


class HistoryOut(BaseModel):
    """Events in order; `next_after` continues the list and is null at the end."""

    items: list[EventOut]
    next_after: int | None


class ResultOut(Shown):
    """What one phase computed."""

    phase: str
    phase_index: int
    iteration: int
    attempt: int
    output: Mapping[str, Any]
    edited: bool
    started_at: datetime
    finished_at: datetime


class ResultsOut(BaseModel):
    """The results of a flow in the order of its phases."""

    items: list[ResultOut]


MOST_TYPES = 20  # in one question; each is read by itself

Types = Annotated[
    list[Annotated[str, Field(max_length=50)]] | None,
    Query(max_length=MOST_TYPES, description="Only these types; may be given several times"),
]
Statuses = Annotated[
    list[FlowStatus] | None,
    Query(max_length=len(FlowStatus), description="Only these statuses; may be given several times"),
]
Search = Annotated[str | None, Query(max_length=200, description="A part of the name or of the type, in any case")]

NOTHING = Command()
BOUNDARY = Pause()
NEXT = Execution()
AGAIN = Repetition()

router = APIRouter(prefix="/flows", tags=["flows"])


@router.post("", status_code=201, response_model=FlowOut, responses=problems(404, 409, 422, 429))
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
    flow_type: Types = None,
    status: Statuses = None,
    search: Search = None,
    created_by: Annotated[Literal["me"] | None, Query(description="me: only flows that I started")] = None,
    include_deleted: bool = False,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> Response:
    """The flows of the engagement, newest change of status first."""
    page = await orchestrator.list(
        actor,
        flow_type=flow_type,
        status=status,
        search=search,
        mine=created_by is not None,
        include_deleted=include_deleted,
        cursor=cursor,
        limit=limit,
    )
    return ready({"cursor": page.cursor, "items": [flow_json.listed(flow) for flow in page.flows]})


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
    return known or ready(flow_json.whole(flow), flow.version)


@router.get("/{flow_id}/status", response_model=FlowStatusOut, responses=problems(404))
async def get_flow_status(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> Response:
    """Where a flow stands."""
    flow = await orchestrator.get(actor, flow_id)
    return ready(flow_json.status(flow), flow.version)


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


@router.get("/{flow_id}/artifacts", response_model=ArtifactsOut, responses=problems(404))
async def list_flow_artifacts(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, artifacts: UseArtifacts
) -> ArtifactsOut:
    """The files that a flow made."""
    flow = await orchestrator.get(actor, flow_id)
    return ArtifactsOut(items=[ArtifactOut.of(artifact) for artifact in await artifacts.list(flow.flow_id)])


@router.delete("/{flow_id}", response_model=FlowOut, responses=problems(404, 409, 412))
async def delete_flow(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion) -> Response:
    """Take a flow that has ended out of every list; nothing is erased."""
    flow = await orchestrator.delete(actor, flow_id, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version)


@router.post("/{flow_id}/execute", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422, 429))
async def execute_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Execution = NEXT
) -> Response:
    """Start a flow and run it to its next wait."""
    flow = await orchestrator.execute(actor, flow_id, phase=given.phase, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/pause", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def pause_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Pause = BOUNDARY
) -> Response:
    """Ask a running flow to stop at its next phase boundary or checkpoint, or stop it at once."""
    flow = await orchestrator.pause(
        actor, flow_id, at_once=given.at_once, reason=given.reason, expected_version=version
    )
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/resume", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422, 429))
async def resume_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """Let a paused flow run on."""
    flow = await orchestrator.resume(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.get("/{flow_id}/redo", response_model=RedoOut, responses=problems(404, 409, 422))
async def preview_redo(
    flow_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    phase: Annotated[str | None, Query(max_length=60, description="The phase to run again from")] = None,
) -> RedoOut:
    """What a retry or rollback would use again and what it would compute anew."""
    return RedoOut.of(await orchestrator.redo(actor, flow_id, phase))


@router.post("/{flow_id}/retry", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422, 429))
async def retry_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Repetition = AGAIN
) -> Response:
    """Run the phase again at which a flow failed, or run it from an earlier one, with edited input if you like."""
    flow = await orchestrator.retry(
        actor, flow_id, phase=given.phase, values=given.config, reason=given.reason, expected_version=version
    )
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post(
    "/{flow_id}/rollback", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422, 429)
)
async def roll_back_flow(
    flow_id: UUID, given: Rollback, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion
) -> Response:
    """Take a flow that completed or failed back to a phase; later results are superseded and stay in its history."""
    flow = await orchestrator.roll_back(
        actor, flow_id, given.phase, values=given.config, reason=given.reason, expected_version=version
    )
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/skip", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def skip_phase(
    flow_id: UUID, given: Command, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion
) -> Response:
    """Let a failed flow go on without the optional phase that failed; needs a reason."""
    flow = await orchestrator.skip(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.post("/{flow_id}/restore", response_model=FlowOut, responses=problems(404, 409, 412))
async def restore_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """Bring a deleted flow back into the lists."""
    flow = await orchestrator.restore(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version)


@router.post("/{flow_id}/cancel", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def cancel_flow(
    flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion, given: Command = NOTHING
) -> Response:
    """End a live flow for good."""
    flow = await orchestrator.cancel(actor, flow_id, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)
