"""CP-SAT as the planner uses it: the same task, seed and work limit always give the same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version
from math import ceil

from ortools.sat.python import cp_model

from masterflow.analysis.waves.budget import Budget
from masterflow.analysis.waves.placement import Placement, Sum

SOLVER = f"OR-Tools CP-SAT {version('ortools')}"
WORK_PER_CELL = 5e-6  # to build and load a model is work that the solver does not count; a cell is a unit in a wave

Waves = tuple[int, ...]  # the wave of every unit


class Answer(Enum):
    """What a run of the solver found out."""

    PROVEN = "the best solution, or that any exists when nothing is minimised"
    FOUND = "a solution"
    IMPOSSIBLE = "a proof that there is none"
    OPEN = "nothing in the work allowed"


@dataclass(frozen=True, slots=True)
class Solved:
    """A run's answer; `waves` and `value` are None without a solution, `bound` is never above the best value."""

    answer: Answer
    waves: Waves | None = None
    value: int | None = None
    bound: int = 0


@dataclass(frozen=True, slots=True)
class Solver:
    """Runs CP-SAT on the budget of one planning run."""

    budget: Budget
    seed: int
    workers: int

    def solve(
        self,
        placement: Placement,
        minimise: Sum | None = None,
        *,
        work: float,
        workers: int | None = None,
        on_solution: Callable[[int, int], None] | None = None,
    ) -> Solved:
        """Solve within `work` and what is left of the budget; `on_solution` hears value and bound of each solution."""
        allowed = min(work, self.budget.work_left)
        if self.budget.over or allowed <= 0:
            return Solved(Answer.OPEN)
        if minimise is not None:
            placement.model.minimize(minimise)
        solver = self._prepared(allowed, workers=workers or self.workers)
        status = solver.solve(placement.model, _Listener(on_solution) if on_solution else None)
        self._charge(solver, placement)
        return _solved(solver, status, placement, minimise is not None)

    def used_assumptions(self, placement: Placement, *, work: float) -> frozenset[int] | None:
        """Indices of the assumptions that a proof of impossibility used; None without a proof."""
        allowed = min(work, self.budget.work_left)
        if self.budget.over or allowed <= 0:
            return None
        solver = self._prepared(allowed, workers=1)
        status = solver.solve(placement.model)
        self._charge(solver, placement)
        if status != cp_model.INFEASIBLE:
            return None
        return frozenset(solver.sufficient_assumptions_for_infeasibility())

    def evaluate(self, placement: Placement, expression: Sum) -> int:
        """The least value of an expression on a model in which all waves are fixed; costs no budget."""
        placement.model.minimize(expression)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.solve(placement.model)
        return round(solver.objective_value)

    def _prepared(self, work: float, *, workers: int) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = self.seed
        solver.parameters.num_workers = workers
        solver.parameters.interleave_search = workers > 1  # without it, workers race and the winner is chance
        solver.parameters.max_deterministic_time = work
        solver.parameters.max_time_in_seconds = self.budget.seconds_left
        return solver

    def _charge(self, solver: cp_model.CpSolver, placement: Placement) -> None:
        self.budget.spend(solver.response_proto.deterministic_time + WORK_PER_CELL * placement.cells)


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, tell: Callable[[int, int], None]) -> None:
        super().__init__()
        self._tell = tell

    def on_solution_callback(self) -> None:
        self._tell(round(self.objective_value), _whole_bound(self.best_objective_bound))


def _solved(solver: cp_model.CpSolver, status: object, placement: Placement, minimised: bool) -> Solved:
    if status == cp_model.INFEASIBLE:
        return Solved(Answer.IMPOSSIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solved(Answer.OPEN)
    value = round(solver.objective_value) if minimised else 0
    return Solved(
        answer=Answer.PROVEN if status == cp_model.OPTIMAL else Answer.FOUND,
        waves=placement.chosen(solver),
        value=value,
        bound=min(value, _whole_bound(solver.best_objective_bound)) if minimised else 0,
    )


def _whole_bound(bound: float) -> int:
    return max(0, ceil(bound - 1e-6))
