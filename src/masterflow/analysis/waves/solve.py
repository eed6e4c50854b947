"""Plan the waves of an estate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from masterflow.analysis.waves.budget import Budget
from masterflow.analysis.waves.conflict import Conflict, explain
from masterflow.analysis.waves.plan import (
    PlanSettings,
    Progress,
    Status,
    StoppedBy,
    Tier,
    Unplanned,
    WaveFill,
    WavePlan,
)
from masterflow.analysis.waves.problem import Problem, compile_problem
from masterflow.analysis.waves.rules import broken_rules
from masterflow.analysis.waves.search import Search
from masterflow.analysis.waves.solver import SOLVER, Solver, Waves
from masterflow.analysis.waves.types import RESOURCES, Wave, WaveInstance
from masterflow.analysis.waves.wishes import broken_wishes
from masterflow.errors import InvalidInput

DEFAULT_TIME_LIMIT = timedelta(seconds=60)


def plan_waves(
    instance: WaveInstance,
    *,
    time_limit: timedelta = DEFAULT_TIME_LIMIT,
    seed: int = 1,
    workers: int = 2,
    progress: Callable[[Progress], None] | None = None,
) -> WavePlan:
    """Put every application into a wave so that all hard rules hold and little weight crosses waves.

    Ties are broken by the weight of edges whose target moves later than its source, then by the other wishes. The
    same task, seed, workers and time limit give the same plan, in whatever order the file lists things, because a
    work limit derived from `time_limit` ends the search; `stopped_by` says when the clock had to. `progress` is called
    from the solver's thread at each better plan.

    Raises:
        InvalidInput: the time limit is not positive, or there is no worker.
    """
    if time_limit <= timedelta(0):
        said = f"The time limit is {time_limit.total_seconds():g} s."
        raise InvalidInput(said, hint="Give the planner more than 0 seconds.")
    if workers < 1:
        raise InvalidInput(f"{workers} workers cannot plan.", hint="Give the planner 1 worker or more.")
    budget = Budget(seconds=time_limit.total_seconds(), workers=workers)
    solver = Solver(budget=budget, seed=seed, workers=workers)
    problem = compile_problem(instance.canonical())
    search = Search(problem, solver, told=_teller(progress, budget, problem))
    search.run()
    return _Report(problem, search).plan()


def _teller(
    progress: Callable[[Progress], None] | None, budget: Budget, problem: Problem
) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    say, total = progress, problem.total_weight

    def tell(crossing: int, bound: int) -> None:
        share = min(1.0, budget.elapsed / budget.seconds)
        objective, proven = _share(crossing, total), _share(bound, total)
        say(Progress(share=share, seconds=budget.elapsed, objective=objective, bound=proven))

    return tell


@dataclass(frozen=True, slots=True)
class _Report:
    """Tells what a search found."""

    problem: Problem
    search: Search

    def plan(self) -> WavePlan:
        if self.search.waves is not None:
            return self._found(self.search.waves, self.search.tiers[0])
        if self.search.impossible:
            return self._impossible()
        return self._nothing()

    def _found(self, units: Waves, tier: Tier) -> WavePlan:
        instance, total = self.problem.instance, self.problem.total_weight
        waves = self.problem.by_application(units)
        if wrong := broken_rules(instance, waves):
            raise RuntimeError(f"The planner made a plan that breaks its own rules: {' '.join(wrong)}")
        return WavePlan(
            waves=waves,
            status="optimal" if tier.proven else "feasible",
            # A later goal may have lowered it by the way; a bound that is not proven for less stays as it is.
            objective=_share(self._crossing(units), total),
            bound=_share(min(tier.bound, self._crossing(units)), total),
            seconds=self._budget.elapsed,
            stopped_by=self._stopped_by(proven=all(t.proven for t in self.search.tiers)),
            broken_wishes=broken_wishes(instance, waves),
            groups=self.problem.groups,
            wave_fill=tuple(_fill(instance, wave, waves) for wave in instance.waves),
            tiers=tuple(self.search.tiers),
            settings=self._settings(),
            notes=() if instance.applications else ("There are no applications to plan.",),
        )

    def _crossing(self, units: Waves) -> int:
        """The weight of edges whose ends lie in different waves."""
        return sum(arc.weight for arc in self.problem.arcs if units[arc.source] != units[arc.target])

    def _impossible(self) -> WavePlan:
        conflict = explain(self.problem.instance, self.search.solver)
        reason = "No plan exists: the rules named in the conflict cannot hold together."
        notes = [_conflict_note(conflict), *(g.sentence for g in self.problem.groups if g.too_large_for)]
        return self._without_plan("infeasible", reason, proven=True).model_copy(
            update={"conflict": conflict.items, "conflict_minimal": conflict.minimal, "notes": tuple(notes)}
        )

    def _nothing(self) -> WavePlan:
        reason = (
            f"Neither a plan nor a proof that none exists was found within {self._budget.seconds:g} s "
            f"({self._budget.elapsed:.0f} s used): give more time, or loosen capacities and dates."
        )
        return self._without_plan("unknown", reason, proven=False).model_copy(update={"notes": (reason,)})

    def _without_plan(self, status: Status, reason: str, *, proven: bool) -> WavePlan:
        return WavePlan(
            waves={},
            status=status,
            objective=None,
            bound=None,
            seconds=self._budget.elapsed,
            stopped_by=self._stopped_by(proven=proven),
            groups=self.problem.groups,
            unplanned=tuple(Unplanned(application=a.id, reason=reason) for a in self.problem.instance.applications),
            settings=self._settings(),
        )

    @property
    def _budget(self) -> Budget:
        return self.search.solver.budget

    def _stopped_by(self, *, proven: bool) -> StoppedBy:
        if self._budget.clock_ran_out:
            return "wall_clock"
        return "proof" if proven else "work_limit"

    def _settings(self) -> PlanSettings:
        return PlanSettings(
            seed=self.search.solver.seed,
            workers=self.search.solver.workers,
            time_limit_seconds=self._budget.seconds,
            work_limit=self._budget.work,
            solver=SOLVER,
        )


def _conflict_note(conflict: Conflict) -> str:
    count = len(conflict.items)
    said = f"No plan exists: these {count} rules cannot hold together." if count > 1 else "No plan exists."
    if not conflict.minimal:
        return f"{said} Some of them may be harmless: the work limit came before each was tried."
    if all(item.enough for item in conflict.items):
        return f"{said} Giving up any one of them makes a plan possible."
    if any(item.enough is False for item in conflict.items):
        return f"{said} There are further conflicts beside this one."
    return said


def _fill(instance: WaveInstance, wave: Wave, waves: Mapping[str, int]) -> WaveFill:
    members = [a for a in instance.applications if waves[a.id] == wave.number]
    hours, servers, storage_gb = (sum(getattr(a, r) for a in members) for r in RESOURCES)
    return WaveFill(
        number=wave.number,
        start=wave.start,
        end=wave.end,
        freeze=wave.freeze,
        applications=tuple(a.id for a in members),
        hours=hours,
        servers=servers,
        storage_gb=storage_gb,
        hours_share=hours / wave.hours if wave.hours else None,
        servers_share=servers / wave.servers if wave.servers else None,
        storage_share=storage_gb / wave.storage_gb if wave.storage_gb else None,
    )


def _share(weight: int, total: int) -> float:
    return weight / total if total else 0.0
