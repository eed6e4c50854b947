"""Plans: which application moves in which wave, and what that breaks."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseResults
from masterflow.api.shown import Shown
from masterflow.records.plans.types import PlanStatus
from masterflow.records.results import PlanComparison


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


class PlanEntry(Shown):
    """One line of the list; `waves` and `items` are how many the version has."""

    id: UUID
    flow_id: UUID
    version: int
    status: PlanStatus
    created_at: datetime
    waves: int
    items: int
    objective: float | None


class MovedItemOut(Shown):
    """Something that is in another wave in the second version."""

    subject_id: UUID
    subject_name: str
    from_wave: int
    to_wave: int


class LoneItemOut(Shown):
    """Something that only one of the two versions plans."""

    subject_id: UUID
    subject_name: str
    wave: int


class WaveSideOut(Shown):
    """One wave of one version: its first and last day, and what it carries."""

    start: date
    end: date
    servers: int
    hours: int


class WavePairOut(Shown):
    """The wave of one number in both versions; null where a version has no such wave."""

    number: int
    a: WaveSideOut | None
    b: WaveSideOut | None


class ObjectivesOut(Shown):
    """The share of dependency weight that crosses waves, 0 to 1, of each version."""

    a: float | None
    b: float | None


class WishChangesOut(Shown):
    """Wishes that only the first version breaks, and those that only the second does."""

    fixed: list[BrokenWishOut]
    new: list[BrokenWishOut]


class PlanComparisonOut(BaseModel):
    """Two versions of the plan and what differs from `a` to `b`."""

    a: PlanEntry
    b: PlanEntry
    moved: list[MovedItemOut]
    only_in_a: list[LoneItemOut]
    only_in_b: list[LoneItemOut]
    waves: list[WavePairOut]
    objective: ObjectivesOut
    broken_wishes: WishChangesOut

    @classmethod
    def of(cls, found: PlanComparison) -> "PlanComparisonOut":
        """A comparison as the API shows it."""
        heads = {"a": PlanEntry.of(found.a), "b": PlanEntry.of(found.b)}
        names = set(cls.model_fields) - heads.keys()
        return cls.model_validate(
            heads | {name: getattr(found.difference, name) for name in names}, from_attributes=True
        )


class PlansOut(Listed):
    """Versions of the plan, newest first."""

    items: list[PlanEntry]


router = APIRouter(prefix="/plans", tags=["results"])


@router.get("", response_model=PlansOut, responses=problems())
async def list_plans(results: UseResults, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> PlansOut:
    """The versions of the engagement's plan, newest first."""
    page = await results.plans(cursor=cursor, limit=limit)
    return PlansOut(items=[PlanEntry.of(head) for head in page.plans], cursor=page.cursor)


@router.get("/{plan_id}", response_model=PlanOut, responses=problems(404))
async def get_plan(plan_id: UUID, results: UseResults) -> PlanOut:
    """One version of the plan: waves, what moves in them, what that breaks."""
    return PlanOut.of(await results.plan(plan_id))


@router.get("/{plan_id}/compare/{other_id}", response_model=PlanComparisonOut, responses=problems(404))
async def compare_plans(plan_id: UUID, other_id: UUID, results: UseResults) -> PlanComparisonOut:
    """What differs from one version of the plan to another: what moved, which waves and wishes changed."""
    return PlanComparisonOut.of(await results.compare_plans(plan_id, other_id))
