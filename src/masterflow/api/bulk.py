"""One command on many flows: what it would do, the job that does it, and what became of each flow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.bulk.types import BulkCommand, ItemOutcome, JobStatus, Selection


class Filter(BaseModel):
    """Flows that fulfil everything that is given."""

    model_config = ConfigDict(extra="forbid")

    flow_type: str | None = Field(None, max_length=50)
    status: FlowStatus | None = None
    created_after: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    name_contains: str | None = Field(None, min_length=1, max_length=200)


class Selected(Filter):
    """Which flows: those named, those that fulfil everything given, or both."""

    flow_ids: list[UUID] | None = Field(None, max_length=10_000)

    def selection(self) -> Selection:
        """As the orchestrator takes it."""
        ids = None if self.flow_ids is None else tuple(self.flow_ids)
        return Selection(flow_ids=ids, **self.model_dump(exclude={"flow_ids"}))


class BulkOrder(BaseModel):
    """A command on many flows; a dry run answers what it would do and does nothing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"command": "retry", "selection": {"status": "failed"}, "dry_run": True}},
    )

    command: BulkCommand
    selection: Selected
    reason: str | None = Field(None, max_length=2000, description="Why; kept in the history of each flow")
    dry_run: bool = False


class ChosenOut(Shown):
    """A flow that would be moved."""

    flow_id: UUID
    flow_name: str | None
    flow_type: str
    status: FlowStatus
    version: int


class RefusalOut(Shown):
    """How many flows would refuse, and why."""

    count: int
    reason: str


class PreviewOut(Shown):
    """What a command would do."""

    command: BulkCommand
    selected: int
    would_move: int
    refusals: list[RefusalOut]
    sample: list[ChosenOut]


class BulkJobOut(Shown):
    """How far a job is: flows that are done, refused, failed, cancelled, and left."""

    id: UUID
    command: BulkCommand
    selection: Mapping[str, Any]
    reason: str | None
    ordered_by: str = Field(validation_alias="ordered_by_email")
    status: JobStatus
    items: int
    done: int
    refused: int
    failed: int
    cancelled: int
    left: int
    created_at: datetime
    finished_at: datetime | None


class BulkJobsOut(Listed):
    """Jobs, newest first."""

    items: list[BulkJobOut]


class BulkItemOut(Shown):
    """What became of one flow; `outcome` is null before its turn."""

    position: int
    flow_id: UUID
    outcome: ItemOutcome | None
    detail: str | None
    at: datetime | None


class BulkItemsOut(Listed):
    """Flows of a job in their order."""

    items: list[BulkItemOut]


router = APIRouter(prefix="/flows/bulk", tags=["flows"])


@router.post("", status_code=202, response_model=BulkJobOut | PreviewOut, responses=problems(422))
async def order_bulk(given: BulkOrder, actor: Actor, orchestrator: UseOrchestrator) -> Response:
    """Count what a command would do to many flows (dry run, 200), or order it (202)."""
    selection = given.selection.selection()
    if given.dry_run:
        preview = PreviewOut.of(await orchestrator.bulk.preview(actor, given.command, selection))
        return Response(preview.model_dump_json(), media_type="application/json")
    job = BulkJobOut.of(await orchestrator.bulk.order(actor, given.command, selection, reason=given.reason))
    location = {"Location": f"/api/v1/flows/bulk/{job.id}"}
    return Response(job.model_dump_json(), status_code=202, media_type="application/json", headers=location)


@router.get("", response_model=BulkJobsOut, responses=problems())
async def list_bulk_jobs(
    actor: Actor, orchestrator: UseOrchestrator, cursor: Cursor = None, limit: Limit = FULL_PAGE
) -> BulkJobsOut:
    """Commands on many flows that were ordered, newest first."""
    page = await orchestrator.bulk.jobs(actor, cursor=cursor, limit=limit)
    return BulkJobsOut(items=[BulkJobOut.of(job) for job in page.items], cursor=page.cursor)


@router.get("/{job_id}", response_model=BulkJobOut, responses=problems(404))
async def get_bulk_job(job_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> BulkJobOut:
    """How far a job is."""
    return BulkJobOut.of(await orchestrator.bulk.job(actor, job_id))


@router.get("/{job_id}/items", response_model=BulkItemsOut, responses=problems(404))
async def list_bulk_items(
    job_id: UUID,
    actor: Actor,
    orchestrator: UseOrchestrator,
    outcome: ItemOutcome | None = None,
    cursor: Annotated[int, Query(ge=0, le=10_000, description="The cursor of the page before")] = 0,
    limit: Limit = FULL_PAGE,
) -> BulkItemsOut:
    """What became of a job's flows."""
    found = await orchestrator.bulk.items(actor, job_id, outcome=outcome, after=cursor, limit=limit)
    following = str(found[-1].position) if len(found) == limit else None
    return BulkItemsOut(items=[BulkItemOut.of(item) for item in found], cursor=following)


@router.post("/{job_id}/cancel", response_model=BulkJobOut, responses=problems(404, 409))
async def cancel_bulk_job(job_id: UUID, actor: Actor, orchestrator: UseOrchestrator) -> BulkJobOut:
    """End a job: flows that had their turn stay as they are."""
    return BulkJobOut.of(await orchestrator.bulk.cancel(actor, job_id))
