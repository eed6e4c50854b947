"""Applications in waves as Booleans of one CP-SAT model.

The same rules are written against one `Placement`, whether its units are move groups (to plan), single applications
(to explain a conflict), or mostly fixed (to improve a part of a plan): what is fixed folds into constants.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from ortools.sat.python import cp_model

Term = cp_model.IntVar | int
Sum = cp_model.LinearExpr | int
MAX_SCALE = 1_000_000  # six decimals of an amount are kept exactly


class Placement:
    """One Boolean for every unit and wave that it may be in; a unit without any wave stays out."""

    def __init__(
        self, units: Sequence[Sequence[str]], allowed: Sequence[Sequence[int]], *, waves: Sequence[int]
    ) -> None:
        self.model = cp_model.CpModel()
        self.waves = waves
        self.allowed = allowed
        self._unit_of = {application: i for i, unit in enumerate(units) for application in unit}
        self._terms = [self._choose(choices) for choices in allowed]

    @property
    def cells(self) -> int:
        """Units times waves: the size of the task, however much of it is fixed."""
        return len(self.allowed) * len(self.waves)

    def at(self, application: str, wave: int) -> Term:
        """1 when the application is in that wave."""
        return self._terms[self._unit_of[application]].get(wave, 0)

    def unit_at(self, unit: int, wave: int) -> Term:
        """1 when the unit is in that wave."""
        return self._terms[unit].get(wave, 0)

    def takes_part(self, application: str) -> bool:
        """Whether the application has to be in some wave."""
        return bool(self._terms[self._unit_of[application]])

    def by(self, application: str, wave: int) -> Sum:
        """1 when the application is in that wave or an earlier one."""
        return sum_of((1, self.at(application, earlier)) for earlier in self.waves if earlier <= wave)

    def load(self, wave: int, demand: Mapping[str, int]) -> Sum:
        """The sum of the demand of everything in that wave."""
        per_unit: dict[int, int] = {}
        for application, amount in demand.items():
            unit = self._unit_of[application]
            per_unit[unit] = per_unit.get(unit, 0) + amount
        return sum_of((amount, self.unit_at(unit, wave)) for unit, amount in per_unit.items())

    def at_most(self, load: Sum, limit: Sum, *, only_if: cp_model.IntVar | None = None) -> None:
        """Require `load <= limit`, or only when the Boolean `only_if` is true."""
        constraint = self.model.add(load <= limit)
        if only_if is not None:
            constraint.only_enforce_if(only_if)

    def hint(self, waves: Sequence[int]) -> None:
        """Start the search at a plan, given as the wave of every unit."""
        for terms, chosen in zip(self._terms, waves, strict=True):
            for wave, term in terms.items():
                if isinstance(term, cp_model.IntVar):
                    self.model.add_hint(term, wave == chosen)

    def chosen(self, solver: cp_model.CpSolver) -> tuple[int, ...]:
        """The wave of every unit in the solver's solution, 0 for one that stays out."""
        return tuple(
            next((w for w, t in terms.items() if isinstance(t, int) or solver.boolean_value(t)), 0)
            for terms in self._terms
        )

    def _choose(self, choices: Sequence[int]) -> dict[int, Term]:
        if len(choices) == 1:
            return {choices[0]: 1}
        terms: dict[int, Term] = {wave: self.model.new_bool_var("") for wave in choices}
        if terms:
            self.model.add_exactly_one(terms.values())
        return terms


def sum_of(weighted: Iterable[tuple[int, Term]]) -> Sum:
    """A weighted sum in which what is constant is folded."""
    constant, terms, weights = 0, [], []
    for weight, term in weighted:
        if isinstance(term, int):
            constant += weight * term
        elif weight:
            terms.append(term)
            weights.append(weight)
    if not terms:
        return constant
    return cp_model.LinearExpr.weighted_sum(terms, weights) + constant


def scale_of(amounts: Iterable[float]) -> int:
    """The smallest power of ten that makes all amounts whole, at most a million."""
    scale = 1
    for amount in amounts:
        while scale < MAX_SCALE and abs(amount * scale - round(amount * scale)) > 1e-6:
            scale *= 10
    return scale


def whole_up(amount: float, scale: int) -> int:
    """A demand as a whole number, never less than it is."""
    return math.ceil(amount * scale - 1e-6)


def whole_down(amount: float, scale: int) -> int:
    """A capacity as a whole number, never more than it is."""
    return math.floor(amount * scale + 1e-6)
