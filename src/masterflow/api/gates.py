"""Gates: what is asked, the question as a workbook, and the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from masterflow.api.cells import CellEdits, cells_of
from masterflow.api.errors import problems
from masterflow.api.flows import FlowOut
from masterflow.api.inputs import Json
from masterflow.api.lists import FULL_PAGE, Limit
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.api.versions import ExpectedContent, require_content, tagged
from masterflow.orchestrator.types import GateStatus, Verdict
from masterflow.tenancy.roles import Operation

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class GateSummaryOut(Shown):
    """A question to a person, without the output it is about; `content_hash` binds the answer to what was shown."""

    id: UUID
    flow_id: UUID
    flow_type: str
    flow_type_title: str
    flow_name: str | None
    phase: str
    phase_title: str
    phase_index: int = Field(description="From 0")
    phase_count: int
    iteration: int
    status: GateStatus
    asks: str
    approver_roles: list[str]
    quorum: int
    approvals: int
    four_eyes: bool
    content_hash: str
    has_workbook: bool = Field(validation_alias="has_table")
    opened_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    overdue: bool
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


class GateOut(GateSummaryOut):
    """A question to a person with the output of the phase that it is about."""

    output: Mapping[str, Any]


class GatesOut(BaseModel):
    """Gates, newest first; GET /gates/{gate_id} has the output of each."""

    items: list[GateSummaryOut]


class EditOut(Shown):
    """One thing that an edit changed: a cell (`row`, `field`), or a place of the output as a JSON pointer."""

    row: str | None
    field: str
    before: Any
    after: Any


class DecisionOut(Shown):
    """One answer. `content_hash` is what was decided on: the edited content, where there are `edits`.

    `counts` is false for the approval of who edited a four-eyes gate; `superseded`: the content was edited since.
    """

    gate_id: UUID
    actor: str
    verdict: Verdict
    counts: bool
    superseded: bool
    reason: str | None
    content_hash: str
    shown_hash: str | None
    edits: list[EditOut]
    expires_at: datetime | None
    decided_at: datetime


class DecisionsOut(BaseModel):
    """Every answer to a gate, oldest first."""

    items: list[DecisionOut]


class Decision(BaseModel):
    """The answer to a gate. A rejection needs a reason; an edited output passes the phase's own checks first.

    An edit is a whole `edited_output`, or `edits` of cells of the gate's table, and never both. Gates of several people
    need the `content_hash`. A rejection may name the phase `to` which the flow goes back.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"verdict": "approve"}})

    verdict: Verdict
    reason: str | None = Field(None, max_length=2000)
    edited_output: Json | None = None
    edits: CellEdits = Field(default_factory=list)
    content_hash: str | None = Field(None, max_length=64, description="The content_hash that was read with the gate")
    to: str | None = Field(None, max_length=60, description="This phase or an earlier one, for a rejection")

    @model_validator(mode="after")
    def _one_edit(self) -> "Decision":
        if self.edits and self.edited_output is not None:
            raise ValueError("give edited_output or edits, not both")
        return self


router = APIRouter(prefix="/gates", tags=["gates"])


@router.get("", response_model=GatesOut, responses=problems())
async def list_gates(
    actor: Actor,
    orchestrator: UseOrchestrator,
    status: GateStatus | None = GateStatus.OPEN,
    flow_id: UUID | None = None,
    limit: Limit = FULL_PAGE,
) -> GatesOut:
    """The gates of the engagement, newest first; open ones unless another status is asked for."""
    gates = await orchestrator.list_gates(actor, status=status, flow_id=flow_id, limit=limit)
    return GatesOut(items=[GateSummaryOut.of(gate) for gate in gates])


@router.get("/{gate_id}", response_model=GateOut, responses=problems(404))
async def get_gate(gate_id: UUID, actor: Actor, orchestrator: UseOrchestrator, response: Response) -> GateOut:
    """One gate with the output it asks about; its ETag is what a decision's If-Match compares."""
    gate = await orchestrator.gate(actor, gate_id)
    response.headers["ETag"] = f'"{gate.content_hash}"'
    return GateOut.of(gate)


@router.get("/{gate_id}/decisions", response_model=DecisionsOut, responses=problems(404))
async def list_gate_decisions(gate_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> DecisionsOut:
    """Who answered a gate, when, about which content, and what was edited."""
    return DecisionsOut(items=[DecisionOut.of(one) for one in await orchestrator.decisions(actor, gate_id)])


@router.post("/{gate_id}/decision", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def decide_gate(
    gate_id: UUID, given: Decision, actor: Actor, orchestrator: UseOrchestrator, expected: ExpectedContent
) -> Response:
    """Approve, reject with a reason, or approve an edited output; the flow moves on when the quorum is reached."""
    if expected is not None:
        require_content(expected, (await orchestrator.gate(actor, gate_id)).content_hash)
    flow = await orchestrator.decide(
        actor,
        gate_id,
        given.verdict,
        reason=given.reason,
        edited_output=given.edited_output,
        edits=cells_of(given.edits),
        content_hash=given.content_hash or expected,
        to=given.to,
    )
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.get(
    "/{gate_id}/workbook",
    response_class=Response,
    responses=problems(404, 409) | {200: {"description": "The workbook", "content": {XLSX: {}}}},
)
async def get_gate_workbook(gate_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> Response:
    """What is asked as a workbook that a person can edit and send back."""
    workbook = await orchestrator.export_gate(actor, gate_id)
    return Response(
        workbook, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="gate-{gate_id}.xlsx"'}
    )


@router.post(
    "/{gate_id}/workbook", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 413, 422)
)
async def approve_edited_gate(
    gate_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    expected: ExpectedContent,
    file: Annotated[UploadFile, File(description="The workbook, edited")],
    reason: Annotated[str | None, Form(max_length=2000)] = None,
    content_hash: Annotated[str | None, Form(max_length=64, description="If the workbook does not keep it")] = None,
) -> Response:
    """Approve with the edits of a workbook; every cell that cannot be accepted is named and nothing changes then."""
    actor.require_scope(Operation.DECIDE_GATES)  # the roles are the gate's own
    if expected is not None:
        require_content(expected, (await orchestrator.gate(actor, gate_id)).content_hash)
    flow = await orchestrator.decide_by_workbook(
        actor, gate_id, await file.read(), reason=reason, content_hash=content_hash or expected
    )
    return tagged(FlowOut.of(flow), flow.version, status=202)
