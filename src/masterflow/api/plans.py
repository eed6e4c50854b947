"""Plans: which application moves in which wave, and what that breaks."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed, part_of
from masterflow.api.parts import UseResults
from masterflow.api.shown import Shown
from masterflow.records.plans.types import PlanStatus


class WaveOut(Shown):
    """One wave: its calendar and how full it is; a capacity of null is not limited."""

    number: int
    name: str
    start: date
    end: date
    frozen: str
    hours: int
    capacity_hours: int | None
    servers: int
    capacity_servers: int | None
    storage_gb: int
    capacity_storage_gb: int | None
    confidence: str
    note: str


class PlannedItemOut(Shown):
    """One application, or one server that belongs to none, in one wave."""

    subject_id: UUID
    subject_name: str
    is_application: bool
    wave: int
    strategy: str
    servers: int
    storage_gb: int
    hours: int
    environment: str
    criticality: str | None
    move_group: str | None


class UnplannedOut(Shown):
    """Something that is in no wave, and why."""

    subject_id: UUID
    subject_name: str
    reason: str


class HybridDependencyOut(Shown):
    """A dependency between something that moves and something that stays or moves later."""

    source_name: str
    target_name: str
    wave: int | None
    risk: str


class BrokenWishOut(Shown):
    """A soft wish that the plan does not fulfil."""

    wish: str
    subjects: list[str]
    sentence: str


class PlanOut(Shown):
    """One version of the wave plan; `objective` and its proven `bound` are shares of dependency weight across waves."""

    id: UUID
    flow_id: UUID
    version: int
    assessment_id: UUID
    status: PlanStatus
    objective: float | None
    bound: float | None
    seconds: float
    waves: list[WaveOut]
    items: list[PlannedItemOut]
    unplanned: list[UnplannedOut]
    hybrid_dependencies: list[HybridDependencyOut]
    broken_wishes: list[BrokenWishOut]


class PlanEntry(BaseModel):
    """One line of the list."""

    id: UUID


class PlansOut(Listed):
    """Versions of the plan, newest first."""

    items: list[PlanEntry]


router = APIRouter(prefix="/plans", tags=["results"])


@router.get("", response_model=PlansOut, responses=problems())
async def list_plans(results: UseResults, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> PlansOut:
    """The versions of the engagement's plan, newest first."""
    ids, following = part_of(await results.plans(), cursor=cursor, limit=limit)
    return PlansOut(items=[PlanEntry(id=found) for found in ids], cursor=following)


@router.get("/{plan_id}", response_model=PlanOut, responses=problems(404))
async def get_plan(plan_id: UUID, results: UseResults) -> PlanOut:
    """One version of the plan: waves, what moves in them, what that breaks."""
    return PlanOut.of(await results.plan(plan_id))
