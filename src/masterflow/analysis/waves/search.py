"""Search for a plan goal by goal: CP-SAT on the whole task, then on two and on three waves at a time, then whole again.

The whole task gives the first plan and the bound. Freeing only a few waves makes a task that is solved to its end in a
moment, and a plan that no two waves can improve is a far better start for the rest of the work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from masterflow.analysis.waves.cluster import MANY_UNITS, merged_units
from masterflow.analysis.waves.goals import GOALS, Goal, GoalName
from masterflow.analysis.waves.placement import Placement
from masterflow.analysis.waves.plan import Tier
from masterflow.analysis.waves.problem import Problem
from masterflow.analysis.waves.solver import Answer, Solved, Solver, Waves

WORK_OF_GOAL: dict[GoalName, float] = {"crossing": 0.7, "later_than_needed": 0.2, "wishes": 0.1}
# Of a goal's work; the whole task gets the rest again.
MERGED_LOOK, FIRST_LOOK, PAIRS_UNTIL, TRIPLES_UNTIL = 0.2, 0.3, 0.95, 0.7
FEW_WORK = 0.5  # enough to solve two waves to the end in most estates

Told = Callable[[int, int], None]  # hears the crossing weight so far, and its bound


@dataclass(slots=True)
class Search:
    """The best plan so far and what is known about it. `waves` stays None when none was found."""

    problem: Problem
    solver: Solver
    told: Told | None = None
    waves: Waves | None = None
    impossible: bool = False
    tiers: list[Tier] = field(default_factory=list)
    held: list[tuple[Goal, int]] = field(default_factory=list)

    def run(self) -> None:
        """Find a plan and improve it for every goal in turn, until proof or until the budget is used up."""
        if not all(self.problem.allowed):
            self.impossible = True
            return
        for name, goal in GOALS:
            step = _GoalSearch(self, goal, self.solver.budget.spent, WORK_OF_GOAL[name] * self.solver.budget.work)
            step.run()
            if step.value is None:
                return
            self.held.append((goal, step.value))
            proven = step.bound == step.value
            self.tiers.append(Tier(name=name, value=step.value, bound=step.bound, proven=proven))

    def placement(self, allowed: Sequence[Sequence[int]] | None = None) -> Placement:
        """A model of the task in which no earlier goal may get worse."""
        placement = self.problem.placement(allowed)
        for goal, value in self.held:
            placement.at_most(goal(self.problem, placement), value)
        return placement


@dataclass(slots=True)
class _GoalSearch:
    """The search for one goal while the goals before it are held at what they reached."""

    search: Search
    goal: Goal
    started_at: float
    work: float
    value: int | None = None
    bound: int = 0

    def run(self) -> None:
        search = self.search
        if search.waves is None and len(search.problem.groups) > MANY_UNITS:
            search.waves = self._merged_start()
        if search.waves is not None:
            self.value = self._measure(search.waves)
        self._look(self._until(FIRST_LOOK))
        if search.waves is None and not search.impossible:
            self._find_any()
        self._improve_few(2, until=PAIRS_UNTIL)
        self._improve_few(3, until=TRIPLES_UNTIL)
        self._look(self._until(1))

    def _until(self, share: float) -> float:
        """The work left until a share of this goal's work is done."""
        return self.started_at + share * self.work - self.search.solver.budget.spent

    def _done(self) -> bool:
        return self.search.impossible or (self.value is not None and self.value <= self.bound)

    def _merged_start(self) -> Waves | None:
        """A plan of the estate in which units that talk much to each other are one."""
        problem = self.search.problem
        parts = merged_units(problem, self.search.solver.seed)
        merged = problem.merged(parts)
        placement = merged.placement()
        solved = self.search.solver.solve(placement, self.goal(merged, placement), work=self._until(MERGED_LOOK))
        if solved.waves is None:
            return None
        wave_of = {unit: wave for part, wave in zip(parts, solved.waves, strict=True) for unit in part}
        return tuple(wave_of[unit] for unit in range(len(problem.groups)))

    def _look(self, work: float) -> None:
        """The whole task, from the best plan so far."""
        if self._done():
            return
        placement = self.search.placement()
        if self.search.waves is not None:
            placement.hint(self.search.waves)
        told = None if self.search.held else self.search.told
        minimise = self.goal(self.search.problem, placement)
        self._keep(self.search.solver.solve(placement, minimise, work=work, on_solution=told))

    def _keep(self, solved: Solved) -> None:
        self.search.impossible = solved.answer is Answer.IMPOSSIBLE
        self.bound = max(self.bound, solved.bound)
        if solved.value is not None and (self.value is None or solved.value <= self.value):
            self.search.waves, self.value = solved.waves, solved.value

    def _find_any(self) -> None:
        """Any plan at all: with nothing to minimise the solver looks for nothing else."""
        solved = self.search.solver.solve(self.search.placement(), work=self._until(1))
        self.search.impossible = solved.answer is Answer.IMPOSSIBLE
        if solved.waves is not None:
            self.search.waves = solved.waves
            self.value = self._measure(solved.waves)

    def _measure(self, waves: Waves) -> int:
        """The goal's value of a plan, by the goal's own expression on a model in which all is fixed."""
        placement = self.search.problem.placement([(wave,) for wave in waves])
        return self.search.solver.evaluate(placement, self.goal(self.search.problem, placement))

    def _improve_few(self, many: int, until: float) -> None:
        """Free so many waves at a time until no choice of them can be improved."""
        settled: set[tuple[int, ...]] = set()
        while self.value is not None and not self._done() and self._until(until) > 0:
            few = self._next_few(many, settled)
            if few is None or self.search.solver.budget.over:
                return
            if self._improve(few, min(FEW_WORK, self._until(until))):
                settled = {other for other in settled if not set(other) & set(few)}
            settled.add(few)

    def _next_few(self, many: int, settled: set[tuple[int, ...]]) -> tuple[int, ...] | None:
        """The waves with the most weight between them."""
        waves = self.search.waves or ()
        between: dict[tuple[int, ...], int] = {}
        for arc in self.search.problem.arcs:
            pair = tuple(sorted((waves[arc.source], waves[arc.target])))
            between[pair] = between.get(pair, 0) + arc.weight
        choices = [few for few in combinations(self.search.problem.open_waves, many) if few not in settled]
        weight = {few: sum(between.get(pair, 0) for pair in combinations(few, 2)) for few in choices}
        return max(choices, key=lambda few: (weight[few], few), default=None)

    def _improve(self, few: tuple[int, ...], work: float) -> bool:
        search = self.search
        now = search.waves or ()
        allowed = [
            tuple(w for w in choices if w in few) if wave in few else (wave,)
            for choices, wave in zip(search.problem.allowed, now, strict=True)
        ]
        placement = search.placement(allowed)
        placement.hint(now)
        solved = search.solver.solve(placement, self.goal(search.problem, placement), work=work, workers=1)
        if solved.value is None or self.value is None or solved.value >= self.value:
            return False
        search.waves, self.value = solved.waves, solved.value
        return True
