"""What the wave planner gives back."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from masterflow.analysis.waves.groups import MoveGroup
from masterflow.analysis.waves.types import Resource

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
StoppedBy = Literal["proof", "work_limit", "wall_clock"]
Wish = Literal[
    "target_moves_later", "nonprod_before_prod", "first_wave_low_risk", "environments_apart", "balanced_load"
]
RuleKind = Literal[
    "pin",
    "earliest_wave",
    "latest_wave",
    "freeze",
    "capacity",
    "max_parallel_prod",
    "max_per_team_per_wave",
    "together",
    "circle",
    "apart",
    "before",
    "no_waves",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class BrokenWish(_Frozen):
    """A soft rule that the plan breaks, with the applications concerned and a sentence for people."""

    wish: Wish
    applications: tuple[str, ...]
    wave: int | None = None
    weight: float | None = None
    hard: bool = False
    sentence: str


class ConflictItem(_Frozen):
    """One of the rules that cannot hold together.

    `enough` says whether giving up this rule alone makes a plan possible: yes unless there are further conflicts
    beside this one; None when that was not found out in time.
    """

    kind: RuleKind
    applications: tuple[str, ...]
    wave: int | None = None
    resource: Resource | None = None
    team: str | None = None
    enough: bool | None = None
    sentence: str


class Unplanned(_Frozen):
    """An application without a wave, and why."""

    application: str
    reason: str


class WaveFill(_Frozen):
    """What one wave carries; a share is None where the wave has no limit or no capacity."""

    number: int
    start: date | None
    end: date | None
    freeze: Literal["none", "prod", "all"]
    applications: tuple[str, ...]
    hours: float
    servers: float
    storage_gb: float
    hours_share: float | None
    servers_share: float | None
    storage_share: float | None

    @property
    def fill(self) -> float | None:
        """The scarcest resource's share, None when nothing limits the wave."""
        return max(
            (s for s in (self.hours_share, self.servers_share, self.storage_share) if s is not None), default=None
        )


class Tier(_Frozen):
    """One goal of the planner, in order of importance; a later one never worsens an earlier one."""

    name: Literal["crossing", "later_than_needed", "wishes"]
    value: int
    bound: int
    proven: bool


class PlanSettings(_Frozen):
    """Everything a repetition needs: with these and the same task the plan is the same, unless the clock stopped it."""

    seed: int
    workers: int
    time_limit_seconds: float
    work_limit: float
    solver: str


class Progress(_Frozen):
    """How far the planner is: the share of its time, the best crossing share and its bound so far."""

    share: float
    seconds: float
    objective: float
    bound: float


class WavePlan(_Frozen):
    """A plan, or the reason why there is none.

    `status` is `optimal` only when `bound` equals `objective`; `infeasible` is proven, with the minimal `conflict`;
    `unknown` means that neither a plan nor a proof was found in time. `objective` is the crossing weight share: the
    weight of edges whose ends lie in different waves by the weight of all edges, 0 to 1. `stopped_by` is
    `wall_clock` when the time limit came before the work limit: then a repetition may give another plan.
    """

    waves: Mapping[str, int]
    status: Status
    objective: float | None
    bound: float | None
    seconds: float
    stopped_by: StoppedBy
    broken_wishes: tuple[BrokenWish, ...] = ()
    conflict: tuple[ConflictItem, ...] = ()
    conflict_minimal: bool = True
    groups: tuple[MoveGroup, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    wave_fill: tuple[WaveFill, ...] = ()
    tiers: tuple[Tier, ...] = ()
    settings: PlanSettings
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The plan as `masterflow plan waves FILE --json` prints it; keys are stable."""
        return {
            "waves": dict(self.waves),
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "seconds": round(self.seconds, 3),
            "broken_wishes": [wish.model_dump(mode="json") for wish in self.broken_wishes],
            "conflict": [item.model_dump(mode="json") for item in self.conflict],
            "stopped_by": self.stopped_by,
            "settings": self.settings.model_dump(mode="json"),
            "notes": list(self.notes),
        }
