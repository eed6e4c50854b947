"""A wave plan: which application moves in which wave, what that breaks, and how good it is."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class PlanStatus(StrEnum):
    """What the solver knows of a plan: `optimal` only when proven."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """One application (or one server that belongs to none) in one wave."""

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
    move_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave: its calendar, what it carries and may carry; a capacity of None is not limited."""

    number: int
    name: str
    start: date
    end: date
    frozen: str  # what may not move in it: "", "prod" or "all"
    hours: int
    capacity_hours: int | None
    servers: int
    capacity_servers: int | None
    storage_gb: int
    capacity_storage_gb: int | None
    confidence: str  # "high", "medium" or "low", with the reason in `note`
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unplanned:
    """Something that is in no wave, and why: retired, retained, a shared service of wave 0 …"""

    subject_id: UUID
    subject_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class HybridDependency:
    """A dependency between something that moves and something that stays or moves later; `risk` is a sentence."""

    source_name: str
    target_name: str
    wave: int | None
    risk: str


@dataclass(frozen=True, slots=True)
class BrokenWish:
    """A soft wish the plan does not fulfil."""

    wish: str
    subjects: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One published version of an engagement's wave plan.

    `objective` is the share of dependency weight that crosses waves (0 to 1), `bound` the proven lower bound of it,
    `seconds` the time the solver took.
    """

    id: UUID
    flow_id: UUID
    version: int
    assessment_id: UUID
    status: PlanStatus
    objective: float | None
    bound: float | None
    seconds: float
    waves: tuple[Wave, ...] = ()
    items: tuple[PlannedItem, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    hybrid_dependencies: tuple[HybridDependency, ...] = ()
    broken_wishes: tuple[BrokenWish, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """One version of the plan as lists show it; `waves` and `items` are how many it has."""

    id: UUID
    flow_id: UUID
    version: int
    status: PlanStatus
    created_at: datetime
    waves: int
    items: int
    objective: float | None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One page of the versions, newest first; `cursor` continues it and is None at the end."""

    plans: tuple[PlanHead, ...]
    cursor: str | None
