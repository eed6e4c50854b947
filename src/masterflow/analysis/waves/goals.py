"""What the planner minimises, in order of importance, as expressions over a placement.

First the weight that crosses waves; then, among the plans that are as good, the weight of edges whose target moves
later than its source; then the remaining wishes. One expression has one Boolean an edge: 1 as soon as the ends differ
in any wave, or as soon as the source is moved by some wave and the target is not.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from masterflow.analysis.waves.placement import Placement, Sum, Term, scale_of, sum_of, whole_down, whole_up
from masterflow.analysis.waves.problem import Problem

GoalName = Literal["crossing", "later_than_needed", "wishes"]
Goal = Callable[[Problem, Placement], Sum]

HARD_LATE = 4  # a hard edge the wrong way round weighs as four soft ones of its weight
NONPROD_FIRST, LOW_RISK_FIRST, APART = 1_000, 300, 200  # against thousandths of fill beside the mean


def crossing(problem: Problem, placement: Placement) -> Sum:
    """The weight of edges whose ends are in different waves."""
    between: dict[tuple[int, int], int] = {}
    for arc in problem.arcs:
        key = (min(arc.source, arc.target), max(arc.source, arc.target))
        between[key] = between.get(key, 0) + arc.weight
    return sum_of((weight, _differ(placement, one, other)) for (one, other), weight in between.items())


def later_than_needed(problem: Problem, placement: Placement) -> Sum:
    """The weight of edges whose target moves in a later wave than its source."""
    weights: dict[tuple[int, int], int] = {}
    for arc in problem.arcs:
        key = (arc.source, arc.target)
        weights[key] = weights.get(key, 0) + arc.weight * (HARD_LATE if arc.hard else 1)
    return sum_of((weight, _later(placement, source, target)) for (source, target), weight in weights.items())


def wishes(problem: Problem, placement: Placement) -> Sum:
    """Broken wishes, weighted: test before production, low risk first, environments apart, even load."""
    return sum_of(
        [
            *((NONPROD_FIRST, term) for term in _not_before(problem, placement)),
            *((LOW_RISK_FIRST, term) for term in _risky_first(problem, placement)),
            *((APART, term) for term in _mixed(problem, placement)),
            *((1, term) for term in _beside_mean(problem, placement)),
        ]
    )


GOALS: tuple[tuple[GoalName, Goal], ...] = (
    ("crossing", crossing),
    ("later_than_needed", later_than_needed),
    ("wishes", wishes),
)


def _differ(placement: Placement, one: int, other: int) -> Term:
    shared = set(placement.allowed[one]) & set(placement.allowed[other])
    if not shared:
        return 1
    if len(placement.allowed[one]) == len(placement.allowed[other]) == 1:
        return 0
    differ = placement.model.new_bool_var("")
    for here, there in ((one, other), (other, one)):
        for wave in placement.allowed[here]:
            placement.model.add(placement.unit_at(here, wave) - placement.unit_at(there, wave) <= differ)
    return differ


def _later(placement: Placement, source: int, target: int) -> Term:
    sources, targets = placement.allowed[source], placement.allowed[target]
    if max(targets) <= min(sources):
        return 0
    if min(targets) > max(sources):
        return 1
    later = placement.model.new_bool_var("")
    for wave in placement.waves:
        moved = _unit_by(placement, source, wave)
        needed = _unit_by(placement, target, wave)
        placement.model.add(moved - needed <= later)
    return later


def _unit_by(placement: Placement, unit: int, wave: int) -> Sum:
    return sum_of((1, placement.unit_at(unit, earlier)) for earlier in placement.allowed[unit] if earlier <= wave)


def _not_before(problem: Problem, placement: Placement) -> list[Term]:
    broken: list[Term] = []
    for first, then in problem.instance.wishes.before:
        term = placement.model.new_bool_var("")
        for wave in placement.waves:
            placement.model.add(placement.by(then, wave) - placement.by(first, wave - 1) <= term)
        broken.append(term)
    return broken


def _risky_first(problem: Problem, placement: Placement) -> list[Term]:
    first = next((w.number for w in problem.instance.waves if w.freeze != "all"), None)
    return [placement.at(a.id, first) for a in problem.instance.applications if first and a.risky]


def _mixed(problem: Problem, placement: Placement) -> list[Term]:
    environment_of = {a.id: a.environment for a in problem.instance.applications}
    units = {
        environment: [i for i, g in enumerate(problem.groups) if environment in map(environment_of.get, g.applications)]
        for environment in ("prod", "nonprod")
    }
    mixed: list[Term] = []
    for wave in placement.waves:
        both = placement.model.new_bool_var("")
        sides = [_any(placement, [placement.unit_at(i, wave) for i in members]) for members in units.values()]
        placement.model.add(sides[0] + sides[1] - 1 <= both)
        mixed.append(both)
    return mixed


def _any(placement: Placement, terms: Sequence[Term]) -> Term:
    some = placement.model.new_bool_var("")
    for term in terms:
        placement.model.add(term <= some)
    return some


def _beside_mean(problem: Problem, placement: Placement) -> list[Term]:
    """By how many thousandths of its hours each wave lies beside the mean fill of all waves."""
    applications = problem.instance.applications
    capacities = {w.number: w.hours for w in problem.instance.waves if w.hours and w.freeze != "all"}
    scale = scale_of([*capacities.values(), *(a.hours for a in applications)])
    demand = {a.id: whole_up(a.hours, scale) for a in applications}
    mean = 1000 * sum(demand.values()) // max(1, sum(whole_down(c, scale) for c in capacities.values()))
    beside: list[Term] = []
    for wave, hours in capacities.items():
        capacity = max(1, whole_down(hours, scale))
        term = placement.model.new_int_var(0, 1000 + mean, "")
        load = placement.load(wave, demand)
        placement.model.add(1000 * load - mean * capacity <= capacity * term)
        placement.model.add(mean * capacity - 1000 * load <= capacity * term)
        beside.append(term)
    return beside
