"""What a flow waits for: its missing fields as a JSON schema or a workbook, and the answer in either form."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.flows import FlowOut, Reason
from masterflow.api.gates import XLSX
from masterflow.api.inputs import Json
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.api.versions import ExpectedVersion, tagged
from masterflow.tenancy.roles import Operation


class AskedFieldOut(Shown):
    """One missing field: why it is asked, what it means and takes, and its value now."""

    field: str
    reasons: list[str]
    question: str | None
    places: list[str]
    type: str
    choices: list[str]
    required: bool
    current: Any


class AskedElsewhereOut(Shown):
    """Something that is missing and that no field of the flow answers."""

    what: str
    reason: str
    place: str | None


class AskedOut(Shown):
    """What a flow waits for. `schema` (JSON Schema, draft 2020-12) describes exactly the missing fields.

    Where a flow that waits asks for no field, as after a rejected gate, supplying none runs its phase again. `also`
    names the fields of the configuration that may be changed beside.
    """

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    flow_id: UUID
    flow_type: str
    waits: bool
    phase: str | None
    code: str | None
    message: str
    hint: str | None
    fields_asked: list[AskedFieldOut] = Field(validation_alias="fields", serialization_alias="fields")
    elsewhere: list[AskedElsewhereOut]
    also: list[str]
    json_schema: Mapping[str, Any] = Field(validation_alias="schema", serialization_alias="schema")


class SuppliedInput(BaseModel):
    """What a flow that waits for input asked for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"values": {"move_date": "2027-06-30"}}})

    values: Json
    reason: Reason = None


router = APIRouter(prefix="/flows/{flow_id}/input", tags=["flows"])


@router.get("", response_model=AskedOut, responses=problems(404))
async def get_flow_input(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> AskedOut:
    """What a flow waits for: the missing fields with their reasons and their JSON schema."""
    return AskedOut.of(await orchestrator.asked_input(actor, flow_id))


@router.post("", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 422))
async def supply_flow_input(
    flow_id: UUID, given: SuppliedInput, actor: Actor, orchestrator: UseOrchestrator, version: ExpectedVersion
) -> Response:
    """Answer a flow that waits for input; it runs on."""
    flow = await orchestrator.supply_input(actor, flow_id, given.values, reason=given.reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)


@router.get(
    "/template",
    response_class=Response,
    responses=problems(404) | {200: {"description": "The workbook", "content": {XLSX: {}}}},
)
async def get_flow_input_template(flow_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> Response:
    """What a flow waits for as a workbook: field, question, type, choices, and the value to fill in."""
    workbook = await orchestrator.input_template(actor, flow_id)
    return Response(
        workbook, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="input-{flow_id}.xlsx"'}
    )


@router.post("/file", status_code=202, response_model=FlowOut, responses=problems(404, 409, 412, 413, 422))
async def supply_flow_input_file(
    flow_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    version: ExpectedVersion,
    file: Annotated[UploadFile, File(description="The template filled in, a CSV of field and value, or a JSON object")],
    reason: Annotated[str | None, Form(max_length=2000)] = None,
) -> Response:
    """Answer a flow that waits for input with a file; every field that cannot be used is named."""
    actor.require(Operation.RUN_FLOWS)
    values = await orchestrator.read_input(actor, flow_id, file.filename or "", await file.read())
    flow = await orchestrator.supply_input(actor, flow_id, values, reason=reason, expected_version=version)
    return tagged(FlowOut.of(flow), flow.version, status=202)
