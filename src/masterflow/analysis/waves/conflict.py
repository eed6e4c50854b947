"""Why no plan exists: a smallest set of rules that cannot hold together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from masterflow.analysis.waves.placement import Placement
from masterflow.analysis.waves.plan import ConflictItem
from masterflow.analysis.waves.rules import Capacity, Freeze, Load, Rule, TeamLimit, hard_rules
from masterflow.analysis.waves.solver import Answer, Solver
from masterflow.analysis.waves.types import WaveInstance

T = TypeVar("T")

WORK_OF_CORE, WORK_OF_QUESTION = 4.0, 1.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that cannot hold together; `minimal` is false when the work limit came before the last one was tried."""

    items: tuple[ConflictItem, ...]
    minimal: bool


def explain(instance: WaveInstance, solver: Solver) -> Conflict:
    """A minimal conflict of a task that has no plan: taking any one of its rules away makes the others agree.

    The solver's own reason (sufficient assumptions) is a set that is enough but not minimal; rules are then taken away
    from it, whole runs first, as long as the rest still cannot hold together.
    """
    if not instance.waves:
        sentence = f"There are {len(instance.applications):,} applications to move, but no waves."
        return Conflict((ConflictItem(kind="no_waves", applications=(), enough=True, sentence=sentence),), minimal=True)
    inquiry = _Inquiry(instance, solver)
    everything = tuple(a.id for a in instance.applications)
    core = inquiry.core(hard_rules(instance))
    rules, sure = _shrink(core, lambda some: inquiry.impossible(some, everything))
    concerned, _ = _shrink(everything, lambda some: inquiry.impossible(rules, some))
    items = tuple(_item(rule, concerned, inquiry.enough(rule)) for rule in rules)
    return Conflict(items, minimal=sure)


def _shrink(items: Sequence[T], impossible: Callable[[Sequence[T]], bool | None]) -> tuple[tuple[T, ...], bool]:
    """Drop items, in long runs and then one by one, while the rest stays impossible; also: was every answer sure?

    One pass with runs of one is enough for a minimum that no item can leave: what was needed once stays needed when
    others go.
    """
    kept, sure = tuple(items), True
    run = max(1, len(kept) // 2)
    while True:
        position = 0
        while position < len(kept):
            rest = kept[:position] + kept[position + run :]
            answer = impossible(rest)
            if answer:
                kept = rest
            else:
                sure = sure and (answer is not None or run > 1)
                position += run
        if run == 1:
            return kept, sure
        run //= 2


class _Inquiry:
    """Asks the solver whether rules can hold together for applications."""

    def __init__(self, instance: WaveInstance, solver: Solver) -> None:
        self._instance = instance
        self._solver = solver

    def core(self, rules: Sequence[Rule]) -> tuple[Rule, ...]:
        """The rules that the solver's proof used; all of them when it found no proof in time."""
        placement = self._placement(a.id for a in self._instance.applications)
        switches = [placement.model.new_bool_var("") for _ in rules]
        for rule, switch in zip(rules, switches, strict=True):
            rule.bind(placement, only_if=switch)
        placement.model.add_assumptions(switches)
        used = self._solver.used_assumptions(placement, work=WORK_OF_CORE)
        if used is None:
            return tuple(rules)
        return tuple(rule for rule, switch in zip(rules, switches, strict=True) if switch.index in used)

    def impossible(self, rules: Sequence[Rule], applications: Sequence[str]) -> bool | None:
        """Whether the applications cannot all be placed under the rules; None when that stays open."""
        placement = self._placement(applications)
        for rule in rules:
            rule.bind(placement)
        answer = self._solver.solve(placement, work=WORK_OF_QUESTION).answer
        return None if answer is Answer.OPEN else answer is Answer.IMPOSSIBLE

    def enough(self, given_up: Rule) -> bool | None:
        """Whether a plan exists when one rule of the whole task is given up."""
        others = [rule for rule in hard_rules(self._instance) if rule != given_up]
        answer = self.impossible(others, [a.id for a in self._instance.applications])
        return None if answer is None else not answer

    def _placement(self, applications: Iterable[str]) -> Placement:
        waves = tuple(wave.number for wave in self._instance.waves)
        placed = set(applications)
        units = [(a.id,) for a in self._instance.applications]
        return Placement(units, [waves if unit[0] in placed else () for unit in units], waves=waves)


def _item(rule: Rule, concerned: Sequence[str], enough: bool | None) -> ConflictItem:
    applications = rule.applications
    if isinstance(rule, Load | Freeze):
        applications = tuple(a for a in applications if a in concerned)
    return ConflictItem(
        kind=rule.kind,
        applications=applications,
        wave=rule.wave,
        resource=rule.resource if isinstance(rule, Capacity) else None,
        team=rule.team if isinstance(rule, TeamLimit) else None,
        enough=enough,
        sentence=rule.sentence(applications),
    )
